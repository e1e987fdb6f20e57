// What an agent hears of what happens: read out, as a sound, and outside of the page. Once, however many tabs are open.

import type { BrowserContext, Page } from "playwright-core";
import { expect, test } from "vitest";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { udpPort } from "../support/ports";
import { Caller, DeskPhone, uri } from "../support/sipp";
import { until } from "../support/until";
import { Visitor } from "../support/visitor";

/** What a page did: the browser's own notifications and sounds, which a headless one does not show. */
interface Did {
  told: { title: string; tag: string }[];
  /** The tags of those that were taken away again. */
  closed: string[];
  sounds: number;
}

/** The browser notes what pages tell and play; a page can be taken out of sight. */
async function noted(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const did: Did = { told: [], closed: [], sounds: 0 };
    let hidden = false;
    class Noted extends EventTarget {
      static get permission(): string {
        return localStorage.getItem("permission") ?? "default";
      }
      static requestPermission(): Promise<string> {
        localStorage.setItem("permission", "granted");
        return Promise.resolve("granted");
      }
      readonly #tag: string;
      constructor(title: string, { tag }: { tag: string }) {
        super();
        this.#tag = tag;
        did.told.push({ title, tag });
        Object.assign(globalThis, { click: () => this.dispatchEvent(new Event("click")) });
      }
      close(): void {
        did.closed.push(this.#tag);
      }
    }
    Object.assign(globalThis, { did, Notification: Noted });
    Object.defineProperty(document, "visibilityState", { get: () => (hidden ? "hidden" : "visible") });
    addEventListener("leave-sight", () => {
      hidden = true;
      document.dispatchEvent(new Event("visibilitychange"));
    });
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function played(at?: number): void {
      did.sounds += 1;
      start.call(this, at);
    };
  });
}

function deeds(page: Page): Promise<Did> {
  return page.evaluate(() => (globalThis as unknown as { did: Did }).did);
}

function leaveSight(page: Page): Promise<unknown> {
  return page.evaluate(() => dispatchEvent(new Event("leave-sight")));
}

/** Names of what has this role in the tree that screen readers get. */
async function names(page: Page, role: string): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  return nodes.flatMap((node) => (!node.ignored && node.role?.value === role ? [String(node.name?.value)] : []));
}

test("what happens is read out once, and every button says what it is about", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext({ locale: "en-GB" }), daemon, "anna");
  const visitor = await Visitor.come(daemon);
  await visitor.say("Good morning");
  const chat = await desktop.pick();
  const name = await desktop.page.locator("main h2").filter({ hasText: /^Chat \d/ }).textContent();
  const called = /^Chat [\d-]+\d(?=\D|$)/.exec(name ?? "")?.[0] ?? "";
  expect(called).not.toBe("");

  const announced = desktop.at("announced").locator("p");
  await visitor.say("Are you there?");
  await desktop.shows(["Good morning", "Are you there?"]);
  expect(await announced.allTextContents(), "the log reads it out itself").toEqual([]);
  expect(await names(desktop.page, "log")).toEqual(["Messages"]);
  const buttons = await names(desktop.page, "button");
  for (const act of ["Park", "Transfer", "End chat", "Send"]) {
    expect(buttons.filter((button) => button.startsWith(act))).toEqual([`${act}: ${called}`]);
  }
  expect(await names(desktop.page, "textbox")).toEqual([`Message to the visitor: ${called}`]);

  await desktop.at("park", { chat }).click();
  await desktop.chatIs(chat, "parked");
  await until("it is said that it is parked", async () => (await announced.count()) === 1);
  await visitor.say("Hello?");
  await until("it is said that somebody wrote", async () => (await announced.count()) === 2);
  expect(await announced.allTextContents()).toEqual([`${called} is parked.`, `New message in ${called}.`]);
  await desktop.at("inbox-item", { chat }).getByRole("button").first().click();
  await visitor.say("One more thing");
  await desktop.shows(["Good morning", "Are you there?", "Hello?", "One more thing"]);
  expect(await announced.count(), "the log reads it out itself").toBe(2);
  await desktop.speak("de");
  await visitor.say("Last words");
  await desktop.shows(["Good morning", "Are you there?", "Hello?", "One more thing", "Last words"]);
  expect(await announced.allTextContents(), "nothing is said again in another language").toEqual([]);
  await desktop.speak("en");
  expect(await desktop.look("news")).toEqual([]);
  expect(desktop.errors).toEqual([]);
});

