// A password that is given: made at a click or typed, in clear, because somebody has to pass it on. What holds now nobody sees.

import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { m } from "../../paraglide/messages.js";
import { newSecret } from "../secrets";
import { aria, type ControlProps } from "./control-props";
import css from "./Form.module.css";

export function Secret({ characters, ...props }: ControlProps & { characters: number }): ReactElement {
  const { value, onChange, id } = props;
  return (
    <span className={css.number}>
      <input
        {...aria(props)}
        type="text"
        className={css.secret}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        placeholder={m.admin_secret_unchanged()}
        value={typeof value === "string" ? value : ""}
        onChange={({ currentTarget }) => onChange(currentTarget.value === "" ? undefined : currentTarget.value)}
      />
      <Button size="compact-sm" variant="default" onClick={() => onChange(newSecret(characters))} data-testid="admin-draw" data-for={id}>
        {m.admin_draw()}
      </Button>
    </span>
  );
}
