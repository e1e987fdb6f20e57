// Nothing that arrives, goes or is sorted anew moves what is under the hand, and the page itself never scrolls.

import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import type { QueueView } from "../../../web-shared/src/protocol/agent";
import { DesktopPage, openBrowser } from "../support/browser";
import { Daemon } from "../support/daemon";
import { udpPort } from "../support/ports";
import { Caller, DeskPhone, uri } from "../support/sipp";
import { until } from "../support/until";
import { Visitor } from "../support/visitor";

const MANY = 200;
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };
const SINA = { name: "sina", role: "supervisor" } as const;
/** All visitors sit behind one address. */
const CROWD = { LIMITS__VISITORS_PER_SOURCE: "300", LIMITS__NEW_CHATS_PER_SOURCE_PER_MINUTE: "1000" };

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function boxOf(one: Locator): Promise<Box> {
  const box = await one.boundingBox();
  if (box === null) throw new Error("it is not on the screen");
  return box;
}

/** Puts the pointer on it, and gives where it is. */
async function pointAt(desktop: DesktopPage, one: Locator): Promise<Box> {
  await one.scrollIntoViewIfNeeded();
  const box = await boxOf(one);
  await desktop.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  return box;
}

/** The rows of a list as they stand there: those that are gone in brackets. */
async function rows(panel: Locator): Promise<string[]> {
  return panel.locator("li[data-gone]").evaluateAll((all) =>
    all.map((row) => {
      const id = row.getAttribute("data-id") ?? row.getAttribute("data-chat") ?? "";
      return row.getAttribute("data-gone") === "true" ? `(${id})` : id;
    }),
  );
}

/** How far the page could be scrolled, sideways and down. */
function scrolls(desktop: DesktopPage): Promise<number[]> {
  return desktop.page.evaluate(() => {
    const { documentElement: page, body } = document;
    return [page, body].flatMap((one) => [one.scrollWidth - one.clientWidth, one.scrollHeight - one.clientHeight]);
  });
}

test("rows stand still under the pointer, what is gone cannot be picked, and all is in its place afterwards", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext(), daemon, "anna");
  const queues = desktop.page.locator("section", { has: desktop.at("queue") });
  const visitors: Visitor[] = [];
  for (let at = 0; at < 4; at += 1) visitors.push(await Visitor.come(daemon));
  await until("four wait", async () => (await desktop.at("waiting-item").count()) === 4);
  const ids = await rows(queues);
  const [first = "", second = "", third = "", fourth = ""] = ids;

  const pick = desktop.at("pick", { chat: third });
  const box = await pointAt(desktop, pick);
  await visitors[0]?.leave();
  await until("the first is gone", async () => (await rows(queues))[0] === `(${first})`);
  const fifth = await Visitor.come(daemon);
  await desktop.at("fresh").waitFor();
  const withFresh = await rows(queues);
  expect(withFresh.slice(0, 4)).toEqual([`(${first})`, second, third, fourth]);
  expect(withFresh).toHaveLength(5);
  expect(await boxOf(pick)).toEqual(box);

  // What is gone stays gone, however often it is clicked; and nothing else is picked for it.
  const gone = queues.locator(`li[data-gone="true"] button`);
  await gone.click({ force: true });
  await gone.click({ force: true });
  await pointAt(desktop, pick);
  await desktop.page.mouse.down();
  await desktop.page.mouse.up();
  await desktop.at("active", { kind: "chat", chat: third }).waitFor();
  expect(await desktop.at("inbox-item").count()).toBe(1);
  expect(await rows(queues)).toEqual([`(${first})`, second, `(${third})`, fourth, withFresh[4]]);

  await desktop.page.mouse.move(0, 0);
  await until("all is in its place", async () => (await rows(queues)).join() === [second, fourth, withFresh[4]].join());
  await fifth.is("waiting");
  expect(desktop.errors).toEqual([]);
});

test("on a narrow screen a panel with a hand in it stays, and without one what comes by itself comes to the front", async () => {
  const port = await udpPort();
  const daemon = await Daemon.start({ people: [{ name: "anna", phone: uri("anna", port) }] });
  const phone = DeskPhone.at(port, 2);
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext({ viewport: NARROW }), daemon, "anna");
  const visitors = [await Visitor.come(daemon), await Visitor.come(daemon)];
  await desktop.at("pane", { pane: "queues" }).click();
  const pick = desktop.at("pick").nth(1);
  await pick.waitFor();
  const row = desktop.at("pick", { chat: (await pick.getAttribute("data-chat")) ?? "" });
  const front = desktop.page.locator("main[data-pane]");
  const box = await pointAt(desktop, row);

  const first = await Caller.dial(daemon);
  await phone.answer();
  await desktop.at("active", { kind: "call" }).waitFor({ state: "attached" });
  await visitors[0]?.leave();
  await Visitor.come(daemon);
  await desktop.at("fresh").waitFor();
  expect(await boxOf(row)).toEqual(box);
  expect(await front.getAttribute("data-pane")).toBe("queues");
  await desktop.at("came").waitFor();
  await first.hangUp();
  await desktop.at("active", { kind: "call_wrap_up" }).waitFor({ state: "attached" });
  expect(await boxOf(row)).toEqual(box);

  await desktop.at("pane", { pane: "main" }).click();
  await desktop.at("came").waitFor({ state: "detached" });
  await desktop.at("finish-wrap-up").first().click();
  await desktop.at("active", { kind: "none" }).waitFor();
  await desktop.at("pane", { pane: "queues" }).click();
  await desktop.page.mouse.move(0, 0);
  await until("no hand is there", async () => (await desktop.page.locator('[data-held="true"]').count()) === 0);
  const second = await Caller.dial(daemon);
  await phone.answer(2);
  await desktop.at("active", { kind: "call" }).waitFor();
  expect(await front.getAttribute("data-pane")).toBe("main");
  await second.hangUp();
  expect(desktop.errors).toEqual([]);
});

