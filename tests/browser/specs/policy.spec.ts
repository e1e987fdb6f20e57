// The pages that the daemon serves and its content security policy: neither breaks the other.

import type { BrowserContext } from "playwright-core";
import { expect, test } from "vitest";
import { DesktopPage, openBrowser, openWebsite, WidgetPage } from "../support/browser";
import { Daemon } from "../support/daemon";
import { until } from "../support/until";

/** What the pages of a context try against their policy. */
async function violations(context: BrowserContext): Promise<string[]> {
  const found: string[] = [];
  await context.exposeFunction("violated", (what: string) => void found.push(what));
  await context.addInitScript(() => {
    const { violated } = globalThis as unknown as { violated(what: string): void };
    addEventListener("securitypolicyviolation", (event) => {
      violated(`${event.documentURI}: ${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
    });
  });
  return found;
}

test("desktop and widget show themselves as they should, in both schemes, and nothing on their way is blocked", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }] });
  const browser = await openBrowser();
  const policy = (await fetch(`${daemon.origin}/desktop/`)).headers.get("content-security-policy");
  expect(policy).toContain("default-src 'self'");
  expect(policy).not.toContain("unsafe");

  const context = await browser.newContext();
  const found = await violations(context);
  const desktop = await DesktopPage.atWork(context, daemon, "anna");
  const widget = await WidgetPage.open(context, await openWebsite(daemon));
  await widget.begin();
  await desktop.pick();
  await desktop.say("Guten Tag");
  await widget.shows(["Guten Tag"]);
  for (const scheme of ["dark", "light"] as const) {
    await desktop.page.emulateMedia({ colorScheme: scheme });
    const variable = (name: string): Promise<string> =>
      desktop.page.evaluate((asked) => getComputedStyle(document.documentElement).getPropertyValue(asked), name);
    await until("the theme's colours", async () => (await variable("--mantine-color-petrol-8")) === "#0b7179");
    expect(await variable("--mantine-primary-color-filled")).toBe("#0b7179");
  }
  expect(found).toEqual([]);

  // The control: what is not allowed is noticed.
  await desktop.page.evaluate(() => void document.body.append(Object.assign(document.createElement("style"), { textContent: "p {}" })));
  await until("a violation", () => found.length > 0);
  expect(found[0]).toContain("style-src");
});
