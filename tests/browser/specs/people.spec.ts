// Many people at once, out of a table: what is wrong is seen before anything is done, and what is made for them is seen once.

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon, type Person } from "../support/daemon";
import { until } from "../support/until";

const CHIEF: Person = { name: "chief", displayName: "Carla Chef", role: "administrator" };
const ANNA: Person = { name: "anna", displayName: "Anna Moll" };
const HEAD = "Anmeldename;Angezeigter Name;Rollen;Warteschleifen;Tischtelefon\r\n";
/** As a German spreadsheet writes it, with a queue that is not there, a skill that is too big and somebody twice. */
const WRONG = `\ufeff${HEAD}kim;Kim Ö;Agent;Sales:7, Slaes;kim-phone\r\nanna;;;Sales:300;\r\nkim;;;;\r\n`;
const RIGHT = `\ufeff${HEAD}kim;Kim Ö;Agent;Sales:7, Service;kim-phone\r\nanna;Anna Berg;;Sales:30;\r\n`;

class People {
  readonly desktop: DesktopPage;

  constructor(desktop: DesktopPage) {
    this.desktop = desktop;
  }

  static async open(daemon: Daemon, name: string): Promise<People> {
    const browser = await openBrowser();
    const desktop = await DesktopPage.signIn(await browser.newContext(), daemon, name);
    await desktop.at("administration-open").click();
    await desktop.at("admin-section", { section: "agents" }).click();
    await desktop.at("admin-list", { kind: "agents" }).waitFor();
    return new People(desktop);
  }

  async begin(): Promise<void> {
    await this.desktop.at("admin-people-import").click();
    await this.desktop.at("people-import").waitFor();
  }