test("with 200 who wait the page does not scroll, and no button moves as calls, chats and alerts come and go", { timeout: 300_000 }, async () => {
  const port = await udpPort();
  const daemon = await Daemon.start({
    people: [{ name: "anna", phone: uri("anna", port) }, SINA],
    ringS: 60,
    queues: [{ name: "Technik", push: ["work_item"] }],
    settings: CROWD,
  });
  const phone = DeskPhone.at(port, 2);
  const browser = await openBrowser();
  const desktop = await DesktopPage.atWork(await browser.newContext({ viewport: WIDE }), daemon, "anna");
  const visitors = await Promise.all(Array.from({ length: MANY }, () => Visitor.come(daemon)));
  const waiting = desktop.at("waiting-item");
  await until("all wait", async () => (await waiting.count()) === MANY, 60_000);
  await desktop.pick();
  await desktop.at("pick").nth(1).click();
  await desktop.at("inbox-item").nth(1).waitFor({ state: "attached" });

  const comes = async (): Promise<void> => {
    const before = await waiting.count();
    visitors.push(await Visitor.come(daemon));
    await until("one more waits", async () => (await waiting.count()) === before + 1);
  };
  const leaves = async (): Promise<void> => {
    const before = await waiting.count();
    await visitors.findLast((one) => one.state === "waiting")?.leave();
    await until("one less waits", async () => (await waiting.count()) === before - 1);
  };
  let caller: Caller | null = null;
  const rings = async (): Promise<void> => {
    caller = await Caller.dial(daemon);
    await desktop.at("ringing").waitFor();
  };
  /** Nothing of this moves the button that the pointer is on. */
  const staysUnder = async (button: Locator, ...happenings: readonly (() => Promise<void>)[]): Promise<void> => {
    const box = await pointAt(desktop, button);
    for (const happens of happenings) {
      await happens();
      expect(await boxOf(button)).toEqual(box);
      expect(await scrolls(desktop)).toEqual([0, 0, 0, 0]);
    }
  };

  for (const [nth, size] of [WIDE, NARROW].entries()) {
    await desktop.page.setViewportSize(size);
    const to = async (pane: string): Promise<void> => {
      if (size === NARROW) await desktop.at("pane", { pane }).click();
    };
    await to("queues");
    const middle = (await desktop.at("pick").nth(MANY / 2).getAttribute("data-chat")) ?? "";
    await staysUnder(desktop.at("pick", { chat: middle }), comes, leaves, rings);
    const activate = desktop.at("inbox-item").nth(1).locator(`[data-testid="activate"]`);
    const answers = async (): Promise<void> => {
      await phone.answer(nth + 1);
      await desktop.at("active", { kind: "call" }).waitFor({ state: "attached" });
    };
    await to("inbox");
    await staysUnder(activate, answers, comes, leaves);
    // Where there is room for one panel only, its tab says that the call is there.
    if (size === NARROW) await desktop.at("came").waitFor();
    await staysUnder(desktop.at("hang-up"), comes, leaves);
    await desktop.at("hang-up").click();
    await desktop.at("active", { kind: "chat" }).waitFor({ state: "attached" });
    await (caller as Caller | null)?.ended();
  }

  // What is pushed alerts, and its countdown stands beside the button that turns to it.
  await desktop.at("pane", { pane: "main" }).click();
  await desktop.at("park").click();
  await desktop.attendsTo("none");
  await desktop.at("pane", { pane: "inbox" }).click();
  await staysUnder(desktop.at("inbox-item").nth(1).locator(`[data-testid="activate"]`), async () => {
    const queues = await daemon.rest<QueueView[]>("sina", "GET", "/queues");
    const technik = queues.json.find(({ name }) => name === "Technik")?.queue;
    const wanted = { channel: "work_item", text: "Rad 7" };
    expect((await daemon.rest("sina", "POST", `/queues/${technik}/tasks`, wanted)).status).toBe(201);
    await desktop.at("alerting").waitFor();
  });
  const pushed = desktop.page.locator(`li[data-task]`);
  const countdown = pushed.locator(`[data-alerting="true"]`);
  expect(await countdown.textContent()).toMatch(/\d:\d\d$/);
  const [left, button] = [await boxOf(countdown), await boxOf(pushed.locator(`[data-testid="activate"]`))];
  expect(left.x + left.width).toBeLessThanOrEqual(button.x);
  expect(Math.abs(left.y + left.height / 2 - button.y - button.height / 2)).toBeLessThan(2);
  expect(desktop.errors).toEqual([]);
});
