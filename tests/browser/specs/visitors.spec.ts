// What a company's page may say of its visitors, and what they are told, asked and shown.

import { createHmac } from "node:crypto";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { DesktopPage, type Language, openBrowser, openWebsite, type Scheme, WidgetPage } from "../support/browser";
import { Daemon, TOKEN } from "../support/daemon";
import { until } from "../support/until";

const KEY = "0123456789abcdef0123456789abcdef";
const SERVICE = `identify_key = "${KEY}"
[chat_service.widget]
accent = "#7a3300"
rating = true
[[chat_service.widget.form]]
key = "topic"
needed = true
label = { de = "Worum geht es?", en = "What is it about?" }
`;

/** What a page's own script asks for. */
const call = (page: Page, ...words: unknown[]): Promise<void> =>
  page.evaluate((given) => (globalThis as unknown as { vorrang(...of: unknown[]): void }).vorrang(...given), words);
const hmac = (id: string): string => createHmac("sha256", KEY).update(id).digest("hex");

/** Pictures in both schemes at the width of a phone and of a desk, with what axe finds. */
async function look(widget: WidgetPage, name: string): Promise<string[]> {
  const findings: string[] = [];
  for (const width of [390, 1280]) {
    await widget.page.setViewportSize({ width, height: 800 });
    for (const colorScheme of ["light", "dark"] satisfies Scheme[]) {
      await widget.page.emulateMedia({ colorScheme });
      findings.push(...(await widget.look(`${name}-${colorScheme}-${width}`)));
      if (await widget.page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) findings.push(`${name}: wider than ${width} pixels`);
    }
  }
  return findings;
}

test("R3, R7: form, request and who the visitor is are one request, whenever the page says it, and agents see what is proved", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }], service: SERVICE });
  const head = `window.vorrang = Object.assign((...call) => window.vorrang.q.push(call), { q: [] });
    vorrang("identify", { id: "4711", name: "Kim Kern", hmac: "${hmac("4711")}" });
    vorrang("open");`;
  const context = await (await openBrowser()).newContext();
  const widget = new WidgetPage(await context.newPage());
  const sent: { type: string; form?: object; identity?: object }[] = [];
  widget.page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => sent.push(JSON.parse(String(payload)))));
  const said: string[] = [];
  widget.page.on("console", (message) => said.push(message.text()));
  await widget.page.goto(`${await openWebsite(daemon, "", { head })}/?lang=en`);
  await widget.at("field-topic").fill("My order");
  expect(await widget.page.evaluate(() => sessionStorage.length)).toBe(0);
  await widget.at("begin").click();
  await widget.is("waiting");
  expect(sent.filter(({ type }) => type === "hello")).toEqual([
    expect.objectContaining({ form: { topic: "My order" }, identity: { id: "4711", name: "Kim Kern", hmac: hmac("4711") } }),
  ]);
  const desktop = await DesktopPage.atWork(await (await openBrowser()).newContext(), daemon, "anna");
  await until("the name before the pick", async () => (await desktop.at("waiting-item").innerText()).includes("Kim Kern"));
  await desktop.pick();
  await desktop.at("identity", { proved: "true" }).waitFor();
  const details = desktop.at("details");
  for (const text of ["My order", "4711", "Kim Kern"]) expect(await details.innerText()).toContain(text);

  await widget.leave();
  await widget.at("new-chat").click();
  await call(widget.page, "identify", { id: "4712", name: "Jo", hmac: hmac("4711") });
  await widget.at("begin").click();
  await widget.is("waiting");
  await until("the page's developer is told", () => said.some((line) => line.includes("hmac is not the HMAC-SHA-256")));
  await desktop.at("finish-wrap-up").first().click();
  await desktop.pick();
  await desktop.at("identity", { proved: "false" }).waitFor();
  await widget.say("I have signed in now");
  await call(widget.page, "identify", { id: "4712", name: "Jo", hmac: hmac("4712") });
  await desktop.at("identity", { proved: "true" }).waitFor();
  await widget.shows(["I have signed in now"]);
  expect(widget.errors).toEqual([]);
});

