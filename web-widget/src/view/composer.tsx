// Where the visitor writes. Enter sends, Shift and Enter begin a new line. No form: a frame may forbid them.
// Never cuts what is too long: it says so, and leaves the shortening to the visitor.

import { late } from "../late";
import type { Text } from "../text";
import { type Description, h } from "./dom";

const MOST = 4_000;

interface Props {
  readonly text: Text;
  readonly draft: string;
  readonly shut: boolean;
  wrote(draft: string): void;
  /** The field got the focus, or lost it. */
  held(event: Event): void;
  say(text: string): void;
}

export function composer({ text, draft, shut, wrote, held, say }: Props): Description {
  const ready = draft.trim();
  // In characters as the daemon counts them.
  const count = [...ready].length;
  const submit = (): void => {
    if (count > 0 && count <= MOST) say(ready);
  };
  return (
    <div class="form">
      {late.extras?.beside(shut)}
      <textarea
        rows={1}
        value={draft}
        disabled={shut}
        placeholder={text.input}
        aria-label={text.input}
        aria-describedby={count >= 0.9 * MOST && "count"}
        aria-invalid={String(count > MOST)}
        data-testid="input"
        oninput={(event) => wrote((event.target as HTMLTextAreaElement).value)}
        onkeydown={onEnter(submit)}
        onfocus={held}
        onblur={held}
      />
      <button
        class="strong sign"
        data-testid="send"
        aria-label={text.send}
        disabled={shut || count === 0 || count > MOST}
        onclick={submit}
      >
        ↑
      </button>
      {late.extras?.count(count, MOST)}
    </div>
  );
}

/** Enter, and not Shift and Enter. One that ends a composition (Japanese, Chinese, dead keys) belongs to that: Safari says so by 229. */
export function onEnter(act: () => void): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    act();
  };
}

/** As high as what is written. */
export function fit(field: HTMLTextAreaElement): void {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}
