// The bar on top: who works here, whether, and whether calls may ring.

import { ActionIcon, Tooltip } from "@mantine/core";
import { useState, type ReactElement, type ReactNode } from "react";
import { UNAVAILABLE, phoneSaid } from "../codes";
import { useDesk, useFloor, useOnline, useSending, useStore } from "../hooks";
import { timeOf } from "../locale";
import { m } from "../paraglide/messages.js";
import type { AgentView, BreakReasonView, ChatsOff as Off, PresenceView } from "../../../web-shared/src/protocol/agent";
import { openAtLogout, type OpenWork } from "../rules";
import { Act, Try } from "./Act";
import { useAdministers } from "./Administered";
import { breakName, breakPendingName, Breaks } from "./Breaks";
import { Since } from "./Clock";
import { Confirm } from "./Dialog";
import css from "./Header.module.css";
import { Icon, Mark } from "./Icon";
import { InShort } from "./InShort";
import { keyShortcut, type Deeds } from "./shortcuts";
import { LanguageSwitch, SchemeSwitch, SoundSwitch } from "./Switches";

/** `contact`: what leads to customers. */
export function Header({ onSignOut, deeds, contact }: { onSignOut(): void; deeds: Deeds; contact: ReactNode }): ReactElement {
  const { session } = useDesk();
  const { agent } = useFloor();
  return (
    <header className={css.bar}>
      <div className={css.who}>
        <Mark size={30} />
        <div className={css.names}>
          <h1 dir="auto" title={agent.name}>
            {agent.name}
          </h1>
          <p dir="auto" title={session.company}>
            {session.company}
          </p>
        </div>
      </div>
      <Presence agent={agent} />
      <div className={css.acts}>
        <Rest agent={agent} />
        <Work agent={agent} />
      </div>
      <div className={css.switches}>
        <Connected />
        <LanguageSwitch />
        <SoundSwitch />
        <SchemeSwitch />
        {contact}
        <IconButton icon="clock" name={m.history()} keys={keyShortcut("history")} onClick={deeds.history.run} testid="history-open" />
        <IconButton icon="sliders" name={m.settings()} keys={keyShortcut("settings")} onClick={deeds.settings.run} testid="settings-open" />
        <ToAdministration />
        <IconButton icon="help" name={m.help()} onClick={deeds.help.run} />
        <SignOut onSignOut={onSignOut} />
      </div>
    </header>
  );
}

/** Offline it is what was last heard, and not said in green. */
function Presence({ agent: { presence, break_pending } }: { agent: AgentView }): ReactElement {
  const { breakReasons } = useFloor();
  const online = useOnline();
  const name = presenceName(presence, breakReasons);
  // A break that waits is what matters: nothing new comes any more.
  const pending = break_pending === null ? null : breakPendingName(break_pending, breakReasons);
  return (
    <p
      className={css.presence}
      data-testid="presence"
      data-presence={presence.presence}
      data-pending={pending !== null}
      data-online={online}
      title={pending === null ? name : `${pending}. ${m.break_pending_hint()}`}
    >
      <span className={css.pill}>
        <span className={css.dot} aria-hidden="true" />
        {pending === null ? (
          <span className={css.presenceName}>{name}</span>
        ) : (
          <span className={css.presenceName} data-testid="break-pending" role="status">
            {pending}
          </span>
        )}
        {!online && <span className="hidden"> ({m.offline_short()})</span>}
        {presence.presence === "break" && <Since at={presence.since} />}
      </span>
    </p>
  );
}

/** All about breaks, and the beginning of work: always in this place. */
function Rest({ agent }: { agent: AgentView }): ReactElement {
  const obstacle = useOnline() ? null : "offline";
  const login = (text: string): ReactElement => (
    <Act command={{ do: "log_in" }} obstacle={obstacle} testid="work-login" fullWidth>
      {text}
    </Act>
  );
  switch (agent.presence.presence) {
    case "logged_out":
      return <div>{login(m.log_in())}</div>;
    case "available":
    case "unavailable":
      return (
        <div>
          <Breaks agent={agent} />
        </div>
      );
    case "break":
      return <div>{login(m.break_end())}</div>;
    case "logging_out":
      return <div />;
  }
}

