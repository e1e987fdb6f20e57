// The chat as a licensed function: what visitors, agents and administrators find with a licence, without one, and at its end.

import { expect, test } from "vitest";
import { DesktopPage, openBrowser, openWebsite, WidgetPage } from "../support/browser";
import { COMPANY, Daemon, type Person } from "../support/daemon";
import { issue } from "../support/licence";
import { udpPort } from "../support/ports";
import { Caller, DeskPhone, uri } from "../support/sipp";
import { until } from "../support/until";

const CHIEF: Person = { name: "chief", displayName: "Carla Chef", role: "administrator", chatsMax: 1 };
const ANNA: Person = { name: "anna", displayName: "Anna Berger" };
const AWAY = "Leider ist gerade niemand für einen Chat da.";
const TELEPHONE = "+49 30 123456";

/** A visitor asks for a chat and hears that nobody is there. */
async function turnedAway(widget: WidgetPage): Promise<void> {
  await widget.at("vorrang-button").click();
  await widget.page.getByText(AWAY).waitFor();
  await widget.page.getByText(TELEPHONE).waitFor();
}

test("R1: without a licence no chat begins and everybody concerned is told; one that is pasted or read from a file holds at once", async () => {
  const daemon = await Daemon.start({ people: [CHIEF, ANNA], licence: null, service: `telephone = "${TELEPHONE}"` });
  const browser = await openBrowser();
  const website = await openWebsite(daemon);
  const anna = await DesktopPage.atWork(await browser.newContext({ locale: "de-DE" }), daemon, "anna");
  await anna.at("chats-off").getByText("Keine neuen Chats: Die Lizenz der Firma gilt nicht").waitFor();
  await turnedAway(await WidgetPage.open(await browser.newContext(), website));

  const chief = await DesktopPage.signIn(await browser.newContext({ locale: "de-DE" }), daemon, "chief");
  await chief.at("administration-open").click();
  await chief.at("licence-banner", { state: "none" }).getByRole("link").click();
  await chief.at("licence-state", { state: "none" }).waitFor();
  const paste = async (text: string): Promise<void> => {
    await chief.at("licence-text").fill(text);
    await chief.at("licence-install").click();
  };
  const good = issue(COMPANY);
  for (const [text, said] of [
    ["", "Bitte fügen Sie zuerst die Lizenz ein."],
    [good.slice(0, 30), "Das ist keine Lizenz, oder es fehlt ein Stück."],
    [issue("Bergbahn"), "Diese Lizenz ist für eine andere Firma, „Bergbahn“."],
  ] as const) {
    await paste(text);
    await chief.at("licence-wrong").getByText(said).waitFor();
    expect(await chief.at("licence-text").inputValue(), "what was entered stays").toBe(text);
  }
  await paste(`\n ${good}\n`);
  await chief.at("licence-done").getByText("Die Lizenz ist eingetragen.").waitFor();
  await chief.at("licence-state", { state: "valid" }).waitFor();
  await anna.at("chats-off").waitFor({ state: "detached" });
  const widget = await WidgetPage.open(await browser.newContext(), website);
  await widget.begin();
  await anna.pick();
  await widget.is("active");

  // The next one is for fewer people, and ends before long.
  const soon = new Date(Date.now() + 5 * 86_400_000).toISOString();
  const file = { name: "licence.txt", mimeType: "text/plain", buffer: Buffer.from(`${issue(COMPANY, { agents: 1, until: soon })}\n`) };
  await chief.at("licence-file").setInputFiles(file);
  await until("it was read", async () => (await chief.at("licence-text").inputValue()).startsWith("v4.public."));
  await chief.at("licence-install").click();
  await chief.at("licence-state", { state: "ends_soon" }).waitFor();
  await chief.at("licence-short").waitFor();
  await anna.at("chats-off").getByText("Keine neuen Chats: Die Lizenz gilt für weniger Agenten").waitFor();
  await widget.say("Geht es weiter?");
  await anna.say("Ja, es geht weiter.");
  await widget.shows(["Geht es weiter?", "Ja, es geht weiter."]);
  await chief.at("admin-section", { section: "queues" }).click();
  await chief.at("licence-banner", { state: "ends_soon" }).waitFor();
  await chief.at("admin-section", { section: "changes" }).click();
  await chief.at("admin-changes").getByText("Lizenz").first().waitFor();
});

