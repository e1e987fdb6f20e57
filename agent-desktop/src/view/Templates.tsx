// The templates that a slash at the beginning of what is written asks for.

import { useEffect, useState, type KeyboardEvent, type ReactElement, type RefObject } from "react";
import { flushSync } from "react-dom";
import { saidBefore } from "../contacts";
import { useDesk, useStore } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { ChatView } from "../../../web-shared/src/protocol/agent";
import { asked, askTemplates, filled, found, meant, openIn, templates, type Variables } from "../templates";
import { useListbox } from "./listbox";
import { contactLink } from "./names";
import { Option } from "./Option";
import css from "./Templates.module.css";

export interface Templates {
  /** The list, above the field; what is still to be filled in, below. */
  readonly list: ReactElement | null;
  readonly open: ReactElement | null;
  /** For the field. */
  readonly field: { readonly "aria-controls"?: string; readonly "aria-activedescendant"?: string };
  /** Whether the key was the list's. */
  onKey(event: KeyboardEvent): boolean;
}

export function useTemplates(
  chat: ChatView,
  text: string,
  field: RefObject<HTMLTextAreaElement | null>,
  onText: (text: string) => void,
): Templates {
  const all = useStore(templates);
  const variables = useVariables(chat);
  const [closed, setClosed] = useState<string | null>(null);
  const typed = asked(text);
  const asks = typed !== null && closed !== text;
  useEffect(() => {
    if (asks) void askTemplates();
  }, [asks]);
  const rows = asks ? found(meant(all ?? [], chat.queue, chat.language), typed) : [];
  const take = (at: number): void => {
    const one = rows[at];
    if (one === undefined) return;
    const { text: whole, open } = filled(one.text, variables());
    flushSync(() => onText(whole));
    const first = open[0] ?? { from: whole.length, to: whole.length };
    field.current?.focus();
    field.current?.setSelectionRange(first.from, first.to);
  };
  const box = useListbox(rows.length, asks, typed ?? "", take);
  const gaps = typed === null ? openIn(text) : [];
  return {
    list: asks && all !== null ? <List rows={rows} box={box} onTake={take} /> : null,
    open: gaps.length === 0 ? null : <span data-testid="template-open">{m.template_open({ names: gaps.join(", ") })}</span>,
    field: rows.length === 0 ? {} : { "aria-controls": box.list.id, "aria-activedescendant": `${box.list.id}-${box.at}` },
    onKey: (event) => {
      if (event.key === "Escape" && asks) {
        event.preventDefault();
        setClosed(text);
        return true;
      }
      return box.onKey(event);
    },
  };
}

interface ListProps {
  rows: readonly { template: number; name: string; text: string; language: string | null }[];
  box: ReturnType<typeof useListbox>;
  onTake(at: number): void;
}

function List({ rows, box, onTake }: ListProps): ReactElement {
  if (rows.length === 0) return <p className={css.none}>{m.template_none()}</p>;
  return (
    <ul {...box.list} className={css.list} aria-label={m.templates()} data-testid="templates">
      {rows.map(({ template, name, text, language }, at) => (
        <Option key={template} box={box} at={at} onTake={onTake} testid="template">
          <strong dir="auto">{name}</strong>
          {language !== null && <span className={css.language}>{language}</span>}
          <span className={css.text} dir="auto">
            {text}
          </span>
        </Option>
      ))}
    </ul>
  );
}

/** How the visitor is addressed: as the contact that they are, else as they called themselves. A number or an address is no
 * name. */
function nameIn({ contact, details }: ChatView): string {
  const named = contact === null || contactLink(contact.name) !== null ? "" : contact.name;
  return named === "" ? saidBefore(details).name : named;
}

function useVariables(chat: ChatView): () => Variables {
  const { session, time } = useDesk();
  return () => {
    const now = new Date(time.read());
    return {
      visitor: nameIn(chat),
      agent: session.display_name,
      company: session.company,
      queue: chat.queue_name,
      page: chat.page,
      // In the language of whoever reads it.
      date: new Intl.DateTimeFormat(chat.language, { dateStyle: "long" }).format(now),
      time: new Intl.DateTimeFormat(chat.language, { timeStyle: "short" }).format(now),
    };
  };
}