/** The end of work, in its own place. */
function Work({ agent }: { agent: AgentView }): ReactElement {
  const obstacle = useOnline() ? null : "offline";
  switch (agent.presence.presence) {
    case "logged_out":
      return <div />;
    case "available":
    case "unavailable":
    case "break":
      return (
        <div>
          <LogOut />
        </div>
      );
    case "logging_out":
      return (
        <div>
          <Act command={{ do: "log_in" }} obstacle={obstacle} testid="work-login" fullWidth>
            {m.log_out_cancel()}
          </Act>
        </div>
      );
  }
}

/** Asks first if anything is open. */
function LogOut(): ReactElement {
  const state = useFloor();
  const desk = useDesk();
  const online = useOnline();
  // As it was at the click: what happens meanwhile moves nothing under the pointer.
  const [asking, setAsking] = useState<OpenWork | null>(null);
  const logOut = (): void => desk.do({ do: "log_out" });
  return (
    <>
      <Try
        obstacle={online ? null : "offline"}
        loading={useSending([{ do: "log_out" }])}
        variant="default"
        fullWidth
        testid="work-logout"
        onTry={() => {
          const open = openAtLogout(state);
          if (open === null) logOut();
          else setAsking(open);
        }}
      >
        <InShort short={m.log_out_short()}>{m.log_out()}</InShort>
      </Try>
      {asking !== null && (
        <Confirm
          title={m.log_out_title()}
          text={<Open work={asking} />}
          yes={m.log_out()}
          no={m.log_out_cancel()}
          testid="work-logout-confirm"
          onYes={logOut}
          onClose={() => setAsking(null)}
        />
      )}
    </>
  );
}

