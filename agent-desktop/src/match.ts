// What is found as somebody types: every word has to begin a word of the text, whatever the case and the accents.
// Pure; what is in the list, and where it is shown, is others' business.

/** A text in the form in which it is compared: `ä` as `ae` as `a`. */
export function simple(text: string): string {
  const plain = text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ß", "ss");
  return plain.replace(/([aou])e/g, "$1");
}

function words(text: string): string[] {
  return simple(text).split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
}

/** How well a text is what was typed, the smaller the better; `null` if it is not. */
export function match(text: string, typed: string): number | null {
  const found = words(text);
  let rank = 0;
  for (const word of words(typed)) {
    const at = found.findIndex((one) => one.startsWith(word));
    if (at === -1) return null;
    rank += at * 2 + (found[at] === word ? 0 : 1);
  }
  return rank;
}

/** What of a list is found, the best first, else in its own order. */
export function find<T>(list: readonly T[], typed: string, text: (one: T) => string): T[] {
  const ranked = list.flatMap((one) => {
    const rank = match(text(one), typed);
    return rank === null ? [] : [{ one, rank }];
  });
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ one }) => one);
}
