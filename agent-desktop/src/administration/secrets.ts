// Passwords and tokens that nobody guesses, without letters that are taken for others: they are read out and typed into phones.

const LETTERS = "abcdefghjkmnpqrstuvwxyz";
const ALL = `${LETTERS}${LETTERS.toUpperCase()}23456789`;

/** An API key's token: as hard to guess as a hash of it is to find. */
export const TOKEN_CHARACTERS = 43;

export function newSecret(characters: number): string {
  return drawn(ALL, characters);
}

/** A chat service's token: no secret, but nobody else's. */
export function newToken(): string {
  return drawn(`${LETTERS}23456789`, 16);
}

function drawn(from: string, characters: number): string {
  let text = "";
  while (text.length < characters) {
    for (const byte of crypto.getRandomValues(new Uint8Array(characters))) {
      // Of a byte that is too large no letter comes more often than another.
      if (byte < 256 - (256 % from.length) && text.length < characters) text += from[byte % from.length];
    }
  }
  return text;
}
