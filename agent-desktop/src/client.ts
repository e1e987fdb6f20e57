// Which client this tab is to the daemon: one id for one page, kept over reloads.
// Two pages never share an id: a duplicated tab and a second frame get the same session storage, and would
// otherwise count their commands with the same numbers.

const PATIENCE_MS = 300;

const claimed = new Map<string, Promise<string>>();

/** The client id of this page for this person. It stays taken until the page goes away. */
export function clientOf(person: string): Promise<string> {
  const mine = claimed.get(person) ?? claim(person, sessionStorage, navigator.locks as LockManager | undefined);
  claimed.set(person, mine);
  return mine;
}

/** Takes the first id that no living page has, or a new one. */
export async function claim(person: string, storage: Storage, locks: LockManager | undefined): Promise<string> {
  const name = `vorrang.clients.${person}`;
  const known = (storage.getItem(name) ?? "").split(" ").filter((id) => id !== "");
  for (const id of known) {
    if (locks === undefined || (await take(locks, id, 0))) return id;
  }
  // After a reload the page that went away may hold its lock a moment longer.
  const first = known[0];
  if (first !== undefined && locks !== undefined && (await take(locks, first, PATIENCE_MS))) return first;
  const id = newId();
  storage.setItem(name, [...known, id].join(" "));
  if (locks !== undefined) await take(locks, id, 0);
  return id;
}

function take(locks: LockManager, id: string, patienceMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const held = (lock: Lock | null): Promise<void> | undefined => {
      resolve(lock !== null);
      // Never resolved: the browser releases the lock when the page goes away.
      return lock === null ? undefined : new Promise(() => undefined);
    };
    const options: LockOptions = patienceMs === 0 ? { ifAvailable: true } : { signal: AbortSignal.timeout(patienceMs) };
    locks.request(`vorrang.client.${id}`, options, held).catch(() => resolve(false));
  });
}

/** `crypto.randomUUID` exists on secure pages only; a switchboard in a local network may be none. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
