// What a chat has beside text, in both real pages: files with whatever names, notes that no visitor sees, marks of what was read.

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { DesktopPage, openBrowser, openWebsite, WidgetPage } from "../support/browser";
import { Daemon } from "../support/daemon";
import { until } from "../support/until";

const PICTURE = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

/** What a file is called by whoever sends it, and under which name it is saved. */
const NAMES = [
  ["Foto vom Rahmen.png", "Foto vom Rahmen.png"],
  ["photo\u202Egpj.exe", "photogpj.exe.png"],
  ["Grüße 🚲 '\"<b>.png", "Grüße 🚲 '__b_.png"],
  ["a\r\nContent-Type: text_html.png", "a  Content-Type_ text_html.png"],
  ["CON.png", "_CON.png"],
  ["領収書.html", "領収書.html.png"],
  [`${"ä".repeat(120)}.png`, `${"ä".repeat(98)}.png`],
] as const;

test("R5: files come through both ways under safe names and are shown as they were called", { timeout: 180_000 }, async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }] });
  const browser = await openBrowser();
  const website = await openWebsite(daemon);
  const widget = await WidgetPage.open(await browser.newContext({ locale: "de-DE" }), website);
  await widget.begin();
  const desktop = await DesktopPage.atWork(await browser.newContext({ locale: "de-DE" }), daemon, "anna");
  await desktop.pick();
  await widget.is("active");

  for (const [name] of NAMES) {
    const choosing = widget.page.waitForEvent("filechooser");
    await widget.at("attach").click();
    await (await choosing).setFiles({ name, mimeType: "text/html", buffer: PICTURE });
  }
  await until("all files are there", async () => (await desktop.at("file").count()) === NAMES.length, 60_000);
  for (const [at, [typed, saved]] of NAMES.entries()) {
    const file = desktop.at("file").nth(at);
    expect(await file.locator("bdi").textContent()).toBe(typed);
    const saving = desktop.page.waitForEvent("download");
    await file.click();
    const download = await saving;
    expect(download.suggestedFilename().replace(/^ +/, "")).toBe(saved);
    expect(await readFile(await download.path())).toEqual(PICTURE);
  }

  await desktop.page.locator("[data-testid=file-input]").setInputFiles({ name: "Formular.pdf", mimeType: "", buffer: Buffer.from("%PDF-1.7 x") });
  const form = widget.at("file").last();
  await until("the form is there", async () => (await form.locator("bdi").textContent()) === "Formular.pdf");
  const saving = widget.page.waitForEvent("download");
  await form.click();
  expect((await saving).suggestedFilename()).toBe("Formular.pdf");

  const refusing = widget.page.waitForEvent("filechooser");
  await widget.at("attach").click();
  await (await refusing).setFiles({ name: "a.png", mimeType: "image/png", buffer: Buffer.from("MZ\0\0") });
  await until("it is refused in words", async () => (await widget.at("sending").textContent())?.includes("Dateien dieser Art") ?? false);
  expect(await widget.look("files-widget")).toEqual([]);
  expect(await desktop.look("files-desktop")).toEqual([]);
  await widget.at("file-cancel").click();
  expect(await widget.at("sending").count()).toBe(0);
});

test("a visitor is sent nothing of a note, and both sides see what the other has read", { timeout: 120_000 }, async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }] });
  const browser = await openBrowser();
  const website = await openWebsite(daemon);
  const widget = await WidgetPage.open(await browser.newContext({ locale: "de-DE" }), website);
  const heard: string[] = [];
  widget.page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => heard.push(String(payload))));
  await widget.begin();
  const title = await widget.page.title();
  const desktop = await DesktopPage.atWork(await browser.newContext({ locale: "de-DE" }), daemon, "anna");
  const chat = await desktop.pick();
  await widget.is("active");

  await widget.say("Wo bleibt mein Rad?");
  await widget.at("read").waitFor();
  await desktop.at("unanswered").waitFor();
  await desktop.page.keyboard.press("Alt+I");
  await desktop.at("noting").waitFor();
  await desktop.page.keyboard.type("Kunde hat schon zweimal reklamiert");
  expect(await desktop.look("note-desktop")).toEqual([]);
  await desktop.page.keyboard.press("Enter");
  await desktop.at("internal-note", { pending: "false" }).waitFor();
  expect(await desktop.at("unanswered").count()).toBe(1);
  expect(await widget.at("typing").count()).toBe(0);

  await desktop.say("Es wird morgen geliefert: https://аррӏе.example/ oder an service@alpenrad.example");
  await desktop.at("read").waitFor();
  expect(await desktop.at("unanswered").count()).toBe(0);
  await widget.shows(["Wo bleibt mein Rad?", "Es wird morgen geliefert: https://аррӏе.example/ [xn--80ak6aa92e.example] oder an service@alpenrad.example"]);

  await widget.at("minimise").click();
  await desktop.say("Noch da?");
  await until("the title counts", async () => (await widget.page.title()) === `(1) ${title}`);
  await widget.at("vorrang-button").click();
  await until("the title is the page's own again", async () => (await widget.page.title()) === title);
  await widget.leave();
  await desktop.chatIs(chat, "wrap_up");
  await desktop.page.locator("textarea[data-testid=chat-input]").fill("Rückruf wäre besser gewesen");
  await desktop.at("chat-send").click();
  await until("a note can be written afterwards, too", async () => (await desktop.at("internal-note", { pending: "false" }).count()) === 2);
  expect(heard.length).toBeGreaterThan(5);
  expect(heard.filter((frame) => frame.includes("reklamiert") || frame.includes("Rückruf") || frame.includes("note"))).toEqual([]);
});
