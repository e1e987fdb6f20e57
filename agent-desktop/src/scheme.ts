// Light or dark: the agent's choice if they made one, else the computer's.

import { localStorageColorSchemeManager } from "@mantine/core";

export const schemes = localStorageColorSchemeManager({ key: "vorrang.scheme" });

/** Says it to the style sheets at once; the provider takes over when it is mounted. */
export function paintScheme(): void {
  const chosen = schemes.get("auto");
  const dark = chosen === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : chosen === "dark";
  document.documentElement.dataset["mantineColorScheme"] = dark ? "dark" : "light";
}