test.each(["de", "en"] satisfies Language[])("R3, R5 in %s: who waits is told their place, and afterwards asked once how it was", async (language) => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }, { name: "boss", role: "supervisor" }], service: SERVICE });
  const browser = await openBrowser();
  const website = await openWebsite(daemon);
  const begin = async (): Promise<WidgetPage> => {
    const widget = await WidgetPage.open(await browser.newContext({ reducedMotion: "reduce" }), website, language);
    await widget.at("vorrang-button").click();
    await widget.at("field-topic").fill("Rad");
    await widget.at("begin").click();
    await widget.is("waiting");
    return widget;
  };
  const [first, widget] = [await begin(), await begin()];
  const place = language === "de" ? "Sie sind an #. Stelle." : "You are number # in the queue.";
  await until("the place", async () => (await widget.at("place").innerText()) === place.replace("#", "2"));
  const findings = await look(widget, `place-${language}`);
  await first.leave();
  await until("the place moved up", async () => (await widget.at("place").innerText()) === place.replace("#", "1"));
  const desktop = await DesktopPage.atWork(await browser.newContext({ locale: language === "de" ? "de-DE" : "en-GB" }), daemon, "anna");
  await desktop.pick();
  await widget.is("active");
  expect(await widget.at("place").count()).toBe(0);
  await desktop.say("Guten Tag");
  await widget.shows(["Guten Tag"]);
  await widget.leave();
  await widget.at("star-4").click();
  await widget.at("comment").fill("Schnell! 🚲");
  findings.push(...(await look(widget, `rating-${language}`)));
  await widget.at("rate").click();
  await widget.at("rated").waitFor();
  findings.push(...(await look(widget, `rated-${language}`)));
  await desktop.at("finish-wrap-up").first().click();
  await desktop.attendsTo("none");
  await desktop.page.keyboard.press("Alt+V");
  await desktop.at("own-item").first().click();
  await until("the agent sees it, too", async () => (await desktop.at("rating").innerText()).includes("Schnell! 🚲"));
  findings.push(...(await desktop.look(`own-item-${language}`)));
  expect(findings).toEqual([]);
  interface Records {
    calls: { outcome: string; rating: object | null }[];
  }
  const rated = await until("the record", async () => {
    const { json } = await daemon.rest<Records>("boss", "GET", "/calls?kind=chat");
    return json.calls.find(({ outcome }) => outcome === "visitor_left");
  });
  expect(rated.rating).toEqual({ stars: 4, comment: "Schnell! 🚲" });
  expect(widget.errors).toEqual([]);
});

test("R3: the page that is nothing but a chat fills the screen, keeps to its policy and tells an app what happens", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  for (const language of ["de", "en"] satisfies Language[]) {
    const context = await browser.newContext({ locale: language === "de" ? "de-DE" : "en-GB", reducedMotion: "reduce", viewport: { width: 390, height: 800 } });
    const widget = new WidgetPage(await context.newPage());
    await widget.page.addInitScript(() => {
      const here = globalThis as unknown as { told: string[]; blocked: string[]; ReactNativeWebView: object };
      here.told = [];
      here.blocked = [];
      here.ReactNativeWebView = { postMessage: (text: string) => here.told.push(text) };
      addEventListener("securitypolicyviolation", ({ blockedURI }) => here.blocked.push(blockedURI));
    });
    const told = (): Promise<string[]> => widget.page.evaluate(() => (globalThis as unknown as { told: string[] }).told);
    await widget.page.goto(`${daemon.origin}/chat/${TOKEN}`);
    await widget.at("panel").waitFor();
    expect(await widget.page.title()).toBe(language === "de" ? "Chat mit Alpenrad" : "Chat with Alpenrad");
    expect(await widget.at("panel").boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 800 });
    const findings = await look(widget, `hosted-before-${language}`);
    await widget.at("begin").click();
    await widget.is("waiting");
    await desktop.pick();
    await desktop.say("Guten Tag");
    await widget.shows(["Guten Tag"]);
    findings.push(...(await look(widget, `hosted-${language}`)));
    expect(await widget.at("panel").boundingBox()).toEqual({ x: 272, y: 0, width: 736, height: 800 });
    await widget.at("minimise").click();
    await desktop.say("Noch da?");
    await until("the app is told", async () => (await told()).includes('{"event":"unread","detail":1}'));
    expect((await told()).map((text) => (JSON.parse(text) as { event: string }).event)).toEqual(["ready", "open", "close", "unread"]);
    await widget.at("vorrang-button").click();
    await widget.leave();
    expect(findings).toEqual([]);
    expect(await widget.page.evaluate(() => (globalThis as unknown as { blocked: string[] }).blocked)).toEqual([]);
    expect(widget.errors).toEqual([]);
    await desktop.at("finish-wrap-up").first().click();
  }
});
