// Whatever people write is text, wherever it is shown and written: no page, no table and no file makes anything else of it.

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { DesktopPage, openBrowser, openWebsite, WidgetPage } from "../support/browser";
import { Daemon } from "../support/daemon";
import { until } from "../support/until";

/** What elsewhere was taken for markup, for a formula, for a template, for an escape or for its end. */
const WALL = [
  "<img src=x onerror=alert(1)>",
  "</script><script>alert(1)</script>",
  "&lt;b&gt; &amp; &#x27;",
  "O'Neill \"Zoë\"; DROP TABLE contact;--",
  '=HYPERLINK("https://a.example";"A")',
  "@SUM(1+1)*cmd|' /C calc'!A0",
  "{{7*7}} ${7*7} {visitor} %s %00 \\u0041 \\n",
  "../../etc/passwd",
  "null",
  "مرحبا بك, שלום",
  "\u202Eabc\u202C",
  "👩‍👩‍👧‍👦 ẞ ﷽ İ",
  "Z\u0351\u036B\u0343a\u0363l\u0348g\u0322o",
  "領収書、カンマ",
] as const;

test("R5, R7, R8: whatever people write is shown as typed by the widget and the desktop, in transcripts, contacts and tables", { timeout: 180_000 }, async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna", role: "supervisor" }] });
  const browser = await openBrowser();
  const widget = await WidgetPage.open(await browser.newContext(), await openWebsite(daemon), "en");
  const asked: string[] = [];
  widget.page.on("dialog", (dialog) => asked.push(dialog.message()));
  await widget.begin();
  const anna = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  anna.page.on("dialog", (dialog) => asked.push(dialog.message()));
  const chat = await anna.pick();
  await widget.is("active");

  const said: string[] = [];
  for (const text of WALL) {
    await widget.say(text);
    await anna.shows([...said, text]);
    await anna.say(text);
    said.push(text, text);
    await widget.shows(said);
  }
  const item = `chat:${chat}`;
  for (const [at, name] of WALL.entries()) {
    const made = await daemon.rest<{ person: { contact: { contact: number } } }>("anna", "POST", "/contacts", { name, organisation: name, notes: name });
    expect(made.status, name).toBe(201);
    if (at === 0) expect((await daemon.rest("anna", "PUT", `/items/${item}/contact`, { contact: made.json.person.contact.contact })).status).toBe(204);
  }
  await anna.at("inbox-item", { chat }).getByText(WALL[0]).waitFor();

  await widget.leave();
  const saving = widget.page.waitForEvent("download");
  await widget.at("transcript").click();
  const transcript = await readFile(await (await saving).path(), "utf8");
  for (const text of WALL) expect(transcript.split(text).length - 1, text).toBe(2);

  await anna.at("finish-wrap-up").first().click();
  await anna.at("contacts").click();
  const rows = anna.at("contact-row");
  await until("all contacts", async () => (await rows.count()) === WALL.length);
  const names = (await rows.allTextContents()).join("\n");
  for (const name of WALL) expect(names).toContain(name);
  await rows.filter({ hasText: WALL[0] }).click();
  await anna.at("read-transcript").click();
  await until("what was said", async () => (await anna.at("transcript").textContent())?.includes(WALL[0]) === true);
  const read = await anna.at("transcript").textContent();
  for (const text of WALL) expect(read).toContain(text);

  const table = await anna.page.evaluate(async () => (await fetch("/api/v1/contacts/export")).text());
  for (const name of WALL) {
    // A spreadsheet shows what begins with an apostrophe as text, and without it.
    const cell = /^[=@]/.test(name) ? `'${name}` : name;
    const written = /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
    expect(table.split("\r\n").filter((line) => line.startsWith(`${written},`) || line.includes(`,${written},`)).length, name).toBeGreaterThan(0);
  }
  expect(asked).toEqual([]);
  expect([...widget.errors, ...anna.errors]).toEqual([]);
});
