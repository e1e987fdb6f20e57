// One chat: who, what was said, and what can be done with it.

import { useState, type ReactElement, type ReactNode } from "react";
import { ENDED_BY } from "../codes";
import { drafts } from "../drafts";
import { useDesk, useFloor, useOnline } from "../hooks";
import { chatRef } from "../items";
import { m } from "../paraglide/messages.js";
import type { ChatView } from "../../../web-shared/src/protocol/agent";
import { obstacle } from "../rules";
import { attended } from "../state";
import { Try } from "./Act";
import css from "./Chat.module.css";
import { HandlingClock, WrapUpBar } from "./Clock";
import { Composer } from "./Composer";
import { Details } from "./Details";
import { Confirm } from "./Dialog";
import { Drop } from "./Files";
import { Icon, type IconName } from "./Icon";
import { Activate, ExtendWrapUp, FinishWrapUp, Park } from "./ItemActs";
import { Linked } from "./Linked";
import { Log } from "./Log";
import { apart, chatName, languageName, pageLink, pageName, stateName } from "./names";
import { keyShortcut } from "./shortcuts";
import { TransferChat } from "./Transfer";
import { WriteUp } from "./WriteUp";

/** `elsewhere`: what is active instead, if something is. */
export function Chat({ chat, elsewhere }: { chat: ChatView; elsewhere: ReactNode }): ReactElement {
  return (
    <section className={css.chat} aria-label={chatName(chat.chat)} data-state={chat.state.state}>
      <Head chat={chat} />
      <Note chat={chat} />
      <Details chat={chat} />
      <Standing chat={chat} elsewhere={elsewhere} />
      <Drop chat={chat}>
        <Log chat={chat} />
        <WriteUp item={chatRef(chat.chat)} name={chatName(chat.chat)} open={chat.state.state === "wrap_up"} />
        {chat.state.state === "wrap_up" && <WrapUp chat={chat} />}
        <Composer key={chat.state.state === "wrap_up" ? "notes" : "messages"} chat={chat} notes={chat.state.state === "wrap_up"} />
      </Drop>
    </section>
  );
}

function Head({ chat }: { chat: ChatView }): ReactElement {
  const link = pageLink(chat.page);
  return (
    <header className={css.head}>
      <div className={css.what}>
        <h2>
          {chatName(chat.chat)}
          {chat.contact !== null && (
            <span className={css.queue} dir="auto" data-testid="chat-who">
              {chat.contact.name}
            </span>
          )}
          <span className={css.queue} dir="auto" title={chat.queue_name}>
            {chat.queue_name}
          </span>
        </h2>
        <p className={css.facts}>
          <span className={css.online} data-online={chat.visitor_online}>
            {chat.visitor_online ? m.visitor_is_online() : m.visitor_is_offline()}
          </span>
          <span>{languageName(chat.language)}</span>
          {chat.page !== "" &&
            (link === null ? (
              <span className={css.page}>{chat.page}</span>
            ) : (
              <a className={css.page} href={link} target="_blank" rel="noopener noreferrer" title={chat.page}>
                {pageName(chat.page)}
              </a>
            ))}
        </p>
      </div>
      <span className={css.clock}>
        <span className={css.clockName}>{m.handling_time()}</span>
        <HandlingClock clock={chat.handling} item={chatRef(chat.chat)} />
      </span>
      <Actions chat={chat} />
    </header>
  );
}

/** Each in its own place, also while the others cannot be done: what the visitor does moves none of them. */
function Actions({ chat }: { chat: ChatView }): ReactElement {
  const item = chatRef(chat.chat);
  const { transfer, end } = chat.may;
  const name = chatName(chat.chat);
  return (
    <div className={css.actions}>
      {attended(chat) ? <Park item={item} name={name} /> : <Activate item={item} name={name} />}
      <div className={css.ofConversation} hidden={transfer !== null && end !== null}>
        <TransferChat chat={chat} />
        <End chat={chat} />
      </div>
    </div>
  );
}

function End({ chat: { chat, may } }: { chat: ChatView }): ReactElement {
  const desk = useDesk();
  const online = useOnline();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Try
        size="sm"
        variant="default"
        obstacle={obstacle(may.end, online)}
        leftSection={<Icon name="check" size={15} />}
        onTry={() => setAsking(true)}
        label={m.act_on({ act: m.end(), item: chatName(chat) })}
        keys={keyShortcut("end")}
        testid="end"
        item={chatRef(chat)}
      >
        {m.end()}
      </Try>
      {asking && may.end === null && (
        <Confirm
          title={m.end_title({ chat: chatName(chat) })}
          text={m.end_text()}
          yes={m.end_yes()}
          testid="end-confirm"
          onYes={() => desk.do({ do: "end", chat })}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

/** Why nothing can be written, if so, and what is active instead. */
function Standing({ chat, elsewhere }: { chat: ChatView; elsewhere: ReactNode }): ReactElement | null {
  const words = useStanding(chat);
  if (words === null) return null;
  const { text, icon, testid } = words;
  return (
    <p
      className={css.standing}
      data-state={chat.state.state}
      {...(testid === undefined ? {} : { "data-testid": testid, role: "status" })}
    >
      <Icon name={icon} size={15} />
      <span>{text}</span>
      {elsewhere}
    </p>
  );
}

function useStanding({ state, transfer_to }: ChatView): { text: string; icon: IconName; testid?: string } | null {
  const { agent } = useFloor();
  switch (state.state) {
    case "active":
      if (transfer_to === null) return null;
      return { text: m.transfer_asked({ name: apart(transfer_to) }), icon: "give", testid: "transfer-asked" };
    case "preempted":
      return {
        text: agent.active?.kind === "call" ? m.standing_preempted() : m.standing_preempted_still(),
        icon: "phone",
      };
    case "parked":
      return { text: m.standing_parked(), icon: "pause" };
    case "allocated":
      return { text: state.until === null ? m.standing_allocated() : m.standing_alerting(), icon: "pause" };
    case "wrap_up":
      return { text: ENDED_BY[state.ended_by](), icon: "check" };
  }
}

/** What the one who gave the chat away wants to be known. Not shown to whoever has just written it. */
function Note({ chat }: { chat: ChatView }): ReactElement | null {
  if (chat.note === "" || chat.transfer_to !== null || chat.note === drafts.get(`note.${chat.chat}`)) return null;
  return (
    // Can be scrolled by keyboard, hence the tab stop.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className={css.note} aria-label={m.note()} tabIndex={0} data-testid="note">
      <Icon name="note" size={16} />
      <div>
        <h3>{m.note()}</h3>
        <p>
          <Linked text={chat.note} />
        </p>
      </div>
    </section>
  );
}

function WrapUp({ chat }: { chat: ChatView }): ReactElement | null {
  const running = attended(chat);
  const item = chatRef(chat.chat);
  const { wrap_up } = chat;
  const name = chatName(chat.chat);
  if (wrap_up === null) return null;
  return (
    <div className={css.wrapUp}>
      {/* On the other side than sending: whoever sends as the visitor leaves does not end what they have not seen. */}
      <div className={css.wrapUpActs}>
        <FinishWrapUp item={item} name={name} wrapUp={wrap_up} attended={running} />
        <ExtendWrapUp item={item} name={name} wrapUp={wrap_up} />
      </div>
      <div className={css.wrapUpText}>
        <h3>{stateName(chat.state)}</h3>
        <p>{running ? m.wrap_up_hint() : m.wrap_up_parked_hint()}</p>
      </div>
      <WrapUpBar wrapUp={wrap_up} name={m.state_wrap_up()} />
    </div>
  );
}
