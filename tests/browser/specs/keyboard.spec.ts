// Desktop and administration by keyboard alone: everything is reached, Escape closes what opened, and the focus is where it was.

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { Agent } from "../support/agent";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { until } from "../support/until";
import { Visitor } from "../support/visitor";

const MORE = `
[[classification]]
code = "delivery"
label = "Delivery"
[[template]]
name = "hello"
text = "Hello, what can I do for you?"
`;

/** What has the focus, by its mark, its name or its kind. */
function focus(page: Page): Promise<string> {
  return page.evaluate(() => {
    const at = document.activeElement;
    return at?.getAttribute("data-testid") ?? at?.getAttribute("aria-label") ?? at?.tagName ?? "";
  });
}

/** Presses Tab until this has the focus; each stop on the way is seen to have it. */
async function tabTo(page: Page, testid: string, key = "Tab"): Promise<void> {
  const passed: string[] = [];
  for (let step = 0; step < 80; step += 1) {
    await page.keyboard.press(key);
    const at = await focus(page);
    if (at === testid) return;
    passed.push(at);
  }
  throw new Error(`Tab never comes to ${testid}, but to ${passed.join(", ")}`);
}

test("an agent signs in, works a whole chat and leaves by keyboard, and Escape leads back to where they were", { timeout: 180_000 }, async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }, { name: "ben" }], breakReasons: ["Lunch"], more: MORE });
  const browser = await openBrowser();
  const desktop = await DesktopPage.open(await browser.newContext({ locale: "en-GB" }), daemon);
  const { page } = desktop;
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await page.keyboard.type("anna");
  await press("Tab");
  await page.keyboard.type("anna-says-open-1");
  await press("Enter");
  await desktop.presence("logged_out");
  await tabTo(page, "work-login");
  await press("Enter");
  await desktop.presence("available");
  expect(await focus(page)).not.toBe("BODY");

  const ben = await Agent.atWork(daemon, "ben");
  const visitor = await Visitor.come(daemon);
  await visitor.say("Where is my bike?");
  await desktop.at("pick").first().waitFor();
  await press("Alt+N");
  await desktop.attendsTo("chat");
  await press("Alt+M");
  expect(await focus(page)).toBe("chat-input");

  // Whatever lies in front of the page goes with Escape, and the hand is where it was.
  for (const [key, mark] of [["Control+K", "palette"], ["Alt+V", "history"], ["Alt+S", "settings"], ["Alt+T", "transfer-note"], ["Alt+E", "end-confirm"]] as const) {
    await press(key);
    await desktop.at(mark).first().waitFor();
    expect([key, await page.evaluate(() => document.activeElement?.closest("dialog") !== null)]).toEqual([key, true]);
    await press("Escape");
    await desktop.at(mark).first().waitFor({ state: "detached" });
    expect([key, await focus(page)]).toEqual([key, "chat-input"]);
    // The caret too: what is typed next is there.
    await page.keyboard.type("x");
    expect([key, await page.locator('textarea[data-testid="chat-input"]').inputValue()]).toEqual([key, "x"]);
    await press("Backspace");
  }
  await page.keyboard.type("/");
  await desktop.at("template").first().waitFor();
  await press("Escape");
  await desktop.at("template").first().waitFor({ state: "detached" });
  expect(await focus(page)).toBe("chat-input");
  await press("Backspace");
  await page.keyboard.type("/he");
  await desktop.at("template").first().waitFor();
  await press("Enter", "Enter");
  await until("the visitor reads it", () => visitor.texts().at(-1) === "Hello, what can I do for you?");
  expect(await focus(page)).toBe("chat-input");

  await press("Alt+I");
  await page.keyboard.type("was angry");
  await press("Enter");
  await desktop.at("internal-note", { pending: "false" }).waitFor();
  expect(await focus(page)).toBe("chat-input");

  // Who it is: looked for, given up, made.
  await press("Alt+C");
  expect(await focus(page)).toBe("contact-search");
  await press("Escape");
  expect(await focus(page)).toBe("chat-input");
  await press("Alt+U");
  await desktop.at("contact-form").waitFor();
  expect(await focus(page)).toBe("contact-name");
  await press("Escape");
  await desktop.at("contact-form").waitFor({ state: "detached" });
  expect(await focus(page)).toBe("chat-input");
  await press("Alt+U");
  await page.keyboard.type("Kim Kern");
  await press("Enter");
  await desktop.at("contact").filter({ hasText: "Kim Kern" }).waitFor();
  expect(await focus(page)).not.toBe("BODY");

  await press("Alt+K");
  await page.keyboard.type("deli");
  await desktop.at("classification-choice").first().waitFor();
  await press("Enter", "Tab");
  await page.keyboard.type("New tyre");
  await desktop.at("write-up-state", { state: "kept" }).waitFor();

  // Given to a colleague.
  await press("Alt+T");
  await desktop.at("transfer-to", { name: "ben" }).waitFor();
  const chosen = (): Promise<string | null> =>
    page.evaluate(() => document.activeElement?.closest("[data-testid=transfer-to]")?.getAttribute("data-name") ?? null);
  while ((await chosen()) === null) await press("Tab");
  while ((await chosen()) !== "ben") await press("ArrowDown");
  await tabTo(page, "transfer-confirm");
  await press("Enter");
  await until("the colleague has it", () => ben.chats.size === 1);
  await desktop.attendsTo("none");
  expect(await focus(page)).not.toBe("BODY");

  await press("?");
  await page.locator("dialog[open]").waitFor();
  await press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  await tabTo(page, "take-break");
  await press("Enter");
  await desktop.at("break-reason").first().waitFor();
  await press("Escape");
  expect(await focus(page)).toBe("take-break");
  await press("Enter", "Tab", "Enter");
  await desktop.presence("break");
  expect(await focus(page)).not.toBe("BODY");
  await tabTo(page, "work-logout");
  await press("Enter");
  await desktop.presence("logged_out");
  await tabTo(page, "sign-out");
  await press("Enter");
  await desktop.at("login-submit").waitFor();
  expect(desktop.errors).toEqual([]);
});