  async choose(table: string | Buffer): Promise<void> {
    await this.desktop.at("people-file").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(table as string) });
  }

  async step(step: string): Promise<void> {
    await this.desktop.at("people-import", { step }).waitFor();
  }

  async counts(words: string): Promise<void> {
    await this.desktop.at("people-counts").filter({ hasText: words }).waitFor();
  }

  faults(): Promise<string[]> {
    return this.desktop.at("people-faults").locator("li").allTextContents();
  }

  /** What axe finds in both schemes, narrow and wide, and whether all of it fits. */
  async look(name: string): Promise<void> {
    const { page } = this.desktop;
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [390, 1280]) {
        await page.setViewportSize({ width, height: 844 });
        await page.emulateMedia({ colorScheme });
        expect(await this.desktop.look(`people-${name}-${colorScheme}-${String(width)}`), `${name} ${colorScheme} ${String(width)}`).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${name} ${String(width)} px`).toBeLessThanOrEqual(0);
      }
    }
  }
}

test("R2: a table of people is mended where it is wrong, imported with the keyboard, and whoever is new works with the password that is shown once", async () => {
  const daemon = await Daemon.start({ people: [CHIEF, ANNA], queues: [{ name: "Sales" }] });
  const people = await People.open(daemon, "chief");
  const { desktop } = people;
  const { page } = desktop;
  await desktop.speak("de");
  await people.begin();
  await until("the file has the focus", () => page.evaluate(() => document.activeElement?.getAttribute("data-testid") === "people-file"));
  await people.choose(WRONG);
  await people.step("wrong");
  expect(await people.faults()).toEqual([
    expect.stringMatching(/^Zeile 2, Spalte „Warteschleifen“: Die Warteschleife „Slaes“ gibt es nicht\. Es gibt: .*Sales/),
    expect.stringMatching(/^Zeile 3, Spalte „Warteschleifen“: „Sales“: „300“ geht nicht\./),
    "Zeile 4, Spalte „Anmeldename“: Diese Person steht schon in Zeile 2.",
  ]);
  expect(await desktop.at("people-start").isDisabled()).toBe(true);
  await people.look("wrong");
  await page.keyboard.press("Escape");
  await until("the focus is where it was", () => page.evaluate(() => document.activeElement?.getAttribute("data-testid") === "admin-people-import"));
  await desktop.speak("en");
  await people.begin();
  await people.choose(WRONG);
  await people.step("wrong");
  expect((await people.faults())[2]).toBe("Line 4, column `Anmeldename`: stands in line 2 already.");

  await people.choose(RIGHT);
  await people.counts("New: 1 · changed: 1 · as before: 0");
  expect(await desktop.at("people-plan").textContent()).toContain("Anna Berg");
  await people.look("planned");
  expect(await desktop.at("admin-row", { name: "kim" }).count(), "nothing is changed before somebody says so").toBe(0);
  await desktop.at("people-start").focus();
  await page.keyboard.press("Enter");
  await desktop.at("people-given").waitFor();
  expect(await desktop.at("people-import").count()).toBe(0);
  await until("they are there with the keyboard", () => page.evaluate(() => document.activeElement?.getAttribute("data-testid") === "people-given"));
  await desktop.at("admin-row", { name: "kim" }).waitFor();
  await people.look("given");
  const row = desktop.at("people-secrets", { name: "kim" });
  const [login, , password, phone, secret] = await row.locator("td").allTextContents();
  expect([login, phone, password?.length, secret?.length]).toEqual(["kim", "kim-phone", 16, 24]);
  expect(await desktop.at("people-secrets").count(), "who was there has what they had").toBe(1);
  const [saved] = await Promise.all([page.waitForEvent("download"), desktop.at("people-save").click()]);
  expect(await readFile(await saved.path(), "utf8")).toContain(`kim,Kim Ö,${password},kim-phone,${secret}\r\n`);

  // Nobody leaves them behind without being asked.
  await desktop.at("admin-section", { section: "queues" }).click();
  await desktop.at("admin-leave").waitFor();
  await page.keyboard.press("Escape");
  await desktop.at("people-dismiss").click();
  await desktop.at("admin-section", { section: "changes" }).click();
  await desktop.at("admin-change", { kind: "agent", name: "kim" }).waitFor();
  expect(await page.content()).not.toContain(password);
  const kim = await DesktopPage.open(await (await openBrowser()).newContext(), daemon);
  await kim.fillIn("kim", password ?? "");
  await kim.presence("logged_out");
  expect(await kim.at("administration-open").count()).toBe(0);
  expect([...desktop.errors, ...kim.errors]).toEqual([]);
});

test("R2: of two administrators the one who looked at something else sees it anew before importing, and what is exported changes nothing", async () => {
  const daemon = await Daemon.start({ people: [CHIEF, ANNA, { ...CHIEF, name: "boss" }], queues: [{ name: "Sales" }] });
  const people = await People.open(daemon, "chief");
  const { desktop } = people;
  await people.begin();
  await people.choose(`${HEAD}anna;Anna Berg;;;\r\n`);
  await people.counts("New: 0 · changed: 1");
  const { json } = await daemon.rest<{ id: string; name: string }[]>("boss", "GET", "/company/agents");
  const anna = json.find(({ name }) => name === "anna");
  await daemon.rest("boss", "PATCH", `/company/agents/${anna?.id ?? ""}`, { display_name: "Anna Tal" });
  await desktop.at("people-start").click();
  await desktop.at("people-said").filter({ hasText: "Somebody else has changed people meanwhile" }).waitFor();
  await desktop.at("people-plan").filter({ hasText: "Anna Tal" }).waitFor();
  await desktop.at("people-start").click();
  await desktop.at("people-done").filter({ hasText: "changed: 1" }).waitFor();
  expect(await desktop.at("people-secrets").count()).toBe(0);
  await desktop.at("people-dismiss").click();
  await desktop.at("admin-row", { name: "anna" }).filter({ hasText: "Anna Berg" }).waitFor();

  await people.begin();
  for (const [link, name] of [["people-export", "people.csv"], ["people-template", "people-template.csv"]] as const) {
    const [download] = await Promise.all([desktop.page.waitForEvent("download"), desktop.at(link).click()]);
    expect(download.suggestedFilename()).toBe(name);
    const table = await readFile(await download.path());
    expect(table.toString("utf8")).toContain("Log-in name,Name that is shown,Roles");
    await people.choose(table);
    await people.counts(link === "people-export" ? "There is nothing to change." : "New: 1 · changed: 0");
  }
  // A file that is dropped is a file that is chosen.
  await desktop.at("people-import").evaluate((target) => {
    const data = new DataTransfer();
    data.items.add(new File(["login_name\nchief\n"], "dropped.csv"));
    target.dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer: data }));
  });
  await people.counts("There is nothing to change.");
  await desktop.page.getByText("dropped.csv").waitFor();
  expect(await desktop.at("people-start").isDisabled()).toBe(true);
  expect(desktop.errors).toEqual([]);
});
