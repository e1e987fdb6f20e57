// The bar on top: who works here, whether, and whether calls may ring.

import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { UNAVAILABLE, phoneSaid } from "../codes";
import { useDesk, useFloor, useOnline, useStore } from "../hooks";
import { timeOfDay } from "../locale";
import { m } from "../paraglide/messages.js";
import type { AgentView, BreakReasonView, PresenceView } from "../protocol/agent";
import { goBackAtLogout } from "../rules";
import { Act } from "./Act";
import { Breaks, breakName } from "./Breaks";
import { Since } from "./Clock";
import { Confirm } from "./Dialog";
import css from "./Header.module.css";
import { Icon, Mark } from "./Icon";
import { LanguageSwitch, SchemeSwitch, SoundSwitch } from "./Switches";

export function Header({ onSignOut, onHelp }: { onSignOut(): void; onHelp(): void }): ReactElement {
  const { session } = useDesk();
  const { agent } = useFloor();
  return (
    <header className={css.bar}>
      <div className={css.who}>
        <Mark size={30} />
        <div className={css.names}>
          <h1>{agent.name}</h1>
          <p>{session.company}</p>
        </div>
      </div>
      <div className={css.work}>
        <Presence presence={agent.presence} />
        <PresenceButtons agent={agent} />
        {works(agent.presence) && <Calls agent={agent} />}
        {agent.chats_blocked && works(agent.presence) && <ChatsBlocked />}
      </div>
      <div className={css.switches}>
        <Connected />
        <LanguageSwitch />
        <SoundSwitch />
        <SchemeSwitch />
        <IconButton icon="help" name={m.help()} onClick={onHelp} />
        <SignOut onSignOut={onSignOut} />
      </div>
    </header>
  );
}

/** Whether it matters to them what comes. */
function works({ presence }: PresenceView): boolean {
  return presence !== "logged_out" && presence !== "break";
}

function Presence({ presence }: { presence: PresenceView }): ReactElement {
  const { breakReasons } = useFloor();
  const name = presenceName(presence, breakReasons);
  return (
    <p className={css.presence} data-testid="presence" data-presence={presence.presence} title={name}>
      <span className={css.dot} aria-hidden="true" />
      <span className={css.presenceName}>{name}</span>
      {presence.presence === "break" && <Since at={presence.since} />}
    </p>
  );
}

function PresenceButtons({ agent }: { agent: AgentView }): ReactElement {
  const online = useOnline();
  const obstacle = online ? null : "offline";
  const login = (text: string): ReactElement => (
    <Act command={{ do: "log_in" }} obstacle={obstacle} testid="work-login">
      {text}
    </Act>
  );
  switch (agent.presence.presence) {
    case "logged_out":
      return login(m.log_in());
    case "available":
      return (
        <>
          <Breaks agent={agent} />
          <LogOut />
        </>
      );
    case "break":
      return (
        <>
          {login(m.break_end())}
          <LogOut />
        </>
      );
    case "unavailable":
      return (
        <>
          {login(m.log_in_again())}
          <Breaks agent={agent} />
          <LogOut />
        </>
      );
    case "logging_out":
      return login(m.log_out_cancel());
  }
}

/** Asks first if somebody would have to wait again. */
function LogOut(): ReactElement {
  const state = useFloor();
  const desk = useDesk();
  const online = useOnline();
  const [asking, setAsking] = useState(false);
  const items = goBackAtLogout(state);
  if (!online || items === 0) {
    return (
      <Act
        command={{ do: "log_out" }}
        obstacle={online ? null : "offline"}
        variant="default"
        testid="work-logout"
      >
        {m.log_out()}
      </Act>
    );
  }
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setAsking(true)} data-testid="work-logout">
        {m.log_out()}
      </Button>
      {asking && (
        <Confirm
          title={m.log_out_title()}
          text={state.agent.active?.kind === "call" ? m.log_out_text_on_call({ items }) : m.log_out_text({ items })}
          yes={m.log_out()}
          testid="work-logout-confirm"
          onYes={() => desk.do({ do: "log_out" })}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function Calls({ agent }: { agent: AgentView }): ReactElement {
  const online = useOnline();
  const name = callsName(agent);
  const { calls } = agent;
  return (
    <div className={css.calls} data-calls={calls.calls} title={name}>
      <Icon name="phone" size={16} />
      <span className={css.callsName}>{name}</span>
      {calls.calls === "blocked" && calls.until === null && (
        <Act command={{ do: "log_in" }} obstacle={online ? null : "offline"} variant="light" color="orange">
          {m.calls_open_again()}
        </Act>
      )}
    </div>
  );
}

/** Too many were not turned to. */
function ChatsBlocked(): ReactElement {
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
  icon: "help" | "door";
  name: string;
  testid?: string;
  onClick(): void;
}

function IconButton({ icon, name, testid, onClick }: IconButtonProps): ReactElement {
  return (
    <Tooltip label={name}>
      <ActionIcon
        variant="subtle"
        color="gray"
        c="var(--ink-2)"
        size={30}
        onClick={onClick}
        aria-label={name}
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
      return protected_until === null ? m.calls_open() : m.calls_protected_until({ time: timeOfDay(protected_until) });
    case "blocked":
      if (calls.until === null) return m.calls_blocked();
      return calls.says === null
        ? m.calls_blocked_until({ time: timeOfDay(calls.until) })
        : m.calls_refused_until({ said: phoneSaid(calls.says), time: timeOfDay(calls.until) });
    case "phone_lost":
      return m.calls_phone_lost();
  }
}
