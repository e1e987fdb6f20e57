// Addresses in what people write. Only http and https become links; everything else stays text, whatever it looks like.

/**
 * Up to what ends the sentence or closes a bracket around it; brackets of its own stay in it. Nothing invisible is taken,
 * and no address with a name before an @: it leads elsewhere than it seems to.
 */
const ADDRESS =
  /\b(https?:\/\/(?![^\s/?#]*@)(?:\([^\s()<>"\p{C}]*\)|[^\s()<>"\p{C}])*(?:\([^\s()<>"\p{C}]*\)|[^\s()<>"\p{C}.,;:!?'»«“”„‘’…\]}]))/iu;

/** The text in pieces: at odd places stand addresses. Joined they are the text. */
export function pieces(text: string): string[] {
  return text.split(ADDRESS);
}
