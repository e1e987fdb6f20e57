// How long a page waits before it dials the daemon again.

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 10_000;

/**
 * Milliseconds to wait after so many tries, with 0 <= `random` < 1.
 * Chance keeps all pages of a daemon that restarts from coming back in one moment.
 */
export function retryAfter(tries: number, random: number): number {
  return RETRY_MS_MIN + random * (Math.min(RETRY_MS_MAX, 2 * RETRY_MS_MIN * 2 ** tries) - RETRY_MS_MIN);
}