test("an administrator makes a person and a chat service, removes one and takes that back, by keyboard", { timeout: 180_000 }, async () => {
  const daemon = await Daemon.start({ people: [{ name: "chief", role: "administrator" }] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.signIn(await browser.newContext({ locale: "en-GB" }), daemon, "chief");
  const { page } = desktop;
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const section = async (name: string): Promise<void> => {
    for (let step = 0; (await page.evaluate(() => document.activeElement?.textContent)) !== name; step += 1) {
      expect(step, `Tab never comes to ${name}`).toBeLessThan(80);
      await press("Shift+Tab");
    }
    await press("Enter");
  };
  const field = (): Promise<string> => page.evaluate(() => document.activeElement?.id ?? "");
  const toField = async (id: string): Promise<void> => {
    for (let step = 0; (await field()) !== id; step += 1) {
      expect(step, `Tab never comes to ${id}`).toBeLessThan(80);
      await press("Tab");
    }
  };
  await tabTo(page, "administration-open");
  await press("Enter");
  await desktop.at("admin-list", { kind: "queues" }).waitFor();

  await section("People");
  await desktop.at("admin-list", { kind: "agents" }).waitFor();
  await tabTo(page, "admin-add");
  await press("Enter");
  await desktop.at("admin-form", { stage: "ready" }).waitFor();
  await toField("field-login_name");
  await page.keyboard.type("kim");
  await press("Enter");
  await desktop.at("admin-said", { said: "made" }).waitFor();
  expect(await focus(page)).not.toBe("BODY");

  await section("Chat services");
  await desktop.at("admin-list", { kind: "services" }).waitFor();
  await tabTo(page, "admin-add");
  await press("Enter");
  await desktop.at("admin-form", { stage: "ready" }).waitFor();
  await toField("field-name");
  await page.keyboard.type("Shop");
  await toField("field-queue");
  await page.keyboard.type("Service");
  await press("Tab");
  await tabTo(page, "admin-save");
  await press("Enter");
  await desktop.at("admin-said", { said: "made" }).waitFor();
  await tabTo(page, "admin-remove");
  await press("Enter");
  await desktop.at("admin-remove-confirm").waitFor();
  await press("Escape");
  await desktop.at("admin-remove-confirm").waitFor({ state: "detached" });
  expect(await focus(page)).toBe("admin-remove");
  await press("Enter");
  await tabTo(page, "admin-remove-confirm");
  await press("Enter");
  await desktop.at("admin-removed").waitFor();

  await section("Reasons for breaks");
  await desktop.at("admin-list", { kind: "break_reasons" }).waitFor();
  await tabTo(page, "admin-add");
  await press("Enter");
  await desktop.at("admin-form", { stage: "ready" }).waitFor();
  await toField("field-name");
  await page.keyboard.type("Lunch");
  await press("Enter");
  await desktop.at("admin-said", { said: "made" }).waitFor();
  await tabTo(page, "admin-remove");
  await press("Enter");
  await tabTo(page, "admin-remove-confirm");
  await press("Enter");
  await desktop.at("admin-removed").waitFor();
  await tabTo(page, "admin-undo");
  await press("Enter");
  await desktop.at("admin-row", { name: "Lunch" }).waitFor();
  expect(await focus(page)).not.toBe("BODY");
  expect(desktop.errors).toEqual([]);
});

test("on a phone's screen the panel of the contact goes with Escape, and what it lay over has the focus again", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }] });
  const desktop = await DesktopPage.atWork(await (await openBrowser()).newContext({ viewport: { width: 390, height: 844 } }), daemon, "anna");
  const { page } = desktop;
  await Visitor.come(daemon);
  await desktop.at("waiting-item").first().waitFor({ state: "attached" });
  await page.keyboard.press("Alt+N");
  await desktop.attendsTo("chat");
  await page.keyboard.press("Alt+M");
  for (const key of ["Alt+C", "Alt+U"]) {
    await page.keyboard.press(key);
    await desktop.at("contact-panel").waitFor();
    await page.keyboard.press("Escape");
    await desktop.at("contact-panel").waitFor({ state: "detached" });
    expect(await focus(page)).toBe("chat-input");
  }
});
