// Opening hours as they are set on the screen, and what visitors find outside of them: when it opens, and then a chat.

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { Agent } from "../support/agent";
import { DesktopPage, openBrowser, openWebsite, WidgetPage } from "../support/browser";
import { Daemon, password, type Person } from "../support/daemon";
import { until } from "../support/until";

const CHIEF: Person = { name: "chief", displayName: "Carla Chef", role: "administrator" };
const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const CALENDAR = `BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
DTSTART;VALUE=DATE:20200101
RRULE:FREQ=YEARLY
SUMMARY:Neujahr
END:VEVENT
BEGIN:VEVENT
DTSTART:20200101T090000
SUMMARY:Termin
END:VEVENT
END:VCALENDAR
`;

async function save(desktop: DesktopPage, said: string): Promise<void> {
  await desktop.at("admin-save").click();
  await desktop.at("admin-said", { said }).waitFor();
}

/** The times of a day, each as it stands in its two fields. */
function times(page: Page, day: string): Promise<string[][]> {
  const rows = page.locator(`[data-path="week.${day}"] [data-testid=admin-times]`);
  return rows.evaluateAll((all) => all.map((row) => [...row.querySelectorAll<HTMLInputElement>("input[type=time]")].map(({ value }) => value)));
}

/** Changes the hours as a program does. */
async function patch(daemon: Daemon, settings: unknown): Promise<void> {
  const headers = { "content-type": "application/json", authorization: `Basic ${btoa(`chief:${password("chief")}`)}` };
  const all = (await (await fetch(`${daemon.origin}/api/v1/company/hours`, { headers })).json()) as { id: string }[];
  const answer = await fetch(`${daemon.origin}/api/v1/company/hours/${all[0]?.id}`, { method: "PATCH", headers, body: JSON.stringify(settings) });
  expect(answer.status).toBe(200);
}

const calendarFile = (text: string) => ({ name: "feiertage.ics", mimeType: "text/calendar", buffer: Buffer.from(text) });

test("R2, R4: hours are set by keyboard, seen for the next days, filled from a calendar, and visitors hear when it opens", async () => {
  const daemon = await Daemon.start({ people: [CHIEF, { name: "anna" }], service: `[chat_service.widget]\nunserved = "form"\n` });
  const browser = await openBrowser();
  const desktop = await DesktopPage.signIn(await browser.newContext(), daemon, "chief");
  const { page } = desktop;
  await desktop.at("administration-open").click();
  await desktop.at("admin-section", { section: "hours" }).click();
  await desktop.at("admin-add").click();
  await page.locator("#field-name").fill("Laden");

  // The week by keyboard alone: a time on Monday, the same until Friday, one more that ends before it begins.
  const monday = page.locator('[data-path="week.mon"]');
  await monday.getByTestId("admin-times-add").focus();
  await page.keyboard.press("Enter");
  await monday.getByTestId("admin-times-alike").focus();
  await page.keyboard.press("Enter");
  expect(await times(page, "fri")).toEqual([["09:00", "17:00"]]);
  await monday.locator("input[type=time]").nth(1).fill("08:00");
  await desktop.at("admin-ahead-wrong").waitFor();
  await desktop.at("admin-save").click();
  const wrong = desktop.at("admin-wrong", { path: "week.mon" });
  await wrong.waitFor();
  expect(await wrong.textContent()).toContain("09:00-08:00");
  for (const day of WEEK) {
    const of = page.locator(`[data-path="week.${day}"]`);
    if ((await of.getByTestId("admin-times").count()) === 0) await of.getByTestId("admin-times-add").click();
    await of.locator("input[type=time]").nth(0).fill("00:00");
    await of.locator("input[type=time]").nth(1).fill("00:00");
  }
  await save(desktop, "made");
  await until("fourteen days", async () => (await desktop.at("admin-ahead-day").count()) === 14);
  await until("all days are open", async () => (await desktop.at("admin-ahead").textContent())?.split("00:00–24:00").length === 15);
  expect(await page.locator("tr[aria-current=date]").count()).toBe(1);

  // A calendar: what would come is shown, and what is none is refused with its line.
  await desktop.at("admin-import-days").setInputFiles(calendarFile("<html>"));
  await desktop.at("admin-import-said", { said: "failed" }).waitFor();
  expect(await desktop.at("admin-import-said").textContent()).toMatch(/1:/);
  await desktop.at("admin-import-days").setInputFiles(calendarFile(CALENDAR));
  await desktop.at("admin-import-said", { said: "read" }).waitFor();
  expect(await desktop.at("admin-import-day").count()).toBe(3);
  expect(await desktop.at("admin-import-left").textContent()).toMatch(/8:/);
  expect(await desktop.at("admin-day").count()).toBe(0);
  await desktop.at("admin-import-take").click();
  expect(await desktop.at("admin-day").count()).toBe(3);
  await save(desktop, "saved");
  expect(await desktop.look("hours")).toEqual([]);

  // The queue goes by them, and its form says so.
  await desktop.at("admin-section", { section: "queues" }).click();
  await desktop.at("admin-row", { name: "Service" }).getByRole("link").click();
  await page.locator("#field-hours").selectOption("Laden");
  await save(desktop, "saved");

  const anna = await Agent.atWork(daemon, "anna");
  await patch(daemon, { days: [], closed_until: new Date(Date.now() + 3_600_000).toISOString() });
  await desktop.at("admin-outlook-closed").waitFor();
  const widget = await WidgetPage.open(await browser.newContext(), await openWebsite(daemon), "de");
  await widget.at("vorrang-button").click();
  await widget.at("refused").waitFor();
  expect(await widget.at("refused").textContent()).toMatch(/Wir öffnen: .*\d\d:\d\d/);
  expect(await widget.at("leave-message").count()).toBe(1);
  expect(await widget.look("hours-widget")).toEqual([]);

  // Once it opens by itself, the window that is open offers a chat.
  await patch(daemon, { closed_until: new Date(Date.now() + 4_000).toISOString() });
  await widget.at("minimise").click();
  await widget.at("vorrang-button").click();
  await widget.at("refused").waitFor();
  await widget.at("begin").click();
  await widget.is("waiting");
  await anna.pick();
  await widget.is("active");
  // What goes on is finished, whatever closes meanwhile.
  await patch(daemon, { closed_until: new Date(Date.now() + 3_600_000).toISOString() });
  await widget.say("Noch da?");
  await widget.is("active");
  await widget.leave();
});
