// Addresses in what people write: of pages, of mailboxes, of telephones. Everything else stays text, whatever it looks like.
// Never hides where one leads.

/**
 * Up to what ends the sentence or closes a bracket around it; brackets of its own stay in it. Nothing invisible is taken,
 * and no address with a name before an @: it leads elsewhere than it seems to.
 */
const PART = String.raw`\([^\s()<>"\p{C}]*\)|[^\s()<>"\p{C}`;
const PAGE = String.raw`\bhttps?://(?![^\s/?#]*@)(?:${PART}])*(?:${PART}.,;:!?'»«“”„‘’…\]}])`;
/** The address alone: a subject, a text or further recipients are nobody's to choose but the writer's. */
const MAIL = String.raw`(?<![\w.+%/:@-])(?:mailto:)?[\w+%][\w.+%-]{0,63}@(?:[a-z\d-]{1,63}\.){1,8}[a-z]{2,24}(?![\w@-])`;
const TELEPHONE = String.raw`\btel:\+?[\d().-]{4,24}\d`;
const ADDRESS = new RegExp(`(${PAGE}|${MAIL}|${TELEPHONE})`, "iu");

/** The text in pieces: at odd places stand addresses. Joined they are the text. */
export function pieces(text: string): string[] {
  return text.split(ADDRESS);
}

export interface Link {
  readonly href: string;
  /** The host as it is asked for, where it is written in other letters: they may look like those of a better known one. */
  readonly host: string | null;
}

/** Where an address leads; `null` if it leads nowhere. */
export function linkOf(address: string): Link | null {
  if (/^(?:mailto|tel):/i.test(address)) return { href: address, host: null };
  if (!/^https?:/i.test(address)) return { href: `mailto:${address}`, host: null };
  try {
    const { href, hostname } = new URL(address);
    return { href, host: address.toLowerCase().includes(`//${hostname}`) ? null : hostname };
  } catch {
    return null;
  }
}
