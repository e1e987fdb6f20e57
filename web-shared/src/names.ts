// Names that nobody else has: of chats' sessions, of pages, of tabs.

/** So many random bytes, in hexadecimal. `crypto.randomUUID` exists on secure pages only. */
export function newName(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