/** What is open, and what becomes of it. */
function Open({ work: { rings, talks, chats, tasks, wrapUps, closed } }: { work: OpenWork }): ReactElement {
  const lines = [
    talks && m.log_out_talks(),
    rings && m.log_out_rings(),
    chats > 0 && m.log_out_chats({ items: chats }),
    tasks > 0 && m.log_out_tasks({ items: tasks }),
    wrapUps > 0 && m.log_out_wrap_ups({ items: wrapUps }),
    closed > 0 && m.log_out_closed({ items: closed }),
  ];
  return (
    <ul className={css.open} data-testid="work-open">
      {lines.filter((line) => line !== false).map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

/** Whether anything rings or comes, and how to come back. */
export function CallsState({ agent }: { agent: AgentView }): ReactElement {
  const online = useOnline();
  const { calls, presence } = agent;
  const works = presence.presence === "available" || presence.presence === "logging_out";
  const name = works ? callsName(agent) : presence.presence === "unavailable" ? m.calls_unavailable() : m.calls_none();
  const back = presence.presence === "unavailable" ? m.log_in_again() : m.calls_open_again();
  return (
    <div
      className={css.calls}
      data-calls={works ? calls.calls : "none"}
      data-online={online}
      data-testid="calls"
      title={name}
    >
      <Icon name={works && calls.calls === "no_phone" ? "chat" : "phone"} size={16} />
      <span className={css.callsName}>{name}</span>
      {(presence.presence === "unavailable" || (works && calls.calls === "blocked" && calls.until === null)) && (
        <Act
          command={{ do: "log_in" }}
          obstacle={online ? null : "offline"}
          variant="light"
          color="orange"
          testid={presence.presence === "unavailable" ? "work-login" : "calls-open"}
        >
          {back}
        </Act>
      )}
    </div>
  );
}

/** Too many were not turned to. */
export function ChatsBlocked(): ReactElement {
  const online = useOnline();
  return (
    <div className={css.calls} data-calls="blocked" title={m.chats_blocked_hint()} data-testid="chats-blocked">
      <Icon name="chat" size={16} />
      <span className={css.callsName}>{m.chats_blocked()}</span>
      <Act command={{ do: "log_in" }} obstacle={online ? null : "offline"} variant="light" color="orange">
        {m.chats_open_again()}
      </Act>
    </div>
  );
}

/** No new ones come, by the company's licence. */
export function ChatsOff({ why }: { why: Off }): ReactElement {
  const said = why === "unlicensed" ? m.chats_unlicensed() : m.chats_beyond_licence();
  return (
    <div className={css.calls} data-calls="blocked" title={said} role="status" data-testid="chats-off">
      <Icon name="chat" size={16} />
      <span className={css.callsName}>{said}</span>
    </div>
  );
}

/** Asks first if the agent has not logged out of work. */
function SignOut({ onSignOut }: { onSignOut(): void }): ReactElement {
  const { presence } = useFloor().agent;
  const [asking, setAsking] = useState(false);
  const out = presence.presence === "logged_out";
  return (
    <>
      <IconButton
        icon="door"
        name={m.sign_out()}
        onClick={() => (out ? onSignOut() : setAsking(true))}
        testid="sign-out"
      />
      {asking && (
        <Confirm
          title={m.sign_out_title()}
          text={m.sign_out_text()}
          yes={m.sign_out()}
          testid="sign-out-confirm"
          onYes={onSignOut}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

/** There, and back again. */
function ToAdministration(): ReactElement | null {
  const { may, administers, enter, leave } = useAdministers();
  if (!may) return null;
  return (
    <IconButton
      icon={administers ? "chat" : "building"}
      name={administers ? m.admin_back() : m.admin()}
      onClick={administers ? leave : enter}
      testid="administration-open"
    />
  );
}

function Connected(): ReactElement {
  const link = useStore(useDesk().link);
  const online = link === "online";
  const name = online ? m.online() : m.offline_short();
  return (
    <Tooltip label={name}>
      <span className={css.connection} role="img" aria-label={name} data-testid="connection" data-online={online}>
        <span className={css.dot} aria-hidden="true" />
      </span>
    </Tooltip>
  );
}

interface IconButtonProps {
  icon: "help" | "door" | "clock" | "sliders" | "building" | "chat";
  keys?: string;
  name: string;
  testid?: string;
  onClick(): void;
}

function IconButton({ icon, name, keys, testid, onClick }: IconButtonProps): ReactElement {
  return (
    <Tooltip label={name}>
      <ActionIcon
        variant="subtle"
        color="gray"
        c="var(--ink-2)"
        size={30}
        onClick={onClick}
        aria-label={name}
        aria-keyshortcuts={keys}
        data-testid={testid}
      >
        <Icon name={icon} />
      </ActionIcon>
    </Tooltip>
  );
}

function presenceName(presence: PresenceView, reasons: readonly BreakReasonView[]): string {
  switch (presence.presence) {
    case "logged_out":
      return m.presence_logged_out();
    case "available":
      return m.presence_available();
    case "break":
      return breakName(presence.reason, reasons);
    case "unavailable":
      return UNAVAILABLE[presence.reason]();
    case "logging_out":
      return m.presence_logging_out();
  }
}

function callsName({ calls, protected_until }: AgentView): string {
  switch (calls.calls) {
    case "open":
      return protected_until === null ? m.calls_open() : m.calls_protected_until({ time: timeOf(protected_until) });
    case "blocked":
      if (calls.until === null) return m.calls_blocked();
      return calls.says === null
        ? m.calls_blocked_until({ time: timeOf(calls.until) })
        : m.calls_refused_until({ said: phoneSaid(calls.says), time: timeOf(calls.until) });
    case "phone_lost":
      return m.calls_phone_lost();
    case "no_phone":
      return m.calls_no_phone();
  }
}
