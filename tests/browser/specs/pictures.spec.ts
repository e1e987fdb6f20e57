// The story in pictures, in both languages and both schemes; axe looks at each of them.

import { expect, test } from "vitest";
import { DesktopPage, type Language, openBrowser, openWebsite, type Scheme, WidgetPage } from "../support/browser";
import { Daemon } from "../support/daemon";
import { udpPort } from "../support/ports";
import { Caller, DeskPhone, uri } from "../support/sipp";

const LANGUAGES: readonly Language[] = ["de", "en"];
const SCHEMES: readonly Scheme[] = ["light", "dark"];
const SIZE = { width: 1280, height: 800 };

/** Both screens as they are looked at; the visitor has a page in each language. */
interface Album {
  readonly desktop: DesktopPage;
  readonly widgets: ReadonlyMap<Language, WidgetPage>;
  readonly findings: string[];
}

/** `set` brings a screen back to the moment: what is unfolded folds when a screen is drawn in another language. */
async function look({ desktop, widgets, findings }: Album, moment: string, set?: () => Promise<void>): Promise<void> {
  // The present language first: what the desktop says for a moment goes away when it is drawn anew.
  const now = await desktop.language();
  for (const language of LANGUAGES.toSorted((a, b) => Number(b === now) - Number(a === now))) {
    await desktop.speak(language);
    await set?.();
    for (const scheme of SCHEMES) {
      for (const [who, page] of [["website", widgets.get(language)], ["desktop", desktop]] as const) {
        if (page === undefined) continue;
        await page.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
        const name = `${moment}-${who}-${language}-${scheme}`;
        findings.push(...(await page.look(name)).map((finding) => `${name}: ${finding}`));
      }
    }
    // A dialog would keep the language switch from being reached.
    await desktop.page.keyboard.press("Escape");
  }
}

test("website and desktop are without findings during a chat, during the call and after it", async () => {
  const phonePort = await udpPort();
  const daemon = await Daemon.start({
    people: [{ name: "anna", displayName: "Anna Berger", phone: uri("anna", phonePort) }],
    callWrapUpS: 120,
    // It rings while eight pictures are taken.
    settings: { AGENT__RING_S: "120" },
  });
  const phone = DeskPhone.at(phonePort);
  const browser = await openBrowser();
  const website = await openWebsite(daemon);
  // Two pages of one visitor, each in its language.
  const visitor = await browser.newContext({ viewport: SIZE });
  const widget = await WidgetPage.open(visitor, website, "de");
  const desktop = await DesktopPage.signIn(await browser.newContext({ viewport: SIZE, locale: "de-DE" }), daemon, "anna");
  const widgets = new Map<Language, WidgetPage>([["de", widget]]);
  const album = { desktop, widgets, findings: [] };

  await widget.begin();
  widgets.set("en", await widget.beside(website, "en"));
  await widgets.get("en")?.is("waiting");
  await look(album, "1-waiting");

  await desktop.at("work-login").first().click();
  await desktop.presence("available");
  const chat = await desktop.pick();
  await widget.is("active");
  await widget.say("Guten Tag! Passt der Gepäckträger auch an das Gletscher von 2019?");
  await desktop.say("Guten Tag! Ja, mit dem längeren Bügel. Soll ich Ihnen einen zurücklegen?");
  await widget.say("Gern, in Schwarz bitte.");
  await desktop.at("message", { author: "visitor", pending: "false" }).nth(1).waitFor();
  await look(album, "2-chat");

  const caller = await Caller.dial(daemon);
  await desktop.at("ringing").waitFor();
  await look(album, "3-ringing", () => desktop.at("why").locator("summary").click());

  await phone.answer();
  await widget.is("preempted");
  await widget.say("Ich warte solange.");
  await desktop.at("unread").first().waitFor();
  await look(album, "4-call");
  await desktop.page.locator(`[data-testid="preempted"] button`).click();
  await look(album, "5-call-and-chat");

  await caller.hangUp();
  await desktop.chatIs(chat, "active");
  await widget.is("active");
  await look(album, "6-after");

  await widget.leave();
  await desktop.chatIs(chat, "wrap_up");
  await look(album, "7-wrap-up");
  expect(album.findings).toEqual([]);
  expect([...desktop.errors, ...widget.errors, ...(widgets.get("en")?.errors ?? [])]).toEqual([]);
});

