// The whole screen of an agent at work.

import { Button } from "@mantine/core";
import { lazy, useState, type ReactElement } from "react";
import { useLocation } from "wouter";
import { CODES } from "../codes";
import { StateContext, useDesk, useFloor, useStore } from "../hooks";
import { m } from "../paraglide/messages.js";
import { inbox, unread } from "../state";
import { Administered, useAdministers } from "./Administered";
import { useAlerts } from "./alerts";
import { Announcer } from "./Announcer";
import { useCommands } from "./commands";
import { Confirm } from "./Dialog";
import css from "./Floor.module.css";
import { useFocusKept } from "./focus";
import { useHand } from "./hand";
import { Header } from "./Header";
import { Inbox } from "./Inbox";
import { Late, useEarly } from "./Late";
import { Main } from "./Main";
import { whoCalls } from "./names";
import { ContactPanel } from "./people/ContactPanel";
import { Doors } from "./people/Doors";
import { useContactsFound } from "./people/found";
import { isContacts, usePane } from "./people/pane";
import { Queues } from "./Queues";
import { useShown, WORK, type Shown } from "./shown";
import { useDeeds, useShortcuts, type Deeds } from "./shortcuts";
import { Strip } from "./Strip";
import { useTitle } from "./title";
import { Waiting } from "./Waiting";

// What is not needed at once is loaded when it is.
const LATE = {
  palette: () => import("./Palette"),
  history: () => import("./History"),
  settings: () => import("./Settings"),
  help: () => import("./Help"),
  contacts: () => import("./people/ContactsPage"),
};
const Palette = lazy(LATE.palette);
const History = lazy(LATE.history);
const Settings = lazy(LATE.settings);
const Help = lazy(LATE.help);
const ContactsPage = lazy(LATE.contacts);
const ALL_LATE = Object.values(LATE);

/** What stands in front of the page. */
type Front = "palette" | "history" | "settings" | "help" | "hang_up";

/** The panel that a narrow screen shows. */
type Pane = "main" | "inbox" | "queues";

export function Floor({ onSignOut }: { onSignOut(): void }): ReactElement {
  const desk = useDesk();
  const state = useStore(desk.state);
  const refusal = useStore(desk.refusal);
  if (refusal?.elsewhere === true) {
    return (
      <Waiting text={m.elsewhere()}>
        {/* Loaded anew it gets a name that no other page has: both can be used. */}
        <Button autoFocus onClick={() => location.reload()} data-testid="use-here">
          {m.use_here()}
        </Button>
      </Waiting>
    );
  }
  if (state === null) {
    return (
      <Waiting text={refusal === null ? null : CODES[refusal.code]()}>
        {refusal !== null && (
          <Button variant="default" onClick={onSignOut}>
            {m.sign_out()}
          </Button>
        )}
      </Waiting>
    );
  }
  return (
    <StateContext value={state}>
      <Work onSignOut={onSignOut} />
    </StateContext>
  );
}

function Work({ onSignOut }: { onSignOut(): void }): ReactElement {
  const [front, setFront] = useState<Front | null>(null);
  const [pane, setPane] = useState<Pane>("main");
  const [came, setCame] = useState(false);
  const { holds, in: columns, on } = useHand();
  const { administers, leave } = useAdministers();
  const contact = usePane(holds);
  const [at, go] = useLocation();
  const choose = (next: Pane): void => {
    setPane(next);
    if (next === "main") setCame(false);
  };
  // What comes by itself takes nothing away from under a hand; then its tab says that it is there.
  const shown = useShown((asked) => {
    if (asked) leave();
    if (asked || !holds) choose("main");
    else setCame(pane !== "main");
  });
  const deeds = useDeeds(
    {
      palette: () => setFront("palette"),
      history: () => setFront("history"),
      settings: () => setFront("settings"),
      help: () => setFront("help"),
      hangUp: () => setFront("hang_up"),
      contact: contact.search,
      newContact: contact.make,
    },
    shown,
  );
  useShortcuts(deeds, administers);
  useFocusKept();
  useContactsFound();
  useEarly(ALL_LATE);
  useTitle();
  useAlerts(shown);
  return (
    <div className={css.page}>
      <Header onSignOut={onSignOut} deeds={deeds} contact={<Doors pane={contact} />} />
      <Strip shown={shown} />
      <Administered>
        {isContacts(at) ? (
          <Late onFail={() => go(WORK)}>
            <ContactsPage />
          </Late>
        ) : (
          <>
            <main ref={columns} className={css.columns} data-pane={pane} data-contact={contact.open} data-held={holds} {...on}>
              <Queues />
              <Inbox shown={shown} />
              <Main shown={shown} />
              {contact.open && <ContactPanel shown={shown} className={css.contact} onClose={() => contact.set(false)} onBack={contact.back} />}
            </main>
            <Panes pane={pane} came={came} onChoose={choose} />
          </>
        )}
      </Administered>
      <Announcer shown={shown} />
      <Fronts front={front} onFront={setFront} deeds={deeds} shown={shown} onSignOut={onSignOut} />
    </div>
  );
}

