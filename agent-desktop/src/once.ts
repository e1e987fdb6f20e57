// What happens to all pages of this browser at once is told by one of them.
// Where there are no locks (plain http), each page tells it.

/** So long an event is known to have been told: a page that lags behind does not tell it again. */
const KNOWN_MS = 20_000;

const LOOKS = "vorrang.looks";

function locks(): LockManager | undefined {
  return navigator.locks as LockManager | undefined;
}

/** Calls `tell` on the first page that asks for this event. */
export function once(event: string, tell: () => void): void {
  const all = locks();
  if (all === undefined) {
    tell();
    return;
  }
  void all.request(`vorrang.told.${event}`, { ifAvailable: true }, async (lock) => {
    if (lock === null) return;
    tell();
    await new Promise((resolve) => setTimeout(resolve, KNOWN_MS));
  });
}

/** Calls `begin` on one page at a time, until the function that is returned is called; then `end`, and another page's turn. */
export function byOne(what: string, begin: () => void, end: () => void): () => void {
  const over = new AbortController();
  const all = locks();
  if (all === undefined) {
    begin();
    return end;
  }
  const held = async (): Promise<void> => {
    begin();
    await new Promise((resolve) => over.signal.addEventListener("abort", resolve));
    end();
  };
  // Given up while it waits for its turn, it is rejected.
  all.request(`vorrang.one.${what}`, { signal: over.signal }, held).catch(() => undefined);
  return () => over.abort();
}

/** As long as this page is to be seen, the others know. */
export function looks(): () => void {
  const all = locks();
  let release = (): void => undefined;
  const look = (): void => {
    release();
    release = () => undefined;
    if (document.visibilityState !== "visible" || all === undefined) return;
    const seen = new Promise<void>((resolve) => {
      release = resolve;
    });
    void all.request(LOOKS, { mode: "shared" }, () => seen);
  };
  look();
  document.addEventListener("visibilitychange", look);
  return () => {
    document.removeEventListener("visibilitychange", look);
    release();
  };
}

/** Whether any page of this desktop is to be seen. */
export async function isLookedAt(): Promise<boolean> {
  if (document.visibilityState === "visible") return true;
  const { held = [] } = (await locks()?.query()) ?? {};
  return held.some(({ name }) => name === LOOKS);
}
