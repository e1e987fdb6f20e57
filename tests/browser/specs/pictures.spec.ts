// The story in pictures, in both languages and both schemes; axe looks at each of them.

import { expect, test } from "vitest";
import { DesktopPage, type Language, openBrowser, openWebsite, type Scheme, WidgetPage } from "../support/browser";
import { Daemon } from "../support/daemon";
import { udpPort } from "../support/ports";
import { Caller, DeskPhone, uri } from "../support/sipp";

const LANGUAGES: readonly Language[] = ["de", "en"];
const SCHEMES: readonly Scheme[] = ["light", "dark"];
const SIZE = { width: 1280, height: 800 };

test("website and desktop are without findings during a chat, during the call and after it", async () => {
  const phonePort = await udpPort();
  const daemon = await Daemon.start({
    people: [{ name: "anna", displayName: "Anna Berger", phone: uri("anna", phonePort) }],
    callWrapUpS: 120,
  });
  const phone = DeskPhone.at(phonePort);
  const browser = await openBrowser();
  const website = await openWebsite(daemon);
  // Two pages of one visitor, each in its language.
  const visitor = await browser.newContext({ viewport: SIZE });
  const widget = await WidgetPage.open(visitor, website, "de");
  const desktop = await DesktopPage.signIn(await browser.newContext({ viewport: SIZE, locale: "de-DE" }), daemon, "anna");
  const findings: string[] = [];
  const widgets = new Map<Language, WidgetPage>([["de", widget]]);
  const look = async (moment: string): Promise<void> => {
    // The present language first: what the desktop says for a moment goes away when it is drawn anew.
    const now = await desktop.language();
    for (const language of LANGUAGES.toSorted((a, b) => Number(b === now) - Number(a === now))) {
      await desktop.speak(language);
      for (const scheme of SCHEMES) {
        for (const [who, page] of [["website", widgets.get(language)], ["desktop", desktop]] as const) {
          if (page === undefined) continue;
          await page.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
          const name = `${moment}-${who}-${language}-${scheme}`;
          findings.push(...(await page.look(name)).map((finding) => `${name}: ${finding}`));
        }
      }
    }
  };

  await widget.begin();
  widgets.set("en", await WidgetPage.open(visitor, website, "en"));
  await widgets.get("en")?.is("waiting");
  await look("1-waiting");

  await desktop.at("work-login").first().click();
  await desktop.presence("available");
  const chat = await desktop.pick();
  await widget.is("active");
  await widget.say("Guten Tag! Passt der Gepäckträger auch an das Gletscher von 2019?");
  await desktop.say("Guten Tag! Ja, mit dem längeren Bügel. Soll ich Ihnen einen zurücklegen?");
  await widget.say("Gern, in Schwarz bitte.");
  await desktop.at("message", { author: "visitor", pending: "false" }).nth(1).waitFor();
  await look("2-chat");

  const caller = await Caller.dial(daemon);
  await desktop.at("ringing").waitFor();
  await look("3-ringing");

  await phone.answer();
  await widget.is("preempted");
  await widget.say("Ich warte solange.");
  await desktop.at("unread").first().waitFor();
  await look("4-call");
  await desktop.page.locator(`[data-testid="preempted"] button`).click();
  await look("5-call-and-chat");

  await caller.hangUp();
  await desktop.chatIs(chat, "active");
  await widget.is("active");
  await look("6-after");

  await widget.leave();
  await desktop.chatIs(chat, "wrap_up");
  await look("7-wrap-up");
  expect(findings).toEqual([]);
  expect([...desktop.errors, ...widget.errors, ...(widgets.get("en")?.errors ?? [])]).toEqual([]);
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
