// Files in a chat: how one is chosen, dropped or pasted, how far it is, and what has come.
// None is ever shown by itself: it is saved, under a name that the daemon has made safe.

import { ActionIcon, Button } from "@mantine/core";
import { useRef, useState, type ClipboardEvent, type DragEvent, type ReactElement, type ReactNode } from "react";
import type { ChatView } from "../../../web-shared/src/protocol/agent";
import type { Code } from "../../../web-shared/src/protocol/error";
import type { FileView } from "../../../web-shared/src/protocol/visitor";
import { sizeOf } from "../../../web-shared/src/upload";
import { CODES } from "../codes";
import { useDesk, useStore } from "../hooks";
import { numberWay } from "../locale";
import { m } from "../paraglide/messages.js";
import type { Sending, Taken } from "../uploads";
import css from "./Files.module.css";
import { Icon } from "./Icon";
import { chatName } from "./names";

/** Whether the agent may send a file now. */
export function mayAttach(chat: ChatView): boolean {
  return chat.may.say === null && chat.file_bytes_max > 0;
}

/** The files in what was dropped or pasted. */
export function filesOf(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])];
}

/** Files that are pasted are sent; text goes its usual way. */
export function pastes(attach: (files: readonly File[]) => void): (event: ClipboardEvent) => void {
  return (event) => {
    const files = filesOf(event.clipboardData);
    if (files.length === 0) return;
    event.preventDefault();
    attach(files);
  };
}

/** Sends files in a chat. */
export function useAttach(chat: ChatView): (files: readonly File[]) => void {
  const desk = useDesk();
  return (files) => {
    if (mayAttach(chat)) for (const file of files) desk.sendFile(chat, file);
  };
}

export function Attach({ chat }: { chat: ChatView }): ReactElement | null {
  const attach = useAttach(chat);
  const input = useRef<HTMLInputElement>(null);
  const label = m.act_on({ act: m.attach(), item: chatName(chat.chat) });
  if (chat.file_bytes_max === 0) return null;
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={label}
        onChange={(event) => {
          attach([...(event.currentTarget.files ?? [])]);
          // The same one may be chosen again.
          event.currentTarget.value = "";
        }}
        data-testid="file-input"
      />
      <ActionIcon
        variant="default"
        size={32}
        disabled={!mayAttach(chat)}
        aria-label={label}
        title={m.attach()}
        onClick={() => input.current?.click()}
        data-testid="attach"
      >
        <Icon name="clip" />
      </ActionIcon>
    </>
  );
}

/** Where files may be dropped: it says so while one is held over it. */
export function Drop({ chat, children }: { chat: ChatView; children: ReactNode }): ReactElement {
  const attach = useAttach(chat);
  const [over, setOver] = useState(false);
  const holds = (event: DragEvent): boolean => event.dataTransfer.types.includes("Files");
  return (
    <div
      className={css.drop}
      onDragOver={(event) => {
        if (!holds(event)) return;
        // Else the browser would open the file in place of the desktop.
        event.preventDefault();
        event.dataTransfer.dropEffect = mayAttach(chat) ? "copy" : "none";
        setOver(mayAttach(chat));
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        if (!holds(event)) return;
        event.preventDefault();
        setOver(false);
        attach(filesOf(event.dataTransfer));
      }}
      data-testid="drop"
    >
      {children}
      {over && <p className={css.over}>{m.drop_here()}</p>}
    </div>
  );
}

/** A file that was sent, to be saved. */
export function SentFile({ chat, name, file }: { chat: number; name: string; file: FileView }): ReactElement {
  return (
    <a
      className={css.file}
      href={`/api/v1/chats/${chat}/files/${file.file}`}
      download
      data-testid="file"
      title={m.file_save({ name, what: whatOf(file) })}
    >
      <Icon name="clip" size={16} />
      <span className={css.name}>
        <bdi>{name}</bdi> <span className={css.what}>{whatOf(file)}</span>
      </span>
    </a>
  );
}

/** What it is by its content, whatever its name says, and how long. */
function whatOf({ kind, size }: FileView): string {
  return `${kind === "text" ? m.file_text() : kind.toUpperCase()}, ${sizeOf(size, numberWay())}`;
}

/** Why a file is not taken, and which would be. */
function whyNot(problem: Code, { file_bytes_max, file_kinds }: Taken): string {
  if (problem === "file_too_large") return m.file_most({ size: sizeOf(file_bytes_max, numberWay()) });
  if (problem === "file_kind") return m.file_kinds({ kinds: file_kinds.join(", ").toUpperCase() });
  return CODES[problem]();
}

/** A file on its way, or one that was not taken. */
export function OnItsWay({ sending }: { sending: Sending }): ReactElement {
  const { uploads } = useDesk();
  const { name, size, progress, problem } = sending;
  const percent = Math.round(progress * 100);
  return (
    <div className={css.sending} data-testid="sending" data-problem={problem ?? ""}>
      <span className={css.name}>
        <bdi>{name}</bdi>
        <span className={css.what}>{sizeOf(size, numberWay())}</span>
      </span>
      {problem === null ? (
        <progress value={percent} max={100} aria-label={m.file_progress({ name })} />
      ) : (
        <p className={css.problem} role="alert">
          {m.file_not_sent()} {whyNot(problem, sending.taken)}
        </p>
      )}
      <span className={css.acts}>
        {uploads.mayRetry(sending) && (
          <Button size="compact-sm" variant="light" onClick={() => uploads.retry(sending)} data-testid="file-retry">
            {m.again()}
          </Button>
        )}
        <Button
          size="compact-sm"
          variant="subtle"
          aria-label={m.act_on({ act: problem === null ? m.cancel() : m.file_drop(), item: name })}
          onClick={() => uploads.cancel(sending)}
          data-testid="file-cancel"
        >
          {problem === null ? m.cancel() : m.file_drop()}
        </Button>
      </span>
    </div>
  );
}

/** The files that this page sends in a chat. */
export function useSending(chat: number): readonly Sending[] {
  return useStore(useDesk().uploads.all).filter((one) => one.chat === chat);
}
