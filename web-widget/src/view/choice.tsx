// How the visitor can go on while a call takes long: wait, another agent, a call or a message later.

import type { Choice } from "../../../web-shared/src/protocol/visitor";
import { fill, type Text, type WithContact } from "../text";
import { onEnter } from "./composer";
import { type Description, h } from "./dom";

const MOST = 200;

interface Props {
  readonly text: Text;
  readonly name: string;
  /** What was chosen needs a number or an address. */
  readonly contact: WithContact | null;
  readonly shut: boolean;
  /** Asks for the number or the address, or no longer. */
  ask(contact: WithContact | null): void;
  /** What was typed is none. */
  readonly wrong: boolean;
  /** The field's text is the number or the address. */
  reach(): void;
  choose(choice: Choice, contact: string): void;
}

export function choices({ text, name, contact, shut, wrong, ask, reach, choose }: Props): Description {
  const option = (choice: Choice, act: () => void): Description => (
    <button data-testid={`choose-${choice}`} disabled={shut} onclick={act}>
      {fill(text.choice[choice], name)}
    </button>
  );
  return (
    <div class="hint choice" role="group" aria-labelledby="choice" data-testid="choice">
      <p id="choice" role="status">
        {text.question}
      </p>
      {contact ? (
        <div key={contact} class="form">
          <input
            inputmode={contact === "email" ? "email" : "tel"}
            autocomplete={contact === "email" ? "email" : "tel"}
            aria-label={text.contact[contact]}
            aria-describedby={wrong && "wrong"}
            aria-invalid={String(wrong)}
            placeholder={text.contact[contact]}
            maxlength={MOST}
            disabled={shut}
            data-testid="contact"
            onkeydown={onEnter(reach)}
          />
          <button class="strong" data-testid="contact-send" disabled={shut} onclick={reach}>
            {text.send}
          </button>
          <button data-testid="contact-back" disabled={shut} onclick={() => ask(null)}>
            {text.goBack}
          </button>
          {wrong && (
            <small id="wrong" class="bad" role="alert" data-testid="contact-wrong">
              {text.wrong}
            </small>
          )}
        </div>
      ) : (
        <div>
          {option("stay", () => choose("stay", ""))}
          {option("another_agent", () => choose("another_agent", ""))}
          {option("callback", () => ask("callback"))}
          {option("email", () => ask("email"))}
        </div>
      )}
    </div>
  );
}
