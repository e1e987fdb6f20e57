// The end of work: what is asked before it, and a page whose name another one has taken.

import { expect, test } from "vitest";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { until } from "../support/until";
import { Visitor } from "../support/visitor";

test("R16: before a log-out it is said what is open and what becomes of it, and staying is one key away", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext({ locale: "en-GB" }), daemon, "anna");
  const [first, second] = [await Visitor.come(daemon), await Visitor.come(daemon)];
  const over = await desktop.pick();
  await first.leave();
  await desktop.chatIs(over, "wrap_up");
  const chat = (await desktop.at("pick").first().getAttribute("data-chat")) ?? "";
  await desktop.at("pick").first().click();
  await desktop.at("inbox-item", { chat }).waitFor();

  const asks = async (): Promise<string[]> => {
    await desktop.at("work-logout").press("Enter");
    return desktop.at("work-open").locator("li").allTextContents();
  };
  expect(await asks()).toEqual(["1 chat goes back to its queue and waits there for somebody else.", "1 wrap-up is closed as it is."]);
  const focused = desktop.page.locator(":focus");
  expect(await focused.textContent()).toBe("Stay at work");
  await desktop.page.keyboard.press("Enter");
  await desktop.page.locator("dialog").waitFor({ state: "detached" });
  expect(await focused.getAttribute("data-testid")).toBe("work-logout");
  await desktop.chatIs(chat, "allocated");

  await asks();
  await desktop.at("work-logout-confirm").click();
  await desktop.presence("logged_out");
  await second.is("waiting");
  await until("nothing is left", async () => (await desktop.at("inbox-item").count()) === 0);

  // With nothing open nothing is asked.
  await desktop.at("work-login").first().click();
  await desktop.presence("available");
  await desktop.at("work-logout").click();
  await desktop.presence("logged_out");
  expect(desktop.errors).toEqual([]);
});

test("a page whose name another one has taken says so, and is used again by a key", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }] });
  const browser = await openBrowser();
  const context = await browser.newContext({ locale: "en-GB" });
  const desktop = await DesktopPage.atWork(context, daemon, "anna");
  await Visitor.come(daemon);
  const chat = await desktop.pick();
  const client = await desktop.page.evaluate(() => sessionStorage.getItem("vorrang.clients.anna"));
  // As a browser does it that restores a tab with all that was stored for it.
  const other = await context.newPage();
  await other.goto(`${daemon.origin}/desktop/favicon.svg`);
  await other.evaluate(async (name) => {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws/agent`);
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    const heard = new Promise((resolve) => socket.addEventListener("message", resolve, { once: true }));
    socket.send(JSON.stringify({ type: "hello", client: name }));
    await heard;
  }, client);

  const here = desktop.at("use-here");
  await here.waitFor();
  expect(await desktop.look("elsewhere")).toEqual([]);
  expect(await desktop.page.locator(":focus").getAttribute("data-testid")).toBe("use-here");
  expect(await desktop.at("inbox-item").count(), "nothing is shown that is not true any more").toBe(0);
  await desktop.page.keyboard.press("Enter");
  await desktop.chatIs(chat, "active");
  await desktop.say("Here I am again.");
  await desktop.shows(["Here I am again."]);
  expect(desktop.errors).toEqual([]);
});
