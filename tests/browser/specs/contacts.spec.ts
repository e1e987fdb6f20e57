// R7, R8: who the customer is, and what was before.

import { expect, test } from "vitest";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { Visitor } from "../support/visitor";

test("R7, R8: a chat's visitor becomes a contact with one key, is found again as somebody types, and their last chat can be read", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }, { name: "ben" }] });
  const browser = await openBrowser();
  const anna = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  const first = await Visitor.come(daemon);
  const chat = await anna.pick();
  await first.say("I am Greta, greta@example.com");
  await anna.at("message").first().waitFor();

  // Nothing that is known takes the focus from whoever writes.
  await anna.page.keyboard.press("Alt+u");
  await anna.at("contact-form").waitFor();
  expect(await anna.at("contact-point").first().inputValue(), "what she said is there").toBe("greta@example.com");
  await anna.at("contact-name").fill("Greta Müller");
  await anna.page.keyboard.press("Enter");
  await anna.at("contact").filter({ hasText: "Greta Müller" }).waitFor();
  await anna.at("inbox-item", { chat }).filter({ hasText: "Greta Müller" }).waitFor();
  expect(await anna.look("contact-panel")).toEqual([]);
  await first.leave();
  await anna.at("finish").or(anna.page.locator('[aria-keyshortcuts="Alt+F"]')).first().click();
  await anna.at("inbox-item", { chat }).waitFor({ state: "detached" });

  const ben = await DesktopPage.atWork(await browser.newContext(), daemon, "ben");
  await Visitor.come(daemon);
  await ben.pick();
  await ben.page.keyboard.press("Alt+c");
  await ben.page.keyboard.type("muell");
  await ben.at("contact-row").filter({ hasText: "Greta Müller" }).click();
  await ben.at("read-transcript").click();
  await ben.at("transcript").filter({ hasText: "I am Greta, greta@example.com" }).waitFor();
  expect(await ben.look("contact-transcript")).toEqual([]);
  expect([...anna.errors, ...ben.errors]).toEqual([]);
});

test("R7: on their own page contacts are made, changed and looked through, and what is wrong stands beside its field", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }] });
  const desktop = await DesktopPage.signIn(await (await openBrowser()).newContext(), daemon, "anna");
  await desktop.speak("de");
  await desktop.at("contacts").click();
  await desktop.at("contacts-empty").waitFor();
  await desktop.at("contact-new").click();
  await desktop.at("contact-name").fill("Anna Zeisig");
  await desktop.at("contact-point").fill("110");
  await desktop.at("contact-save").click();
  await desktop.page.getByText("ist keine Rufnummer mit Vorwahl").waitFor();
  await desktop.at("contact-point").fill("030 1234567");
  await desktop.at("contact-save").click();
  await desktop.at("contact").filter({ hasText: "+49301234567" }).waitFor();
  await desktop.at("contact-row").filter({ hasText: "Anna Zeisig" }).waitFor();
  for (const language of ["de", "en"] as const) {
    await desktop.speak(language);
    expect(await desktop.look(`contacts-${language}`)).toEqual([]);
  }
  expect(desktop.errors).toEqual([]);
});

/** As a German spreadsheet writes it: a mark, semicolons, quotes; with a line that is cut and a number that is none. */
const TABLE =
  "\ufeffVorname;Nachname;Firma;Telefon;Kd-Nr\r\n" +
  'Greta;Müller;"Räder; ""Alt"" GmbH";030 1234567;4711\r\n' +
  "Bert;Zulu\r\n" +
  "Carl;Ohne;;12;\r\n" +
  'Dora;Berg;;"030 2222222; 030 3333333";\r\n';
const CARDS =
  "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Ahorn;Emil;;;\r\nTEL;TYPE=CELL:0171 1234567\r\nEND:VCARD\r\n" +
  "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Fritz\r\nBEGIN:VCARD\r\nVERSION:4.0\r\nFN:Gerda Birke\r\nEND:VCARD\r\n";

