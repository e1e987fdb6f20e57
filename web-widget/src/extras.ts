// What a chat has beside text, loaded once it has begun: files, links, read marks, the page's title.
// Never decides what is taken, and draws only where the window leaves it room.

import type { Connection, Outbox } from "./connection";
import type { Mount } from "./mount";
import type { State } from "./state";
import type { Language, Text } from "./text";
import type { Child, Description, h as H } from "./view/dom";
import type { Code } from "../../web-shared/src/protocol/error";
import type { Message } from "../../web-shared/src/protocol/visitor";
import { linkOf, pieces } from "../../web-shared/src/links";
import { Typing } from "../../web-shared/src/typing";
import { sizeOf, Upload } from "../../web-shared/src/upload";

/** The chat that this page takes part in. */
export interface Going {
  readonly state: State;
  readonly tab: Outbox & { readonly session: string; readonly read: number };
  readonly connection: Connection;
}

/** What the window asks for. */
export interface Extras {
  /** What a message shows. */
  body(message: Message): Child;
  /** What stands before the text field; `shut`: nothing can be sent. */
  beside(shut: boolean): Child;
  /** How long the text is, once that is near to the most. */
  count(characters: number, most: number): Child;
  /** What stands below the messages. */
  below(): Child;
  /** The visitor writes, or stopped. */
  wrote(on: boolean): void;
  /** The window was drawn: so many messages are unread, and so far the visitor has read. */
  drawn(unread: number): void;
}

interface Sending {
  readonly client: string;
  readonly command: number;
  readonly name: string;
  /** `null`: it is not even tried, or was begun by a page before this one. */
  upload: Upload | null;
  problem: Code | "lost" | null;
}

const STYLE = `
.file { padding: 0; background: none; font: inherit; text-align: start; text-decoration: underline }
.file small, .sending small { display: block }
.sending { max-width: 84%; margin: 12px 0 0 auto; padding: 8px 13px; border: 1px dashed; border-radius: 16px }
.sending progress { width: 100% }
.read { text-align: end }
.over { outline: 3px dashed var(--accent) }`;

const TEXTS = {
  en: {
    count: "# of 4,000 characters",
    attach: "Send a file",
    save: "Save",
    text: "Text",
    cancel: "Cancel",
    read: "Read",
    why: {
      file_too_large: "The file is too large: # at most.",
      forbidden: "Files cannot be sent here.",
      file_kind: "Files of this kind are not accepted, only #.",
      file_empty: "The file is empty.",
      lost: "Please choose it once more.",
    } as Record<string, string>,
  },
  de: {
    count: "# von 4.000 Zeichen",
    attach: "Datei senden",
    save: "Speichern",
    text: "Text",
    cancel: "Abbrechen",
    read: "Gelesen",
    why: {
      file_too_large: "Die Datei ist zu groß: höchstens #.",
      forbidden: "Hier können keine Dateien gesendet werden.",
      file_kind: "Dateien dieser Art werden nicht angenommen, nur #.",
      file_empty: "Die Datei ist leer.",
      lost: "Bitte wählen Sie sie noch einmal aus.",
    } as Record<string, string>,
  },
};