test("who wrote is told outside of the page while no tab is looked at, and sounds, on one tab of two", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }] });
  const browser = await openBrowser();
  const context = await browser.newContext({ locale: "en-GB" });
  await noted(context);
  const first = await DesktopPage.atWork(context, daemon, "anna");
  await first.at("allow-notifications").click();
  await first.at("offer-notifications").waitFor({ state: "detached" });
  const second = new DesktopPage(await context.newPage());
  await second.page.goto(`${daemon.origin}/desktop/`);
  await second.presence("available");
  // Browsers let a page be heard that was clicked.
  await second.page.locator("h1").click();

  const visitor = await Visitor.come(daemon);
  const chat = await first.pick();
  await first.at("park", { chat }).click();
  await first.chatIs(chat, "parked");
  await second.chatIs(chat, "parked");
  const both = (): Promise<Did[]> => Promise.all([first, second].map(({ page }) => deeds(page)));
  const sounds = async (): Promise<number> => (await both()).reduce((sum, one) => sum + one.sounds, 0);
  const bothShow = async (text: string): Promise<void> => {
    for (const desktop of [first, second]) await desktop.at("inbox-item", { chat }).filter({ hasText: text }).waitFor();
  };
  await visitor.say("Hello?");
  await bothShow("Hello?");
  await until("a soft sound", async () => (await sounds()) === 1);
  expect((await both()).flatMap(({ told }) => told), "it is looked at").toEqual([]);

  await leaveSight(first.page);
  await leaveSight(second.page);
  await visitor.say("Are you there?");
  const told = async (): Promise<Did["told"]> => (await both()).flatMap((one) => one.told);
  await until("it is told", async () => (await told()).length > 0);
  await bothShow("Are you there?");
  expect(await told()).toEqual([{ title: expect.stringContaining("New message in Chat"), tag: `chat ${chat}` }]);
  await until("a second soft sound", async () => (await sounds()) === 2);
  expect([...first.errors, ...second.errors]).toEqual([]);
});

test("a ringing call is told outside of the page, and no longer than it rings: given up by the caller, or answered", async () => {
  const port = await udpPort();
  const daemon = await Daemon.start({ people: [{ name: "anna", phone: uri("anna", port) }] });
  const phone = DeskPhone.at(port, 2);
  const browser = await openBrowser();
  const context = await browser.newContext({ locale: "en-GB" });
  await noted(context);
  const desktop = await DesktopPage.atWork(context, daemon, "anna");
  await desktop.at("allow-notifications").click();
  await leaveSight(desktop.page);
  const did = (): Promise<Did> => deeds(desktop.page);

  const rings = async (nth: number): Promise<Caller> => {
    const caller = await Caller.dial(daemon);
    await phone.rings(nth);
    await until("it is told", async () => (await did()).told.length === nth, 20_000);
    expect((await did()).told.at(-1)?.title).toMatch(/ – call$/);
    expect((await did()).closed, "it still rings").toHaveLength(nth - 1);
    return caller;
  };
  const isTakenAway = (nth: number): Promise<unknown> =>
    until("it is taken away", async () => {
      const { told, closed } = await did();
      return closed.length === nth && closed.at(-1) === told.at(-1)?.tag;
    });

  await (await rings(1)).hangUp();
  await isTakenAway(1);
  const caller = await rings(2);
  await phone.press(await phone.rings(2));
  await desktop.attendsTo("call");
  await isTakenAway(2);
  await caller.hangUp();
  expect(desktop.errors).toEqual([]);
});
