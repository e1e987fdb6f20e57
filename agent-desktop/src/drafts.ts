// What the agent has begun to write, one text for each chat and one for whoever gets it next, kept over reloads of
// the tab.

const listeners = new Set<() => void>();

/** A chat's number, or the note for whoever gets it next. */
type Place = number | `note.${number}`;

function key(place: Place | ""): string {
  return `vorrang.draft.${place}`;
}

export const drafts = {
  get(place: Place): string {
    return sessionStorage.getItem(key(place)) ?? "";
  },

  set(place: Place, text: string): void {
    if (text === "") sessionStorage.removeItem(key(place));
    else sessionStorage.setItem(key(place), text);
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
