// What Ctrl+K finds: whatever can be done, opened or reached, by the beginnings of its words.
// Others add to it by a provider; what one of them finds late comes below, so that nothing moves under the hand.

import { find } from "./match";

export interface Entry {
  /** Unlike that of every other entry. */
  readonly key: string;
  readonly group: string;
  readonly name: string;
  /** Beside the name, and searched too. */
  readonly hint?: string;
  /** The keys that do the same. */
  readonly keys?: readonly string[];
  run(): void;
}

/** Finds entries for what was typed. */
export type Provider = (typed: string) => Promise<readonly Entry[]>;

const providers = new Set<Provider>();

/** Adds one; the function that is returned takes it away. */
export function provide(provider: Provider): () => void {
  providers.add(provider);
  return () => providers.delete(provider);
}

/** Tells of what each provider finds, as it comes. */
export function askProviders(typed: string, tell: (entries: readonly Entry[]) => void): void {
  for (const provider of providers) {
    // One that fails has found nothing.
    provider(typed).then(tell, () => tell([]));
  }
}

const MOST = 50;

/** Those that are found, each group together in the order of its best. */
export function foundIn(entries: readonly Entry[], typed: string): Entry[] {
  const all = find(entries, typed, ({ name, hint }) => `${name} ${hint ?? ""}`);
  const groups = [...new Set(all.map(({ group }) => group))];
  return groups.flatMap((group) => all.filter((one) => one.group === group)).slice(0, MOST);
}