test("and with a pushed chat, a transfer, a visitor who is asked, a task and a break", { timeout: 300_000 }, async () => {
  const phonePort = await udpPort();
  const daemon = await Daemon.start({
    people: [
      { name: "anna", displayName: "Anna Berger", phone: uri("anna", phonePort), role: "supervisor" },
      { name: "ben", displayName: "Ben Adler" },
    ],
    queues: [{ name: "Technik" }],
    push: ["chat"],
    callWrapUpS: 120,
    breakReasons: ["Mittag", "Schulung"],
    settings: { CHAT__IDLE_WARN_S: "1", CHAT__IDLE_CLOSE_S: "0", CHAT__CHOICE_S: "1", CHAT__ALERT_S: "1" },
  });
  const phone = DeskPhone.at(phonePort);
  const browser = await openBrowser();
  const website = await openWebsite(daemon);
  const visitor = await browser.newContext({ viewport: SIZE });
  const widget = await WidgetPage.open(visitor, website, "de");
  const desktop = await DesktopPage.atWork(await browser.newContext({ viewport: SIZE, locale: "de-DE" }), daemon, "anna");
  await widget.at("vorrang-button").click();
  await desktop.at("alerting").waitFor();
  const english = await widget.beside(website, "en");
  await english.is("allocated");
  const album: Album = { desktop, widgets: new Map([["de", widget], ["en", english]]), findings: [] };
  await look(album, "1-alerting");

  const chat = (await desktop.at("alerting").getAttribute("data-chat")) ?? "";
  await desktop.at("alerting-activate").click();
  await widget.is("active");
  await widget.say("Guten Tag! Ich möchte mein Rad zurückgeben.");
  await desktop.say("Gern. Welches Rad ist es?");
  await widget.at("idle").waitFor();
  await look(album, "2-idle");
  await widget.at("still-here").click();
  await look(album, "3-transfer", async () => {
    await desktop.at("transfer", { chat }).click();
    await desktop.at("transfer-to", { name: "Technik" }).click();
  });

  const caller = await Caller.dial(daemon);
  await phone.answer();
  await Promise.all([widget, english].map((page) => page.at("choice").waitFor()));
  await desktop.at("notice", { kind: "alert" }).waitFor();
  await look(album, "4-choice", () => desktop.at("why").locator("summary").click());
  await Promise.all([widget, english].map((page) => page.at("choose-callback").click()));
  await look(album, "5-contact");
  await widget.at("contact").fill("+49 89 99998 100");
  await widget.at("contact-send").click();
  await Promise.all([widget, english].map((page) => page.is("ended")));
  await caller.hangUp();
  await desktop.chatIs(chat, "wrap_up");
  await look(album, "6-callback-waits");

  await desktop.at("finish-wrap-up", { chat }).click();
  await desktop.at("pick").first().click();
  await desktop.attendsTo("task");
  await desktop.at("take-break").click();
  await desktop.at("break-reason").first().click();
  await desktop.at("break-pending").waitFor();
  await look(album, "7-task-and-pending-break");
  await desktop.at("park").first().click();
  await desktop.presence("break");
  await look(album, "8-break");
  await desktop.at("work-login").first().click();
  await desktop.presence("available");
  await look(album, "9-break-reasons", () => desktop.at("take-break").click());
  expect(album.findings).toEqual([]);
  expect([...desktop.errors, ...widget.errors, ...english.errors]).toEqual([]);
});

test("the sign-in form is without findings, and refuses a wrong password in words", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }] });
  const browser = await openBrowser();
  for (const scheme of SCHEMES) {
    const context = await browser.newContext({ viewport: SIZE, locale: "de-DE", colorScheme: scheme, reducedMotion: "reduce" });
    const desktop = await DesktopPage.open(context, daemon);
    expect(await desktop.look(`form-${scheme}`)).toEqual([]);
    await desktop.fillIn("anna", "not the password");
    await desktop.at("notice", { code: "wrong_credentials" }).waitFor();
    expect(await desktop.look(`refused-${scheme}`)).toEqual([]);
  }
});
