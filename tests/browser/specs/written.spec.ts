// What an agent writes about their work: templates, classification and note, and their own items afterwards. By keyboard alone.

import { expect, test } from "vitest";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { until } from "../support/until";
import { Visitor } from "../support/visitor";

const MORE = `
[[classification]]
code = "delivery"
label = "Lieferung"
[[classification]]
code = "late"
label = "Zu spät"
parent = "delivery"
[[classification]]
code = "broken"
label = "Beschädigt"
parent = "delivery"
[[template]]
name = "begruessung"
text = "Guten Tag, hier ist {agent}. Worum geht es, {visitor}?"
`;

test("R8, R13: a chat is answered from a template, classified and noted by keyboard, and found again with what was said", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna", displayName: "Anna Moll" }], more: MORE });
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  const { page } = desktop;
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const visitor = await Visitor.come(daemon);
  await visitor.say("Mein Rad ist zu spät");
  await desktop.at("pick").first().waitFor();
  await press("Alt+N");
  await desktop.attendsTo("chat");

  await press("Alt+M");
  await page.keyboard.type("/begr");
  await desktop.at("template").first().waitFor();
  await press("Enter");
  await desktop.at("template-open").waitFor();
  expect(await desktop.at("template-open").textContent()).toContain("{visitor}");
  // What is to be filled in is marked: it is written over.
  await page.keyboard.type("Herr Roth");
  await press("Enter");
  await until("the visitor has it", () => visitor.texts().at(-1) === "Guten Tag, hier ist Anna Moll. Worum geht es, Herr Roth?");

  await press("Alt+K");
  await page.keyboard.type("lief spa");
  await desktop.at("classification-choice").first().waitFor();
  await press("Enter", "Tab");
  await page.keyboard.type("Ersatz ist unterwegs");
  await desktop.at("write-up-state", { state: "kept" }).waitFor();
  await page.reload();
  await desktop.attendsTo("chat");
  await press("Alt+K");
  await desktop.at("classified").waitFor();
  expect(await page.locator('textarea[data-testid="write-up-note"]').inputValue()).toBe("Ersatz ist unterwegs");
  expect(await desktop.look("written")).toEqual([]);

  await press("Alt+E");
  await desktop.at("end-confirm").waitFor();
  await press("Enter");
  await desktop.at("finish-wrap-up").first().waitFor();
  await press("Alt+F");
  await desktop.attendsTo("none");
  await press("Alt+V");
  await desktop.at("own-item").waitFor();
  await page.keyboard.type("unterwegs spat");
  await press("ArrowDown");
  await desktop.at("transcript").waitFor();
  await until("it was said", async () => (await desktop.at("transcript").textContent())?.includes("Mein Rad ist zu spät") === true);
  expect(await desktop.look("history")).toEqual([]);
  await press("Escape");

  await press("Control+K");
  await desktop.at("palette").waitFor();
  await page.keyboard.type("sett");
  await press("Enter");
  await desktop.at("settings").waitFor();
  expect(await desktop.look("settings")).toEqual([]);
  expect(desktop.errors).toEqual([]);
});
