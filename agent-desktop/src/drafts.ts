// What the agent has begun to write, one text for each chat and one for whoever gets it next: kept over reloads, and the same
// in all tabs of this browser. Each person has their own.

/** So long nobody comes back to it. */
const KEPT_MS = 3 * 24 * 60 * 60 * 1000;
const ALL = "vorrang.draft.";

const listeners = new Set<() => void>();
let person = "";

/** A chat's number, the note for whoever gets it next, what is to be noted in it, or a form of the administration. */
export type Place = number | `note.${number}` | `intern.${number}` | `form.${string}`;

/** A text, behind the time at which it was written. */
interface Kept {
  readonly at: number;
  readonly text: string;
}

function key(place: Place | ""): string {
  return `${ALL}${person}.${place}`;
}

function read(name: string): Kept {
  const [, at = "0", text = ""] = /^(\d+) (.*)$/s.exec(localStorage.getItem(name) ?? "") ?? [];
  return { at: Number(at), text };
}

function tell(): void {
  for (const listener of listeners) listener();
}

/** Another tab writes too. */
function hear({ key: name }: StorageEvent): void {
  if (name === null || name.startsWith(ALL)) tell();
}

export const drafts = {
  /** Whose they are from now on; what is too old goes. */
  begin(name: string, now: number): void {
    person = name;
    for (const one of Object.keys(localStorage)) {
      if (one.startsWith(ALL) && read(one).at < now - KEPT_MS) localStorage.removeItem(one);
    }
    removeEventListener("storage", hear);
    addEventListener("storage", hear);
    tell();
  },

  get(place: Place): string {
    return read(key(place)).text;
  },

  set(place: Place, text: string): void {
    if (text === "") localStorage.removeItem(key(place));
    else localStorage.setItem(key(place), `${Date.now()} ${text}`);
    tell();
  },

  giveBack(place: Place, text: string): void {
    const since = drafts.get(place);
    drafts.set(place, since === "" ? text : `${text}\n${since}`);
  },

  /** Whoever signs out leaves nothing behind. */
  clear(): void {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(key(""))) localStorage.removeItem(name);
    }
  },

  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
