// What people wrote, with the addresses in it to be clicked. Nothing else in it is markup.

import type { ReactElement } from "react";
import { pieces } from "../links";
import css from "./Linked.module.css";

export function Linked({ text }: { text: string }): ReactElement {
  return (
    <>
      {pieces(text).map((piece, at) =>
        at % 2 === 0 ? (
          piece
        ) : (
          // The pieces of a text never change their places.
          // oxlint-disable-next-line react/no-array-index-key
          <a key={at} className={css.link} href={piece} target="_blank" rel="noopener noreferrer nofollow">
            {piece}
          </a>
        ),
      )}
    </>
  );
}
