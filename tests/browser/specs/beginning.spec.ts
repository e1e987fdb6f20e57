// From nothing to work: an empty installation, and nobody who reads anything but the screen.

import { expect, test } from "vitest";
import { Baresip, toneFile } from "../support/baresip";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { issue } from "../support/licence";
import { until } from "../support/until";

/** The value behind a word of what is shown to be copied. */
function valueOf(text: string | null, word: string): string {
  const found = new RegExp(`^${word}: (.*)$`, "m").exec(text ?? "");
  if (found?.[1] === undefined) throw new Error(`${word} is not said in ${text}`);
  return found[1];
}

test("R2: by the link on the console, an empty installation comes to a first chat and a first call by its screens alone", async () => {
  const daemon = await Daemon.empty();
  const link = /http:\/\/\S+\/desktop\/setup#\w+/.exec(daemon.log())?.[0] ?? "";
  const browser = await openBrowser();
  const context = await browser.newContext();
  const desktop = new DesktopPage(await context.newPage());
  const { page } = desktop;
  await page.goto(`${daemon.origin}/desktop/`);
  await desktop.at("login-empty").waitFor();
  await page.goto(link);
  await desktop.at("setup", { open: "true" }).waitFor();
  const found = await desktop.look("setup");
  await page.keyboard.press("Enter");
  expect(await page.locator('[aria-invalid="true"]').count()).toBe(3);
  await desktop.field("setup-company").fill("Alpenrad");
  await desktop.field("setup-time_zone").fill("Europe/Berlin");
  await desktop.field("setup-country").fill("DE");
  await desktop.field("setup-display_name").fill("Carla Chef");
  await desktop.field("setup-login_name").fill("carla");
  await desktop.field("setup-password").fill("a long password of hers");
  await desktop.at("setup-submit").click();

  const open = (step: string) => desktop.at("first-step", { step }).getByRole("button", { expanded: true }).waitFor();
  const isDone = (step: string) => desktop.at("first-step", { step, done: "true" }).waitFor();
  const next = () => desktop.at("first-step-next").click();
  await open("queue");
  expect(page.url()).not.toContain("#");
  found.push(...(await desktop.look("first-steps")));
  await desktop.at("start-queue-do").click();
  await isDone("queue");
  await next();

  await open("phone");
  await desktop.at("start-phone-do").click();
  const phoneSays = await desktop.at("start-phone-given").locator("pre").textContent();
  found.push(...(await desktop.look("first-steps-phone")));
  const wav = toneFile(440);
  const phone = await Baresip.registered(daemon, valueOf(phoneSays, "User name"), wav, { secret: valueOf(phoneSays, "Password") });
  await isDone("phone");
  await next();

  await open("line");
  await desktop.at("start-line-do").click();
  const lineSays = await desktop.at("start-line-given").locator("pre").textContent();
  found.push(...(await desktop.look("first-steps-line")));
  await isDone("line");
  await next();

  await open("chat");
  await desktop.at("start-chat-do").click();
  await isDone("chat");
  await next();

  await open("licence");
  await desktop.at("start-licence").click();
  await desktop.field("licence-text").fill(issue("Alpenrad"));
  await desktop.at("licence-install").click();
  await desktop.at("licence-state").and(page.locator('[data-state="valid"]')).waitFor();
  await desktop.at("admin-section", { section: "start" }).click();
  await open("trial");
  found.push(...(await desktop.look("first-steps-trial")));

  await desktop.at("work-login").click();
  await desktop.presence("available");
  const opened = page.waitForEvent("popup");
  await desktop.at("start-test-chat").click();
  const visitor = await opened;
  await visitor.getByRole("button", { name: "Start chat" }).click();
  await visitor.getByTestId("input").fill("Is anybody there?");
  await visitor.getByTestId("send").click();
  await desktop.at("admin-back").click();
  await desktop.pick();
  await desktop.say("Yes.");
  await visitor.getByText("Yes.").waitFor();
  await page.keyboard.press("Alt+E");
  await page.keyboard.press("Enter");
  await desktop.at("finish-wrap-up").first().waitFor();
  await page.keyboard.press("Alt+F");
  await desktop.attendsTo("none");

  const caller = await Baresip.registered(daemon, valueOf(lineSays, "User name"), wav, { secret: valueOf(lineSays, "Password"), registers: false });
  caller.dial(daemon, "100");
  await phone.saw("CALL_INCOMING");
  phone.answer();
  await caller.saw("CALL_ESTABLISHED");
  await until("the call is heard", () => phone.heard().length > 8_000);
  caller.hangUp();
  await phone.saw("CALL_CLOSED");

  await page.goto(`${daemon.origin}/desktop/administration/start`);
  await isDone("trial");
  found.push(...(await desktop.look("first-steps-done")));
  expect(found).toEqual([]);
  expect(desktop.errors).toEqual([]);
}, 240_000);

test("R2: a link that does not hold, or is used, says so, and leads to the door", async () => {
  const daemon = await Daemon.empty();
  const browser = await openBrowser();
  const desktop = new DesktopPage(await (await browser.newContext()).newPage());
  const { page } = desktop;
  await page.goto(`${daemon.origin}/desktop/setup#0000`);
  for (const [name, value] of [["company", "Alpenrad"], ["login_name", "carla"], ["password", "long enough"]] as const) {
    await desktop.field(`setup-${name}`).fill(value);
  }
  await desktop.at("setup-submit").click();
  await desktop.at("notice", { code: "forbidden" }).waitFor();
  expect(await desktop.field("setup-company").inputValue()).toBe("Alpenrad");
  await page.goto(`${daemon.origin}/desktop/setup`);
  await desktop.at("setup", { open: "false" }).waitFor();
  await desktop.at("setup-log-in").click();
  await desktop.field("login-name").waitFor();
  // The refusal is one of the browser's own words too.
  expect(desktop.errors.filter((error) => !error.includes("403"))).toEqual([]);
});