test("R7: what a table or cards would come to is seen before it is done, what is left out says why, and a second time nothing doubles", async () => {
  const daemon = await Daemon.start({ people: [{ name: "boss", role: "supervisor" }] });
  const desktop = await DesktopPage.signIn(await (await openBrowser()).newContext(), daemon, "boss");
  await desktop.speak("de");
  await desktop.at("contacts").click();
  const choose = async (name: string, mimeType: string, text: string | Buffer): Promise<void> => {
    await desktop.at("import-file").setInputFiles({ name, mimeType, buffer: Buffer.from(text as string) });
  };
  const counts = (words: string): Promise<void> => desktop.at("import-counts").filter({ hasText: words }).waitFor();
  const left = (): Promise<string[]> => desktop.at("import-refused").locator("li").allTextContents();

  await desktop.at("contacts-import").click();
  await choose("kein-text.csv", "text/csv", Buffer.from([0x4e, 0x0a, 0xff, 0xfe, 0x00]));
  await desktop.page.getByRole("alert").filter({ hasText: "Zeile 2 ist nicht als UTF-8 gespeichert" }).waitFor();
  await choose("kontakte.csv", "text/csv", TABLE);
  await counts("Neu: 2 · geändert: 0 · unverändert: 0 · ausgelassen: 2");
  expect(await desktop.at("import").getByRole("alert").count(), "what was wrong with another file").toBe(0);
  expect(await left()).toEqual([
    "Zeile 3: Die Zeile hat 2 Spalten, erwartet werden 5. Steht ein Text mit Trennzeichen nicht in Anführungszeichen?",
    expect.stringMatching(/^Zeile 4: Spalte „Telefon“: „12“ ist keine Rufnummer/),
  ]);
  await desktop.at("import-holds", { column: "Kd-Nr" }).selectOption("other:kd-nr");
  expect(await desktop.at("import-start").isEnabled(), "it was not looked at like this").toBe(false);
  await desktop.at("import-check").click();
  await desktop.at("import-check").waitFor({ state: "detached" });
  await desktop.at("import", { step: "checked" }).waitFor();
  for (const language of ["de", "en"] as const) {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [390, 1280]) {
        await desktop.page.setViewportSize({ width, height: 844 });
        await desktop.page.emulateMedia({ colorScheme });
        expect(await desktop.look(`import-${language}-${colorScheme}-${String(width)}`)).toEqual([]);
        expect(await desktop.page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${String(width)} px`).toBeLessThanOrEqual(0);
      }
    }
    if (language === "de") {
      // The button is behind the dialog.
      await desktop.page.keyboard.press("Escape");
      await desktop.speak("en");
      await desktop.at("contacts-import").click();
      await choose("kontakte.csv", "text/csv", TABLE);
      await counts("New: 2 · changed: 0 · as before: 0 · left out: 2");
    }
  }
  expect(await desktop.at("contact-row").count(), "nothing is changed before somebody says so").toBe(0);
  await desktop.at("import-holds", { column: "Kd-Nr" }).selectOption("other:kd-nr");
  await desktop.at("import-check").click();
  await desktop.at("import-start").click();
  await desktop.at("import", { step: "imported" }).waitFor();
  await counts("New: 2");
  await desktop.at("import-close").click();
  await desktop.at("contact-row").filter({ hasText: "Greta Müller" }).click();
  await desktop.at("contact").filter({ hasText: "+49301234567" }).waitFor();
  await desktop.at("contact").filter({ hasText: 'Räder; "Alt" GmbH' }).waitFor();
  for (const width of [390, 1280]) {
    await desktop.page.setViewportSize({ width, height: 844 });
    expect(await desktop.look(`contact-supervised-${String(width)}`)).toEqual([]);
  }
  const [archive] = await Promise.all([desktop.page.waitForEvent("download"), desktop.at("contact-archive").click()]);
  expect(archive.suggestedFilename()).toBe("contact-1.zip");

  await desktop.at("contacts-import").click();
  await choose("kontakte.csv", "text/csv", TABLE.replace("Kd-Nr", ""));
  await counts("New: 0 · changed: 0 · as before: 2 · left out: 2");
  expect(await desktop.at("import-start").isEnabled(), "there is nothing to import").toBe(false);
  await choose("kontakte.vcf", "", CARDS);
  await counts("New: 2 · changed: 0 · as before: 0 · left out: 1");
  expect(await left()).toEqual(["Card 2 (line 6): has no end (is END:VCARD missing?)"]);
  const many = Array.from({ length: 3_000 }, (_, at) => `Person ${String(at)};${String(at)}\r\n`);
  await choose("viele.csv", "text/csv", `Name;Rang\r\n${many.join("")}`);
  await counts("New: 3000");
  await desktop.at("import-start").click();
  await desktop.at("import-going").filter({ hasText: /^[1-9]\d* of 3000 imported/ }).waitFor();
  await desktop.at("import", { step: "imported" }).waitFor({ timeout: 60_000 });
  await counts("New: 3000 · changed: 0");
  expect(desktop.errors).toEqual([]);
});
