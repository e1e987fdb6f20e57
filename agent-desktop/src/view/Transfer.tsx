// Giving away what the agent attends to: a chat to a queue or a colleague, a call to a queue.

import { Button, Textarea, TextInput } from "@mantine/core";
import { useId, useState, useSyncExternalStore, type ReactElement } from "react";
import { HINDRANCES } from "../codes";
import { drafts } from "../drafts";
import { useDesk, useFloor, useOnline } from "../hooks";
import { chatRef } from "../items";
import { m } from "../paraglide/messages.js";
import type { ChatView, Recipient } from "../../../web-shared/src/protocol/agent";
import { canBeAsked, colleagueChoices, queueChoices, sameRecipient, type Choice } from "../recipients";
import { callObstacle, obstacle, transferObstacle, type Obstacle } from "../rules";
import type { RunningCall } from "../state";
import { Try } from "./Act";
import { Dialog } from "./Dialog";
import dialog from "./Dialog.module.css";
import { useHand, useHeld } from "./hand";
import { Icon } from "./Icon";
import { chatName, whoCalls } from "./names";
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
  const state = useFloor();
  const note = useSyncExternalStore(drafts.subscribe, () => drafts.get(`note.${chat.chat}`));
  const [to, setTo] = useState<Recipient | null>(null);
  // As the daemon counts.
  const tooLong = Array.from(note).length > CHARACTERS_MAX;
  const [queues, agents] = [queueChoices(state), colleagueChoices(state, chat)];
  const hinders = tooLong ? "too_long" : choiceObstacle([...queues, ...agents], to);
  return (
    <Dialog title={m.transfer_title({ item: chatName(chat.chat) })} onClose={onClose}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (to === null || hinders !== null) return;
          desk.do({ do: "transfer", chat: chat.chat, to, note: note.trim() });
          onClose();
        }}
      >
        <Choices
          groups={[
            { name: m.queues(), choices: queues },
            { name: m.colleagues(), choices: agents },
          ]}
          from={chat.queue}
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
        <Buttons hinders={hinders} onClose={onClose} />
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
        label={m.act_on({ act: m.transfer(), item: whoCalls(call) })}
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
  const queues = queueChoices(useFloor());
  const [to, setTo] = useState<Recipient | null>(null);
  const hinders = choiceObstacle(queues, to);
  return (
    <Dialog title={m.transfer_call_title()} onClose={onClose}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (to === null || hinders !== null) return;
          desk.do({ do: "transfer_call", call, queue: to.id });
          onClose();
        }}
      >
        <p className={dialog.text}>{m.transfer_call_text()}</p>
        <Choices groups={[{ name: m.queues(), choices: queues }]} from={null} to={to} onChoose={setTo} />
        <Buttons hinders={hinders} onClose={onClose} />
      </form>
    </Dialog>
  );
}

/** Somebody who was chosen may have gone since, or cannot take it any more. */
function choiceObstacle(choices: readonly Choice[], to: Recipient | null): Obstacle | null {
  const chosen = choices.find((one) => sameRecipient(one.to, to));
  if (chosen === undefined) return "choose_first";
  return canBeAsked(chosen) ? null : "not_available";
}

interface ChoicesProps {
  groups: readonly { name: string; choices: readonly Choice[] }[];
  /** The queue that it came from. */
  from: number | null;
  to: Recipient | null;
  onChoose(to: Recipient): void;
}

function Choices({ groups, ...choose }: ChoicesProps): ReactElement {
  const [search, setSearch] = useState("");
  const { holds, in: panel, on } = useHand();
  const count = groups.reduce((sum, { choices }) => sum + choices.length, 0);
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
      <section ref={panel} className={css.groups} {...on}>
        {groups.map((group) => (
          <Group key={group.name} {...group} {...choose} wanted={search.trim().toLocaleLowerCase()} holds={holds} />
        ))}
      </section>
    </>
  );
}

interface GroupProps extends Omit<ChoicesProps, "groups"> {
  name: string;
  choices: readonly Choice[];
  wanted: string;
  /** Somebody's hand is in there: no row moves. */
  holds: boolean;
}

function Group({ name: group, choices, from, to, wanted, holds, onChoose }: GroupProps): ReactElement {
  const rows = useHeld(choices, (choice) => String(choice.to.id), { holds });
  const found = rows.filter(({ value }) => value.name.toLocaleLowerCase().includes(wanted));
  return (
    <fieldset>
      <legend>{group}</legend>
      {found.length === 0 && <p className={css.none}>{m.transfer_none()}</p>}
      {found.map(({ value: choice, gone }) => (
        <Option
          key={choice.to.id}
          choice={choice}
          hint={gone ? m.gone() : hintOf(choice, from)}
          available={!gone && canBeAsked(choice)}
          checked={sameRecipient(choice.to, to)}
          onChoose={onChoose}
        />
      ))}
    </fieldset>
  );
}

interface OptionProps {
  choice: Choice;
  hint: string;
  available: boolean;
  checked: boolean;
  onChoose(to: Recipient): void;
}

/** Who cannot be asked can be reached all the same, to hear why: what the focus is on is never taken away. */
function Option({ choice, hint, available, checked, onChoose }: OptionProps): ReactElement {
  const id = useId();
  return (
    <label
      className={css.choice}
      data-available={available}
      data-testid="transfer-to"
      data-kind={choice.to.kind}
      data-name={choice.name}
    >
      <input
        type="radio"
        name="transfer-to"
        checked={checked}
        onChange={() => onChoose(choice.to)}
        {...(hint === "" ? {} : { "aria-describedby": id })}
      />
      <bdi className={css.name}>{choice.name}</bdi>
      {hint !== "" && (
        <span id={id} className={css.hint}>
          {hint}
        </span>
      )}
    </label>
  );
}

function hintOf({ to, hindrance }: Choice, from: number | null): string {
  if (hindrance !== null) return HINDRANCES[hindrance]?.() ?? m.transfer_not_available();
  return to.kind === "queue" && to.id === from ? m.transfer_same_queue() : "";
}

function Buttons({ hinders, onClose }: { hinders: Obstacle | null; onClose(): void }): ReactElement {
  const online = useOnline();
  return (
    <div className={dialog.buttons}>
      <Button variant="default" onClick={onClose}>
        {m.cancel()}
      </Button>
      <Try size="sm" variant="filled" obstacle={obstacle(hinders, online)} testid="transfer-confirm">
        {m.transfer_yes()}
      </Try>
    </div>
  );
}
