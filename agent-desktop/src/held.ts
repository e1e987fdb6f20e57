// Which rows a list shows while somebody's hand is in it: none of them moves, whatever comes, goes or is sorted anew.
// Pure: whether a hand is there is the view's business.

export interface Row<T> {
  readonly value: T;
  /** It has left the list: still to be seen as it last was, with nothing to be done about it. */
  readonly gone: boolean;
  /** It came meanwhile: it stands below all others. */
  readonly fresh: boolean;
}

/** What is shown after `shown`, now that the list is `now`. Nothing is held back: as soon as `hold` ends all is in its place. */
export function held<T>(
  shown: readonly Row<T>[],
  now: readonly T[],
  key: (value: T) => string,
  hold: boolean,
): readonly Row<T>[] {
  if (!hold) return now.map((value) => ({ value, gone: false, fresh: false }));
  const values = new Map(now.map((value) => [key(value), value]));
  const kept = shown.map(({ value: last, fresh }) => {
    const value = values.get(key(last));
    values.delete(key(last));
    return { value: value ?? last, gone: value === undefined, fresh };
  });
  const fresh = [...values.values()].map((value) => ({ value, gone: false, fresh: true }));
  return [...kept, ...fresh];
}