/** `place` is where the window is drawn; what changes is kept by `save` and shown by `draw`. */
export function start(
  h: typeof H,
  mount: Mount,
  place: HTMLElement,
  going: () => Going | null,
  text: () => Text,
  save: () => void,
  draw: () => void,
): Extras {
  /** Of this chat and no other. */
  const store = (): string => `vorrang-files:${going()?.tab.session}`;
  let sending: Sending[] = [];
  /** The file that could not be fetched. */
  let broken = 0;
  /** On which connection the daemon was told how far the visitor has read. */
  let told: unknown = null;
  let toldRead = 0;
  /** The page's own title, while ours stands in its place. */
  let title: { own: string; ours: string } | null = null;

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  mount.root.adoptedStyleSheets = [...mount.root.adoptedStyleSheets, sheet];

  const own = (): (typeof TEXTS)["en"] => TEXTS[place.lang as Language];
  const size = (bytes: number): string => sizeOf(bytes, place.lang);
  const most = (): number => going()?.state.chat?.file_bytes_max ?? 0;
  const open = (): boolean => most() > 0 && going()?.state.chat?.state.state !== "ended";

  /** A page that goes takes its files with it: the next one of this tab says which were not sent. Stores may be blocked. */
  const keep = (): void => {
    try {
      sessionStorage.setItem(store(), JSON.stringify(sending.map(({ name }) => name)));
    } catch {
      // Then nothing is kept.
    }
  };
  try {
    const names = JSON.parse(sessionStorage.getItem(store()) ?? "[]") as string[];
    sending = names.map((name, command) => ({ client: "", command, name: `${name}`, upload: null, problem: "lost" }));
  } catch {
    // The page itself may write there.
  }

  const attach = (files: Iterable<File>): void => {
    const tab = going()?.tab;
    if (!tab || going()?.state.chat?.state.state === "ended") return;
    for (const file of files) {
      const problem = !open() ? "forbidden" : file.size > most() ? "file_too_large" : file.size ? null : "file_empty";
      const name = (file.name || "file").toWellFormed();
      const one: Sending = { client: tab.client, command: tab.next++, name, upload: null, problem };
      sending.push(one);
      if (problem) continue;
      const query = new URLSearchParams({ client: one.client, command: String(one.command), name });
      one.upload = new Upload({
        url: `${mount.origin}/visitor/files?${query}`,
        authorization: `Bearer ${tab.session}`,
        file,
        changed: () => {
          one.problem = one.upload?.problem ?? null;
          draw();
        },
        done: draw,
      });
    }
    save();
    keep();
    draw();
  };

  const drop = (one: Sending): void => {
    one.upload?.cancel();
    sending = sending.filter((other) => other !== one);
    keep();
    draw();
  };

  const fetched = async (file: number): Promise<void> => {
    const headers = { authorization: `Bearer ${going()?.tab.session}` };
    broken = file;
    try {
      const response = await fetch(`${mount.origin}/visitor/files/${file}`, { headers });
      if (response.ok) {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(await response.blob());
        link.download = decodeURIComponent(response.headers.get("content-disposition")?.split("''")[1] ?? "file");
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
        broken = 0;
      }
    } catch {
      // It is said where the file stands.
    }
    draw();
  };

  const row = (one: Sending): Description => {
    const { upload, problem } = one;
    const why = problem && (own().why[problem]?.replace("#", problem === "file_kind" ? `${going()?.state.chat?.file_kinds.join(", ")}` : size(most())) ?? (text().problem as Record<string, string>)[problem] ?? text().failed);
    return h(
      "div",
      { key: `${one.client}${one.command}`, class: "sending", "data-testid": "sending" },
      h("bdi", null, one.name),
      problem
        ? h("small", { class: "bad", role: "alert" }, `${text().notSent} ${why}`)
        : h("progress", { value: String(upload?.progress ?? 0), "aria-label": `${one.name}: ${text().sending}` }),
      !!problem && !!upload && h("button", { onclick: () => upload.retry(), "data-testid": "file-retry" }, text().again),
      h("button", { onclick: () => drop(one), "data-testid": "file-cancel" }, problem ? "OK" : own().cancel),
    );
  };

  const over = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    // Else the browser would open the file in place of the company's page.
    event.preventDefault();
    place.classList.toggle("over", event.type === "dragover" && open());
    if (event.type === "drop") attach(event.dataTransfer.files);
  };
  place.addEventListener("dragover", over);
  place.addEventListener("dragleave", over);
  place.addEventListener("drop", over);
  place.addEventListener("paste", (event) => {
    const files = event.clipboardData?.files;
    if (!files?.length) return;
    event.preventDefault();
    attach(files);
  });
  addEventListener("online", () => {
    for (const { upload } of sending) if (upload && upload.progress < 1) upload.retry();
  });

  const typing = new Typing((on) => going()?.connection.tell({ type: "typing", on }));
  return {
    wrote: (on) => typing.set(on),
    body: ({ text: words, file }) =>
      file
        ? h(
            "button",
            { class: "file", onclick: () => fetched(file.file), "data-testid": "file" },
            h("span", { class: "aside" }, `${own().save}: `),
            h("bdi", null, words),
            h("small", null, `${file.kind === "text" ? own().text : file.kind.toUpperCase()}, ${size(file.size)}`),
            broken === file.file && h("small", { role: "alert" }, text().failed),
          )
        : pieces(words).map((piece, at) => {
            const link = at % 2 ? linkOf(piece) : null;
            if (!link) return piece;
            const { href, host } = link;
            return [h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, piece), host && ` [${host}]`];
          }),
    beside: (shut) =>
      open() &&
      h(
        "button",
        {
          class: "icon",
          disabled: shut,
          "aria-label": own().attach,
          "data-testid": "attach",
          onclick: () => {
            const input = document.createElement("input");
            input.type = "file";
            input.multiple = true;
            input.onchange = () => attach(input.files ?? []);
            input.click();
          },
        },
        "+",
      ),
    count: (characters, limit) =>
      characters >= 0.9 * limit &&
      h("small", { id: "count", class: characters > limit ? "small bad" : "small" }, own().count.replace("#", String(characters))),
    below: () => {
      const state = going()?.state;
      const last = state?.messages.at(-1);
      const read = last?.author === "visitor" && last.number <= (state?.chat?.read_up_to ?? 0) && !state?.unsent.length;
      return [read && h("p", { class: "small read", "data-testid": "read" }, own().read), sending.map(row)];
    },
    drawn: (unread) => {
      const now = going();
      const stored = (one: Sending): boolean => now?.state.messages.some(({ client, command }) => client === one.client && command === one.command) ?? false;
      if (sending.some(stored)) {
        sending = sending.filter((one) => !stored(one));
        keep();
        draw();
      }
      const { connection, tab } = now ?? {};
      const line = connection?.line;
      if (tab && line?.is === "online" && (line !== told || tab.read > toldRead)) {
        [told, toldRead] = [line, tab.read];
        if (tab.read) connection?.tell({ type: "read", number: tab.read });
      }
      if (title && document.title !== title.ours) title = null;
      const theirs = title?.own ?? document.title;
      const ours = unread ? `(${unread}) ${theirs}` : theirs;
      title = unread ? { own: theirs, ours } : null;
      if (document.title !== ours) document.title = ours;
    },
  };
}
