// The theme as CSS variables, in a sheet that the script makes: the page's security policy takes no <style> elements, in
// which Mantine would put them. What Mantine's own style sheet says already is left out.

import { convertCssVariables, DEFAULT_THEME, defaultCssVariablesResolver, type MantineThemeOverride, mergeMantineTheme } from "@mantine/core";

type Variables = Readonly<Record<string, string>>;

/** Puts them on the page. */
export function paintTheme(theme: MantineThemeOverride): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(variablesOf(theme));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

export function variablesOf(theme: MantineThemeOverride): string {
  const [all, known] = [mergeMantineTheme(DEFAULT_THEME, theme), DEFAULT_THEME].map(defaultCssVariablesResolver);
  if (all === undefined || known === undefined) return "";
  const own = (of: Variables, without: Variables): Record<string, string> =>
    Object.fromEntries(Object.entries(of).filter(([name, value]) => without[name] !== value));
  return convertCssVariables(
    {
      variables: own(all.variables, known.variables),
      dark: own(all.dark, known.dark),
      light: own(all.light, known.light),
    },
    ":root",
  );
}