interface FrontsProps {
  front: Front | null;
  onFront(change: (now: Front | null) => Front | null): void;
  deeds: Deeds;
  shown: Shown;
  onSignOut(): void;
}

/** What stands in front of the page, if anything does. */
function Fronts({ front, onFront, deeds, shown, onSignOut }: FrontsProps): ReactElement {
  const desk = useDesk();
  const { active } = useFloor().agent;
  // One that goes closes itself alone, and not what came after it.
  const closes = (what: Front) => (): void => onFront((now) => (now === what ? null : now));
  return (
    <>
      {front === "hang_up" && active?.kind === "call" && (
        <Confirm
          title={m.hang_up_title()}
          text={m.hang_up_text({ caller: whoCalls(active) })}
          yes={m.hang_up()}
          testid="hang-up-confirm"
          onYes={() => desk.do({ do: "hang_up", call: active.call })}
          onClose={closes("hang_up")}
        />
      )}
      <Late onFail={() => onFront(() => null)}>
        {front === "palette" && <Commands deeds={deeds} shown={shown} onSignOut={onSignOut} onClose={closes("palette")} />}
        {front === "history" && <History onClose={closes("history")} />}
        {front === "settings" && <Settings onClose={closes("settings")} />}
        {front === "help" && <Help onClose={closes("help")} />}
      </Late>
    </>
  );
}

interface CommandsProps {
  deeds: Deeds;
  shown: Shown;
  onSignOut(): void;
  onClose(): void;
}

function Commands({ deeds, shown, onSignOut, onClose }: CommandsProps): ReactElement {
  return <Palette entries={useCommands(deeds, shown, onSignOut)} onClose={onClose} />;
}

interface PanesProps {
  pane: Pane;
  /** Whether something became active by itself that has not been looked at. */
  came: boolean;
  onChoose(pane: Pane): void;
}

/** Where there is room for one panel only, it is chosen here. */
function Panes({ pane, came, onChoose }: PanesProps): ReactElement {
  const state = useFloor();
  const waiting = state.queues.reduce((sum, queue) => sum + queue.waiting.length, 0);
  const items = inbox(state);
  const count = items.length + state.agent.call_wrap_ups.length;
  const news = items.some(({ view }) => "page" in view && unread(view, state.messages.get(view.chat)) > 0);
  const choices = [
    { pane: "main", name: m.pane_main(), count: null, label: "", news: came },
    { pane: "inbox", name: m.inbox(), count, label: m.inbox_count({ count }), news },
    { pane: "queues", name: m.queues(), count: waiting, label: m.queues_count({ count: waiting }), news: false },
  ] as const;
  return (
    <nav className={css.panes} aria-label={m.panes()}>
      {choices.map((one) => (
        <button
          key={one.pane}
          type="button"
          aria-current={one.pane === pane ? "true" : undefined}
          onClick={() => onChoose(one.pane)}
          data-testid="pane"
          data-pane={one.pane}
        >
          {one.name}
          {one.count === null && one.news && (
            <>
              <span className={css.mark} aria-hidden="true" data-testid="came" />
              <span className="hidden">, {m.pane_came()}</span>
            </>
          )}
          {one.count !== null && (
            <>
              <span className={css.count} data-news={one.news} aria-hidden="true">
                {one.count}
              </span>
              <span className="hidden">
                , {one.label}
                {one.news && `, ${m.pane_news()}`}
              </span>
            </>
          )}
        </button>
      ))}
    </nav>
  );
}
