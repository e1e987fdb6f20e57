// The keys, and what they do.

import type { ReactElement } from "react";
import { m } from "../paraglide/messages.js";
import { Dialog } from "./Dialog";
import css from "./Help.module.css";
import { KEYS, SHORTCUTS, type Shortcut } from "./shortcuts";

const WORDS: Record<Shortcut, () => string> = {
  next: m.key_next,
  activate: m.key_activate,
  park: m.key_park,
  transfer: m.key_transfer,
  end: m.key_end,
  finish: m.key_finish,
  decline: m.key_decline,
  hang_up: m.key_hang_up,
  write: m.key_write,
  help: m.key_help,
};

export function Help({ onClose }: { onClose(): void }): ReactElement {
  return (
    <Dialog title={m.keys()} onClose={onClose}>
      <dl className={css.keys}>
        {SHORTCUTS.map((shortcut) => (
          <div key={shortcut}>
            <dt>
              {KEYS[shortcut].map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{WORDS[shortcut]()}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>{m.key_enter()}</kbd>
          </dt>
          <dd>{m.key_enter_does()}</dd>
        </div>
        <div>
          <dt>
            <kbd>{m.key_shift()}</kbd>
            <kbd>{m.key_enter()}</kbd>
          </dt>
          <dd>{m.key_newline_does()}</dd>
        </div>
      </dl>
    </Dialog>
  );
}
