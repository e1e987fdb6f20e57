// How the visitor can go on while a call takes long: wait, another agent, a call or a message later.

import type { Choice } from "../protocol/visitor";
import { fill, type Text, type WithContact } from "../text";
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
  choose(choice: Choice, contact: string): void;
}

export function choices({ text, name, contact, shut, ask, choose }: Props): Description {
  const option = (choice: Choice, act: () => void): Description => (
    <button type="button" data-testid={`choose-${choice}`} disabled={shut} onclick={act}>
      {fill(text.choice[choice], name)}
    </button>
  );
  return (
    <div class="hint choice" role="group" aria-labelledby="choice" data-testid="choice">
      <p id="choice" role="status">
        {text.question}
      </p>
      {contact ? (
        <form
          key={contact}
          onsubmit={(event) => {
            event.preventDefault();
            const value = (event.target as HTMLFormElement).querySelector("input")?.value.trim();
            if (value) choose(contact, value);
          }}
        >
          <input
            type={contact === "email" ? "email" : "tel"}
            autocomplete={contact === "email" ? "email" : "tel"}
            aria-label={text.contact[contact]}
            placeholder={text.contact[contact]}
            maxlength={MOST}
            required
            disabled={shut}
            data-testid="contact"
          />
          <button class="strong" data-testid="contact-send" disabled={shut}>
            {text.send}
          </button>
          <button type="button" data-testid="contact-back" disabled={shut} onclick={() => ask(null)}>
            {text.goBack}
          </button>
        </form>
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
