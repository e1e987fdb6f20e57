// The demo's page: plays the story by itself, shows where, and begins anew whatever was done before.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { BrowserContext, Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { openBrowser } from "../support/browser";
import { BINARY } from "../support/daemon";
import { until } from "../support/until";

test("on a phone the story shows each place where it happens, also with an inbox full of visitors who have gone", async () => {
  const address = await startDemo();
  const context = await (await openBrowser()).newContext({ viewport: { width: 390, height: 844 }, reducedMotion: "reduce", locale: "de-DE" });
  const page = await openStory(context, address);
  for (let visitor = 0; visitor < 3; visitor += 1) await leaveAlone(context, page, address);
  expect(await page.frameLocator("#desktop").locator(`[data-testid="inbox-item"]`).count()).toBe(3);

  await page.getByTestId("show-me").click();
  const seen = await page.evaluate(watchStory);
  expect(seen.out).toEqual([]);
  expect(seen.places).toEqual(["website", "desktop", "caller", "anna", "website", "anna", "desktop"]);
  expect(await page.locator("#caption").textContent()).toContain("Das ist die ganze Geschichte");
  expect(await page.locator(`#steps [data-is="done"]`).count()).toBe(5);
});

test("in the middle of a call everything starts over with another customer", async () => {
  const address = await startDemo();
  const context = await (await openBrowser()).newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB" });
  const page = await openStory(context, address);
  const website = page.frameLocator("#website");
  await website.getByTestId("vorrang-button").click();
  await page.frameLocator("#desktop").getByTestId("pick").click();
  await website.locator(`[data-testid="state"][data-state="active"]`).waitFor();
  await page.getByTestId("place-call").click();
  await page.getByTestId("anna-answer").click();
  await website.locator(`[data-testid="state"][data-state="preempted"]`).waitFor();

  await page.getByTestId("anew").click();
  await until("all are ready", async () => (await page.locator("#caption").textContent())?.startsWith("You can begin"), 20_000);
  await page.getByTestId("place-call").waitFor();
  await page.locator(`[data-testid="phone-anna"][data-state="idle"]`).waitFor();
  expect(await page.frameLocator("#desktop").getByTestId("inbox-item").count()).toBe(0);
  await website.getByTestId("vorrang-button").click();
  await website.locator(`[data-testid="state"][data-state="waiting"]`).waitFor();
});

/** Gives the address of a demo of the test's own. */
async function startDemo(): Promise<string> {
  const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith("VORRANG_"));
  const options = ["demo", "--http", "0", "--sip", "0"];
  const demo = spawn(BINARY, options, { env: Object.fromEntries(inherited), stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => stop(demo));
  const [line] = (await once(createInterface(demo.stdout), "line")) as [string];
  const address = /http:[^ ]+(?=\/ )/.exec(line)?.[0];
  if (address === undefined) throw new Error(`not the line with the address: ${line}`);
  return address;
}

async function stop(demo: ChildProcess): Promise<void> {
  if (demo.exitCode !== null) return;
  demo.kill("SIGTERM");
  await once(demo, "exit");
}

async function openStory(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${address}/`);
  await page.locator(`[data-testid="phone-anna"][data-state="idle"]`).waitFor();
  await page.frameLocator("#desktop").locator(`[data-testid="presence"][data-presence="available"]`).waitFor();
  return page;
}

/** A visitor whose chat Anna takes, and who closes the page. */
async function leaveAlone(context: BrowserContext, story: Page, address: string): Promise<void> {
  const visitor = await context.newPage();
  await visitor.goto(`${address}/demo/website.html`);
  await visitor.getByTestId("vorrang-button").click();
  await visitor.locator(`[data-testid="state"][data-state="waiting"]`).waitFor();
  await story.frameLocator("#desktop").getByTestId("pick").first().evaluate((button: HTMLElement) => button.click());
  await visitor.locator(`[data-testid="state"][data-state="waiting"]`).waitFor({ state: "detached" });
  // The next one is somebody else.
  await visitor.evaluate(() => localStorage.clear());
  await visitor.close();
}

/** Runs in the page until the story is over: the places in their order, and those that could not be seen when told of. */
function watchStory(): Promise<{ places: string[]; out: string[] }> {
  const places: string[] = [];
  const out: string[] = [];
  let inSight = true;
  const leave = (): void => {
    const last = places.at(-1);
    if (last !== undefined && !inSight) out.push(last);
  };
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const here = document.querySelector<HTMLElement>("[data-here]");
      const place = here?.dataset["place"];
      if (here !== null && place !== undefined) {
        if (place !== places.at(-1)) {
          leave();
          places.push(place);
          inSight = false;
        }
        const { top, bottom } = here.getBoundingClientRect();
        const head = document.querySelector(".top")?.getBoundingClientRect().bottom ?? 0;
        inSight ||= top >= head && bottom <= innerHeight;
      }
      if (document.getElementById("show")?.hidden === false) {
        leave();
        clearInterval(timer);
        resolve({ places, out });
      }
    }, 50);
  });
}
