// What the agent has begun to write, one text for each chat, kept over reloads of the tab.

const listeners = new Set<() => void>();

function key(chat: number | ""): string {
  return `vorrang.draft.${chat}`;
}

export const drafts = {
  get(chat: number): string {
    return sessionStorage.getItem(key(chat)) ?? "";
  },

  set(chat: number, text: string): void {
    if (text === "") sessionStorage.removeItem(key(chat));
    else sessionStorage.setItem(key(chat), text);
    for (const listener of listeners) listener();
  },

  giveBack(chat: number, text: string): void {
    const since = drafts.get(chat);
    drafts.set(chat, since === "" ? text : `${text}\n${since}`);
  },

  /** The next person at this browser is not to read them. */
  clear(): void {
    for (const name of Object.keys(sessionStorage)) {
      if (name.startsWith(key(""))) sessionStorage.removeItem(name);
    }
  },

  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
