// The administration: what the company has on the left, one list or one form of it beside it.
// Loaded when somebody comes here; the agents' page knows nothing of it but the way.

import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type ReactElement } from "react";
import { Link, Router, useLocation } from "wouter";
import { Confirm } from "../../view/Dialog";
import { Icon } from "../../view/Icon";
import { m } from "../../paraglide/messages.js";
import { licence } from "../api";
import { KIND } from "../kinds";
import { KINDS, pathOf, placeOf, type Place } from "../place";
import { unsaved } from "../unsaved";
import css from "./Administration.module.css";
import { Changes } from "./Changes";
import { Form } from "./Form";
import { Licence, LicenceBanner, type Asked } from "./Licence";
import { List } from "./List";

// What few look at, or not for long.
const FirstSteps = lazy(async () => ({ default: (await import("./FirstSteps")).FirstSteps }));
const ApiReference = lazy(async () => ({ default: (await import("./ApiReference")).ApiReference }));

export default function Administration(): ReactElement {
  const [leaving, setLeaving] = useState<{ go(): void } | null>(null);
  const [visit, setVisit] = useState(0);
  // Where something is not saved, it is asked first.
  const around = useCallback((navigate: Navigate, to: string, options?: Options): void => {
    const go = (): void => {
      // Whoever goes to where they are wants to see it as it is now.
      if (to === location.pathname) setVisit((before) => before + 1);
      navigate(to, options);
    };
    if (unsaved.get() === null) go();
    else setLeaving({ go });
  }, []);
  const words = unsaved.get()?.words;
  return (
    <Router aroundNav={around}>
      <Pages visit={visit} />
      {leaving !== null && (
        <Confirm
          title={words?.title ?? m.admin_leave_title()}
          text={words?.text ?? m.admin_leave_text()}
          yes={words?.yes ?? m.admin_leave()}
          no={m.admin_stay()}
          testid="admin-leave"
          onYes={() => {
            unsaved.get()?.discard();
            unsaved.set(null);
            leaving.go();
          }}
          onClose={() => setLeaving(null)}
        />
      )}
    </Router>
  );
}

type Options = { replace?: boolean; state?: unknown };
type Navigate = (to: string, options?: Options) => void;

function Pages({ visit }: { visit: number }): ReactElement {
  const [path] = useLocation();
  const place = useMemo(() => placeOf(path), [path]);
  const [asked, ask] = useLicence(path);
  const page = useRef<HTMLElement>(null);
  const last = useRef(path);
  // Whoever goes to another page is there with the keyboard too, unless it is somewhere already.
  useEffect(() => {
    if (last.current !== path || document.activeElement === document.body) page.current?.focus({ preventScroll: true });
    last.current = path;
  }, [path]);
  return (
    <main className={css.administration} data-testid="administration">
      <Sections place={place} />
      {/* Can be scrolled by keyboard, hence the tab stop. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <section ref={page} className={css.page} tabIndex={0} aria-label={titleOf(place)} key={`${path} ${visit}`} data-page={place.page}>
        {/* What is told above it is known first: nothing moves. */}
        {asked !== null && (
          <>
            {asked.ok && place.page !== "licence" && <LicenceBanner licence={asked.value} />}
            <Page place={place} asked={asked} onInstalled={ask} />
          </>
        )}
      </section>
    </main>
  );
}

/** What holds by the licence, asked anew on each page: somebody may stay here for days. And how it is asked for again. */
function useLicence(path: string): [Asked, () => void] {
  const [asked, setAsked] = useState<Asked>(null);
  const ask = useCallback((): void => void licence().then(setAsked), []);
  useEffect(ask, [ask, path]);
  return [asked, ask];
}

function Page({ place, asked, onInstalled }: { place: Place; asked: Asked; onInstalled(): void }): ReactElement {
  switch (place.page) {
    case "list":
      return <List kind={place.kind} />;
    case "new":
      return <Form kind={place.kind} id={null} />;
    case "thing":
      return <Form kind={place.kind} id={place.id} />;
    case "company":
      return <Form kind="company" id={null} />;
    case "licence":
      return <Licence asked={asked} onInstalled={onInstalled} />;
    case "changes":
      return <Changes />;
    case "start":
      return (
        <Suspense>
          <FirstSteps licence={asked} />
        </Suspense>
      );
    case "api":
      return (
        <Suspense>
          <ApiReference />
        </Suspense>
      );
  }
}

function titleOf(place: Place): string {
  if (place.page === "start") return m.start();
  if (place.page === "company") return m.admin_company();
  if (place.page === "licence") return m.licence();
  if (place.page === "api") return m.admin_api();
  return place.page === "changes" ? m.admin_changes() : KIND[place.kind].title();
}

const SECTIONS: readonly Place[] = [
  { page: "start" },
  ...KINDS.map((kind): Place => ({ page: "list", kind })),
  { page: "company" },
  { page: "licence" },
  { page: "changes" },
  { page: "api" },
];

function Sections({ place }: { place: Place }): ReactElement {
  const nav = useRef<HTMLElement>(null);
  // On a narrow page they are one line, of which the present one may be out of sight.
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
  }, [place]);
  return (
    <nav ref={nav} className={css.sections} aria-label={m.admin_sections()}>
      <Link href="/" className={css.back} data-testid="admin-back">
        <Icon name="back" size={16} />
        {m.admin_back()}
      </Link>
      <ul>
        {SECTIONS.map((one) => (
          <li key={pathOf(one)}>
            <Link href={pathOf(one)} aria-current={isIn(place, one) ? "page" : undefined} data-testid="admin-section" data-section={pathOf(one).split("/")[2]}>
              {titleOf(one)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function isIn(place: Place, section: Place): boolean {
  return "kind" in place && "kind" in section ? place.kind === section.kind : place.page === section.page;
}
