// What people wrote, with the addresses in it to be clicked. Nothing else in it is markup.

import type { ReactElement } from "react";
import { linkOf, pieces } from "../../../web-shared/src/links";
import css from "./Linked.module.css";

export function Linked({ text }: { text: string }): ReactElement {
  // The pieces of a text never change their places.
  // oxlint-disable-next-line react/no-array-index-key
  return <>{pieces(text).map((piece, at) => (at % 2 === 0 ? piece : <Address key={at} address={piece} />))}</>;
}

function Address({ address }: { address: string }): ReactElement {
  const link = linkOf(address);
  if (link === null) return <>{address}</>;
  return (
    <>
      <a className={css.link} href={link.href} target="_blank" rel="noopener noreferrer nofollow">
        {address}
      </a>
      {link.host !== null && <span className={css.host}> [{link.host}]</span>}
    </>
  );
}
