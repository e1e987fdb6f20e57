// Who sits here: nobody (sign in), or somebody with a desk.

import { lazy, useEffect, useState, type ReactElement } from "react";
import { useLocation } from "wouter";
import { Desk } from "../desk";
import { drafts } from "../drafts";
import { DeskContext, useStore } from "../hooks";
import { locale } from "../locale";
import { m } from "../paraglide/messages.js";
import { loadPreferences } from "../preferences";
import type { CurrentSession } from "../../../web-shared/src/protocol/rest";
import { currentSession, signOut } from "../session";
import { isSetup } from "../setup";
import { Floor } from "./Floor";
import { Late } from "./Late";
import { FIRST_STEPS } from "../administration/place";
import { Login } from "./Login";
import { Waiting } from "./Waiting";

type Who =
  | { kind: "unknown" }
  | { kind: "unreachable" }
  | { kind: "nobody"; expired: boolean }
  | { kind: "somebody"; session: CurrentSession };

// Once in the life of an installation.
const Setup = lazy(() => import("./Setup"));

const ASK_AGAIN_MS = 3_000;

export function App(): ReactElement {
  const [who, setWho] = useState<Who>({ kind: "unknown" });
  // A new language draws everything anew.
  const language = useStore(locale);
  const [path, navigate] = useLocation();

  useEffect(() => {
    if (who.kind !== "unknown" && who.kind !== "unreachable") return undefined;
    let gone = false;
    const ask = async (): Promise<void> => {
      const outcome = await currentSession();
      if (gone) return;
      if (!outcome.ok) setWho({ kind: "unreachable" });
      else if (outcome.value === null) setWho({ kind: "nobody", expired: false });
      else setWho({ kind: "somebody", session: outcome.value });
    };
    const timer = setTimeout(() => void ask(), who.kind === "unknown" ? 0 : ASK_AGAIN_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [who]);

  switch (who.kind) {
    case "unknown":
      return <Waiting key={language} text={null} />;
    case "unreachable":
      return <Waiting key={language} text={m.unreachable()} />;
    case "nobody":
      if (isSetup(path)) {
        const begun = (session: CurrentSession): void => {
          navigate(FIRST_STEPS, { replace: true });
          setWho({ kind: "somebody", session });
        };
        return (
          <Late key={language} onFail={() => setWho({ kind: "unreachable" })}>
            <Setup onBegun={begun} onLogIn={() => navigate("/", { replace: true })} />
          </Late>
        );
      }
      return (
        <Login key={language} expired={who.expired} onSignedIn={(session) => setWho({ kind: "somebody", session })} />
      );
    case "somebody":
      return (
        <Signed
          key={who.session.name}
          session={who.session}
          language={language}
          onGone={(expired) => setWho({ kind: "nobody", expired })}
        />
      );
  }
}

interface SignedProps {
  session: CurrentSession;
  language: string;
  onGone(expired: boolean): void;
}

function Signed({ session, language, onGone }: SignedProps): ReactElement {
  const desk = useOpenDesk(session, onGone);
  if (desk === null) return <Waiting text={null} />;
  const leave = async (): Promise<void> => {
    const outcome = await signOut();
    if (!outcome.ok) return;
    drafts.clear();
    onGone(false);
  };
  return (
    <DeskContext value={desk}>
      <Floor key={language} onSignOut={() => void leave()} />
    </DeskContext>
  );
}

function useOpenDesk(session: CurrentSession, onGone: (expired: boolean) => void): Desk | null {
  const [desk, setDesk] = useState<Desk | null>(null);
  useEffect(() => {
    let gone = false;
    let opened: Desk | null = null;
    const open = async (): Promise<void> => {
      const mine = await Desk.open(session, () => onGone(true));
      if (gone) return;
      opened = mine;
      drafts.begin(session.name, Date.now());
      void loadPreferences();
      mine.start();
      setDesk(mine);
    };
    void open();
    return () => {
      gone = true;
      opened?.stop();
    };
    // The desk belongs to the session; whom to tell of its end is asked at that time only.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [session]);
  return desk;
}
