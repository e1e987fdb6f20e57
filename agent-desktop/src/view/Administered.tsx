// The way to the administration: it stands in the place of the floor where the address says so, for those who administer.

import { lazy, type ReactNode } from "react";
import { useLocation } from "wouter";
import { isAdministration } from "../administration/place";
import { useDesk } from "../hooks";
import { may as mayDo } from "../session";
import { Late } from "./Late";

const Administration = lazy(() => import("../administration/view/Administration"));

export interface Administers {
  /** Whether they may at all. */
  readonly may: boolean;
  /** Whether the administration is what is seen. */
  readonly administers: boolean;
  enter(): void;
  /** To the floor, from wherever. */
  leave(): void;
}

export function useAdministers(): Administers {
  const { session } = useDesk();
  const [path, navigate] = useLocation();
  const may = mayDo(session, "company");
  const administers = may && isAdministration(path);
  return { may, administers, enter: () => navigate("/administration/queues"), leave: () => administers && navigate("/") };
}

export function Administered({ children }: { children: ReactNode }): ReactNode {
  const { administers, leave } = useAdministers();
  if (!administers) return children;
  return (
    <Late onFail={leave}>
      <Administration />
    </Late>
  );
}
