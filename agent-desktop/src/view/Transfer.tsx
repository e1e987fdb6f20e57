// Giving away what the agent attends to: a chat to a queue or a colleague, a call to a queue.

import { Button, Textarea, TextInput } from "@mantine/core";
import { useState, useSyncExternalStore, type ReactElement } from "react";
import { drafts } from "../drafts";
import { useDesk, useFloor, useOnline } from "../hooks";
import { chatRef } from "../items";
import { m } from "../paraglide/messages.js";
import type { ChatView, Recipient } from "../../../web-shared/src/protocol/agent";
import { callObstacle, transferObstacle } from "../rules";
import type { RunningCall } from "../state";
import { Try } from "./Act";
import { Dialog } from "./Dialog";
import dialog from "./Dialog.module.css";
import { Icon } from "./Icon";
import { callerName, chatName } from "./names";
import { keyShortcut } from "./shortcuts";
import css from "./Transfer.module.css";

const CHARACTERS_MAX = 4_000;
/** From so many on there is a field to search in. */
const SEARCHED_FROM = 9;

export function TransferChat({ chat }: { chat: ChatView }): ReactElement {
  const online = useOnline();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Try
        size="sm"
        variant="default"
        obstacle={transferObstacle(chat, online)}
        leftSection={<Icon name="give" size={15} />}
        onTry={() => setOpen(true)}
        label={m.act_on({ act: m.transfer(), item: chatName(chat.chat) })}
        keys={keyShortcut("transfer")}
        testid="transfer"
        item={chatRef(chat.chat)}
      >
        {m.transfer()}
      </Try>
      {open && chat.may.transfer === null && <ChatDialog chat={chat} onClose={() => setOpen(false)} />}
    </>
  );
}

function ChatDialog({ chat, onClose }: { chat: ChatView; onClose(): void }): ReactElement {
  const desk = useDesk();
  const { destinations, colleagues } = useFloor();
  const note = useSyncExternalStore(drafts.subscribe, () => drafts.get(`note.${chat.chat}`));
  const [to, setTo] = useState<Recipient | null>(null);
  // As the daemon counts.
  const tooLong = Array.from(note).length > CHARACTERS_MAX;
  const queues = destinations.map(({ queue, name }) => ({
    to: { kind: "queue", id: queue } as const,
    name,
    hint: queue === chat.queue ? m.transfer_same_queue() : "",
    available: true,
  }));
  const able = colleagues.filter(({ takes_chats }) => takes_chats);
  const agents = able.map(({ agent, name, available }) => ({
    to: { kind: "agent", id: agent } as const,
    name,
    hint: available ? "" : m.transfer_not_available(),
    available: available && chat.may.transfer_to_agent === null,
  }));
  // Somebody who was chosen may have gone since.
  const chosen = [...queues, ...agents].find((one) => one.available && same(one.to, to));
  return (
    <Dialog title={m.transfer_title({ item: chatName(chat.chat) })} onClose={onClose}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen === undefined || tooLong) return;
          desk.do({ do: "transfer", chat: chat.chat, to: chosen.to, note: note.trim() });
          onClose();
        }}
      >
        <Choices
          groups={[
            { name: m.queues(), choices: queues },
            { name: m.colleagues(), choices: agents },
          ]}
          to={to}
          onChoose={setTo}
        />
        <Textarea
          label={m.transfer_note()}
          description={m.transfer_note_hint()}
          autosize
          minRows={2}
          maxRows={6}
          value={note}
          error={tooLong ? m.write_count({ count: Array.from(note).length, max: CHARACTERS_MAX }) : false}
          onChange={(event) => drafts.set(`note.${chat.chat}`, event.currentTarget.value)}
          data-testid="transfer-note"
        />
        <Buttons ready={chosen !== undefined && !tooLong} onClose={onClose} />
      </form>
    </Dialog>
  );
}

export function TransferCall({ call }: { call: RunningCall }): ReactElement {
  const online = useOnline();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Try
        size="sm"
        variant="default"
        obstacle={callObstacle(call, online)}
        leftSection={<Icon name="give" size={16} />}
        onTry={() => setOpen(true)}
        label={m.act_on({ act: m.transfer(), item: callerName(call.caller) })}
        keys={keyShortcut("transfer")}
        testid="transfer-call"
      >
        {m.transfer()}
      </Try>
      {open && call.hang_up === null && <CallDialog call={call.call} onClose={() => setOpen(false)} />}
    </>
  );
}

function CallDialog({ call, onClose }: { call: number; onClose(): void }): ReactElement {
  const desk = useDesk();
  const { destinations } = useFloor();
  const [to, setTo] = useState<Recipient | null>(null);
  const queues = destinations.map(({ queue, name }) => {
    return { to: { kind: "queue", id: queue } as const, name, hint: "", available: true };
  });
  const chosen = queues.find((one) => same(one.to, to));
  return (
    <Dialog title={m.transfer_call_title()} onClose={onClose}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen === undefined) return;
          desk.do({ do: "transfer_call", call, queue: chosen.to.id });
          onClose();
        }}
      >
        <p className={dialog.text}>{m.transfer_call_text()}</p>
        <Choices groups={[{ name: m.queues(), choices: queues }]} to={to} onChoose={setTo} />
        <Buttons ready={chosen !== undefined} onClose={onClose} />
      </form>
    </Dialog>
  );
}

interface Choice {
  to: Recipient;
  name: string;
  hint: string;
  available: boolean;
}

interface ChoicesProps {
  groups: { name: string; choices: Choice[] }[];
  to: Recipient | null;
  onChoose(to: Recipient): void;
}

function Choices({ groups, to, onChoose }: ChoicesProps): ReactElement {
  const [search, setSearch] = useState("");
  const count = groups.reduce((sum, { choices }) => sum + choices.length, 0);
  const wanted = search.trim().toLocaleLowerCase();
  return (
    <>
      {count >= SEARCHED_FROM && (
        <TextInput
          aria-label={m.transfer_search()}
          placeholder={m.transfer_search()}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      {/* Can be scrolled by keyboard: the choices in it take the focus. */}
      <div className={css.groups}>
        {groups.map(({ name: group, choices }) => {
          const found = choices.filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
          return (
            <fieldset key={group}>
              <legend>{group}</legend>
              {found.length === 0 && <p className={css.none}>{m.transfer_none()}</p>}
              {found.map((choice) => (
                <label
                  key={choice.to.id}
                  className={css.choice}
                  data-available={choice.available}
                  data-testid="transfer-to"
                  data-kind={choice.to.kind}
                  data-name={choice.name}
                >
                  <input
                    type="radio"
                    name="transfer-to"
                    disabled={!choice.available}
                    checked={same(choice.to, to)}
                    onChange={() => onChoose(choice.to)}
                  />
                  <span>{choice.name}</span>
                  {choice.hint !== "" && <span className={css.hint}>{choice.hint}</span>}
                </label>
              ))}
            </fieldset>
          );
        })}
      </div>
    </>
  );
}

function Buttons({ ready, onClose }: { ready: boolean; onClose(): void }): ReactElement {
  const online = useOnline();
  return (
    <div className={dialog.buttons}>
      <Button variant="default" onClick={onClose}>
        {m.cancel()}
      </Button>
      <Button type="submit" disabled={!ready || !online} data-testid="transfer-confirm">
        {m.transfer_yes()}
      </Button>
    </div>
  );
}

function same(a: Recipient, b: Recipient | null): boolean {
  return a.kind === b?.kind && a.id === b.id;
}
