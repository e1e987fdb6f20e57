// The keys, and what they do.

import type { ReactElement } from "react";
import { m } from "../paraglide/messages.js";
import { Dialog } from "./Dialog";
import css from "./Help.module.css";
import { KEYS, SHORTCUTS } from "./shortcuts";
import { WORDS } from "./words";

export default function Help({ onClose }: { onClose(): void }): ReactElement {
  return (
    <Dialog title={m.keys()} onClose={onClose}>
      <dl className={css.keys}>
        {SHORTCUTS.map((shortcut) => (
          <div key={shortcut}>
            <dt>
              {KEYS[shortcut].map((key) => (
                <kbd key={key}>{key === "Ctrl" ? m.key_ctrl() : key}</kbd>
              ))}
            </dt>
            <dd>{WORDS[shortcut]()}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>/</kbd>
          </dt>
          <dd>{m.key_template()}</dd>
        </div>
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
