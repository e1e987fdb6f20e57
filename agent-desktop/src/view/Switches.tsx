// Language, colours, sound: each one button with two states.

import { ActionIcon, Button, Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import type { ReactElement } from "react";
import { useStore } from "../hooks";
import { changeLocale, locale } from "../locale";
import { m } from "../paraglide/messages.js";
import { setSound, sound } from "../ring";
import { Icon } from "./Icon";

export function LanguageSwitch(): ReactElement {
  const now = useStore(locale);
  const other = now === "de" ? "en" : "de";
  // In the words of the language it leads to: whoever needs it may not read the present one.
  const name = other === "de" ? "Auf Deutsch umstellen" : "Switch to English";
  return (
    <Tooltip label={name}>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        px={6}
        h={30}
        fz={13}
        c="var(--ink-2)"
        onClick={() => changeLocale(other)}
        data-testid="language"
        data-language={now}
      >
        <span aria-hidden="true">{now.toUpperCase()}</span>
        <span className="hidden" lang={other}>
          {name}
        </span>
      </Button>
    </Tooltip>
  );
}

export function SchemeSwitch(): ReactElement {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  const name = dark ? m.scheme_to_light() : m.scheme_to_dark();
  return (
    <Tooltip label={name}>
      <ActionIcon
        variant="subtle"
        color="gray"
        c="var(--ink-2)"
        size={30}
        onClick={() => setColorScheme(dark ? "light" : "dark")}
        aria-label={name}
        data-testid="scheme"
      >
        <Icon name={dark ? "sun" : "moon"} />
      </ActionIcon>
    </Tooltip>
  );
}

export function SoundSwitch(): ReactElement {
  const on = useStore(sound);
  const name = on ? m.sound_off() : m.sound_on();
  return (
    <Tooltip label={name}>
      <ActionIcon
        variant="subtle"
        color="gray"
        c="var(--ink-2)"
        size={30}
        onClick={() => setSound(!on)}
        aria-label={m.sound()}
        aria-pressed={on}
        data-testid="sound"
      >
        <Icon name={on ? "bell" : "bell_off"} />
      </ActionIcon>
    </Tooltip>
  );
}