test("R1: a licence that ends during a chat and a call lets both go on and the next call through, and the next chat not begin", async () => {
  const phonePort = await udpPort();
  const people = [CHIEF, { ...ANNA, phone: uri("anna", phonePort) }];
  const daemon = await Daemon.start({ people, service: `telephone = "${TELEPHONE}"` });
  const phone = DeskPhone.at(phonePort, 2);
  const browser = await openBrowser();
  const website = await openWebsite(daemon);
  const anna = await DesktopPage.atWork(await browser.newContext({ locale: "de-DE" }), daemon, "anna");
  const widget = await WidgetPage.open(await browser.newContext(), website);
  await widget.begin();
  const chat = await anna.pick();
  const caller = await Caller.dial(daemon);
  await caller.taken();
  await phone.answer();
  await anna.chatIs(chat, "preempted");

  const installed = await daemon.rest("chief", "PATCH", "/company", { licence: issue(COMPANY, { until: new Date(Date.now() + 2_000).toISOString() }) });
  expect(installed.status).toBe(200);
  await anna.at("chats-off").waitFor();
  expect(daemon.log()).toContain("the licence ended: no chat begins since");
  expect(await daemon.rest<{ state: string }>("chief", "GET", "/company/licence")).toMatchObject({ json: { state: "ended" } });
  expect((await fetch(`${daemon.origin}/readyz`)).status).toBe(200);
  await turnedAway(await WidgetPage.open(await browser.newContext(), website));
  expect(await anna.at("active", { kind: "call" }).count(), "the call goes on").toBe(1);

  await caller.hangUp();
  await anna.chatIs(chat, "active");
  await widget.say("Da bin ich noch.");
  await anna.shows(["Da bin ich noch."]);
  await Caller.dial(daemon);
  await anna.at("ringing").waitFor();
});

test("R1: what administrator and agent see has no findings, in both languages, light and dark, wide and narrow", async () => {
  const daemon = await Daemon.start({ people: [CHIEF, ANNA], licence: { agents: 1, until: new Date(Date.now() + 5 * 86_400_000).toISOString() } });
  const browser = await openBrowser();
  const chief = await DesktopPage.signIn(await browser.newContext(), daemon, "chief");
  const anna = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  await anna.at("chats-off").waitFor();
  const findings: string[] = [];
  const look = async (desktop: DesktopPage, name: string): Promise<void> => {
    for (const colorScheme of ["light", "dark"] as const) {
      await desktop.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const width of [1280, 390]) {
        await desktop.page.setViewportSize({ width, height: 900 });
        const seen = `${name}-${colorScheme}-${width}`;
        findings.push(...(await desktop.look(seen)).map((finding) => `${seen}: ${finding}`));
        const wide = await desktop.page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
        if (wide) findings.push(`${seen}: is wider than its screen`);
      }
    }
    await desktop.page.setViewportSize({ width: 1280, height: 900 });
  };
  for (const language of ["de", "en"] as const) {
    await chief.speak(language);
    for (const page of ["licence", "queues"]) {
      await chief.page.goto(`${daemon.origin}/desktop/administration/${page}`);
      await chief.at(page === "licence" ? "licence-short" : "licence-banner").waitFor();
      if (page === "licence") {
        await chief.at("licence-text").fill("v4.public.AAAA");
        await chief.at("licence-install").click();
        await chief.at("licence-wrong").getByText(/\w/).waitFor();
      }
      await look(chief, `${page}-${language}`);
    }
    await anna.speak(language);
    await look(anna, `agent-${language}`);
  }
  expect(findings).toEqual([]);
});
