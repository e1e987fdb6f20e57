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
