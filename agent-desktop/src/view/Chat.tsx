// One chat: who, what was said, and what can be done with it.

import { Button } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { ENDED_BY } from "../codes";
import { drafts } from "../drafts";
import { useDesk, useFloor, useOnline } from "../hooks";
import { chatRef } from "../items";
import { m } from "../paraglide/messages.js";
import type { ChatView } from "../protocol/agent";
import { attended } from "../state";
import css from "./Chat.module.css";
import { HandlingClock, WrapUpBar } from "./Clock";
import { Composer } from "./Composer";
import { Confirm } from "./Dialog";
import { Icon } from "./Icon";
import { Activate, ExtendWrapUp, FinishWrapUp, Park } from "./ItemActs";
import { Log } from "./Log";
import { chatName, languageName, pageLink, pageName, stateName } from "./names";
import { TransferChat } from "./Transfer";

export function Chat({ chat, onWrite }: { chat: ChatView; onWrite(): void }): ReactElement {
  return (
    <section className={css.chat} aria-label={chatName(chat.chat)} data-state={chat.state.state}>
      <Head chat={chat} />
      <Note chat={chat} />
      <Standing chat={chat} />
      <Log chat={chat} />
      {chat.state.state === "wrap_up" ? <WrapUp chat={chat} /> : <Composer chat={chat} onWrite={onWrite} />}
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
          <span className={css.queue}>{chat.queue_name}</span>
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

function Actions({ chat }: { chat: ChatView }): ReactElement {
  const item = chatRef(chat.chat);
  return (
    <div className={css.actions}>
      {attended(chat) ? <Park item={item} /> : <Activate item={item} name={chatName(chat.chat)} />}
      {chat.state.state === "active" && (
        <>
          <TransferChat chat={chat} />
          <End chat={chat.chat} />
        </>
      )}
    </div>
  );
}

function End({ chat }: { chat: number }): ReactElement {
  const desk = useDesk();
  const online = useOnline();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        size="sm"
        variant="default"
        disabled={!online}
        leftSection={<Icon name="check" size={15} />}
        onClick={() => setAsking(true)}
        data-testid="end"
        data-chat={chat}
      >
        {m.end()}
      </Button>
      {asking && (
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

/** Why nothing can be written, if so. */
function Standing({ chat }: { chat: ChatView }): ReactElement | null {
  const { agent } = useFloor();
  const { state } = chat;
  switch (state.state) {
    case "active":
      return chat.transfer_to === null ? null : (
        <p className={css.standing} data-testid="transfer-asked" role="status">
          <Icon name="give" size={15} />
          {m.transfer_asked({ name: chat.transfer_to })}
        </p>
      );
    case "preempted":
      return (
        <p className={css.standing} data-state="preempted">
          <Icon name="phone" size={15} />
          {agent.active?.kind === "call" ? m.standing_preempted() : m.standing_preempted_still()}
        </p>
      );
    case "parked":
    case "allocated":
      return (
        <p className={css.standing}>
          <Icon name="pause" size={15} />
          {state.state === "parked"
            ? m.standing_parked()
            : state.until === null
              ? m.standing_allocated()
              : m.standing_alerting()}
        </p>
      );
    case "wrap_up":
      return (
        <p className={css.standing} data-state="wrap_up">
          <Icon name="check" size={15} />
          {ENDED_BY[state.ended_by]()}
        </p>
      );
  }
}

/** What the one who gave the chat away wants to be known. Not shown to whoever has just written it. */
function Note({ chat }: { chat: ChatView }): ReactElement | null {
  if (chat.note === "" || chat.transfer_to !== null || chat.note === drafts.get(`note.${chat.chat}`)) return null;
  return (
    <section className={css.note} aria-label={m.note()} data-testid="note">
      <Icon name="note" size={16} />
      <div>
        <h3>{m.note()}</h3>
        <p>{chat.note}</p>
      </div>
    </section>
  );
}

function WrapUp({ chat }: { chat: ChatView }): ReactElement {
  const running = attended(chat);
  const item = chatRef(chat.chat);
  return (
    <div className={css.wrapUp}>
      <div className={css.wrapUpText}>
        <h3>{stateName(chat.state)}</h3>
        <p>{running ? m.wrap_up_hint() : m.wrap_up_parked_hint()}</p>
      </div>
      {chat.wrap_up !== null && <WrapUpBar wrapUp={chat.wrap_up} name={m.state_wrap_up()} />}
      <div className={css.wrapUpActs}>
        <ExtendWrapUp item={item} wrapUp={chat.wrap_up} />
        <FinishWrapUp item={item} attended={running} />
      </div>
    </div>
  );
}
