// Texts that are written again and again: which are meant for a chat, and what their variables become.
// Pure but for the list itself, which is asked for anew each time somebody looks into it.

import { find } from "./match";
import type { TemplateView } from "../../web-shared/src/protocol/desk";
import { get } from "./rest";
import { Store } from "./store";

/** What variables stand for; one that is not known here stays as it is, and is marked. */
export type Variables = Readonly<Partial<Record<string, string>>>;

/** A text, and where in it something is still to be filled in. */
export interface Filled {
  readonly text: string;
  readonly open: readonly { readonly from: number; readonly to: number }[];
}

export const templates = new Store<readonly TemplateView[] | null>(null);

export async function askTemplates(): Promise<void> {
  const outcome = await get<TemplateView[]>("/templates");
  if (outcome.ok) templates.set(outcome.value);
}

/** Those that are meant for this queue, the ones in this language first. */
export function meant(all: readonly TemplateView[], queue: number, language: string): TemplateView[] {
  const rank = ({ language: own }: TemplateView): number => {
    if (own === null) return 1;
    return own === language || own.split("-")[0] === language.split("-")[0] ? 0 : 2;
  };
  return all.filter(({ queues }) => queues.length === 0 || queues.includes(queue)).toSorted((a, b) => rank(a) - rank(b));
}

/** What is found by what stands behind the slash. */
export function found(all: readonly TemplateView[], typed: string): TemplateView[] {
  const byName = find(all, typed, ({ name }) => name);
  return [...byName, ...find(all.filter((one) => !byName.includes(one)), typed, ({ name, text }) => `${name} ${text}`)];
}

/** What is looked for, if a text asks for a template: it begins with a slash and is one line. */
export function asked(text: string): string | null {
  return text.startsWith("/") && !text.includes("\n") ? text.slice(1) : null;
}

const VARIABLE = /\{([\p{L}_]{1,40})\}/gu;

export function filled(template: string, variables: Variables): Filled {
  const open: { from: number; to: number }[] = [];
  let text = "";
  let last = 0;
  for (const found of template.matchAll(VARIABLE)) {
    text += template.slice(last, found.index);
    const value = variables[found[1] ?? ""];
    if (value === undefined || value === "") open.push({ from: text.length, to: text.length + found[0].length });
    text += value === undefined || value === "" ? found[0] : value;
    last = found.index + found[0].length;
  }
  return { text: text + template.slice(last), open };
}

/** The variables that stand in a text: what a visitor should not see. */
export function openIn(text: string): string[] {
  return [...new Set([...text.matchAll(VARIABLE)].map(([whole]) => whole))];
}
