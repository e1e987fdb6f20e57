// A page on a recording, its pictures in all widths and both schemes, and the file to look at them.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { WebSocketServer } from "ws";
import { Player } from "../../../web-shared/dev/player.mjs";
import { readRecordings, type Screen } from "../../../web-shared/dev/recordings.mjs";
import { serve } from "../../../web-shared/dev/serve.mjs";
import { type Language, launch, type Scheme, violations } from "../support/browser";

export const LANGUAGES: readonly Language[] = ["de", "en"];
const SCHEMES: readonly Scheme[] = ["light", "dark"];
/** A narrow page shows one of the desktop's panels at a time. */
const SIZES = [
  { width: 390, height: 844 },
  // What 1440 shows at a zoom of 200 %.
  { width: 720, height: 450 },
  { width: 1024, height: 768 },
  { width: 1440, height: 900 },
];
const ROOT = join(import.meta.dirname, "../../../target/screenshots");

/** Something worth a picture: a screen of a recording, when this was done, and what its page is asked to show beside it. */
export interface Shot {
  readonly name: string;
  readonly scenario: string;
  readonly viewer: string;
  /** As the scenario has it, the first of its kind; the beginning, if it is left out. */
  readonly done?: string;
  readonly set?: (page: Page) => Promise<void>;
  /** The panel of a narrow desktop. */
  readonly pane?: "queues" | "inbox" | "main";
  /** Errors in the browser's console that belong there. */
  readonly expected?: RegExp;
}

export class Album {
  readonly player: Player;
  readonly origin: string;
  readonly #browser: Browser;
  readonly #close: () => void;

  private constructor(player: Player, origin: string, browser: Browser, close: () => void) {
    this.player = player;
    this.origin = origin;
    this.#browser = browser;
    this.#close = close;
  }

  static async open(): Promise<Album> {
    const player = new Player(readRecordings(), WebSocketServer);
    const server = await serve(player, 0);
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a server without a port");
    const close = (): void => {
      server.closeAllConnections();
      server.close();
    };
    return new Album(player, `http://127.0.0.1:${address.port}`, await launch(), close);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#close();
  }

  /** The address of a shot's moment. */
  address(shot: Shot, language: Language): string {
    const { screen, moment } = this.#moment(shot);
    return `${this.origin}/play?screen=${screen}&moment=${moment}&lang=${language}`;
  }

  #moment({ scenario, viewer, done }: Shot): { screen: number; moment: number; now: number } {
    const found = (screen: Screen): number => screen.moments.findIndex((moment) => done === undefined || moment.done.split("; ").includes(done));
    const screen = this.player.screens.findIndex((one) => one.scenario.startsWith(scenario) && one.viewer === viewer && found(one) >= 0);
    const of = this.player.screens[screen];
    if (of === undefined) throw new Error(`no screen of ${viewer} of "${scenario}" at "${done ?? "the beginning"}"`);
    const moment = found(of);
    return { screen, moment, now: of.moments[moment]?.fresh.now ?? Date.now() };
  }

  /** Takes all pictures of one page; what is wrong with it. */
  async take(application: string, shot: Shot, language: Language, open: (page: Page) => Promise<void>): Promise<string[]> {
    const locale = language === "de" ? "de-DE" : "en-GB";
    const context = await this.#browser.newContext({ locale, reducedMotion: "reduce", timezoneId: "Europe/Berlin" });
    const findings: string[] = [];
    const page = await context.newPage();
    // Messages of today are from today.
    await page.clock.install({ time: this.#moment(shot).now });
    page.setDefaultTimeout(30_000);
    page.on("pageerror", (error) => findings.push(String(error.stack)));
    page.on("console", (message) => {
      if (message.type() === "error" && shot.expected?.test(message.text()) !== true) findings.push(message.text());
    });
    try {
      await page.setViewportSize({ width: 1440, height: 900 });
      await open(page);
      await shot.set?.(page);
      findings.push(...(await pictures(page, application, `${shot.name}-${language}`, shot.pane)));
    } finally {
      await context.close();
    }
    return findings;
  }
}

/** Pictures of a page as it stands, in all widths and both schemes; what axe finds, and what is cut off. */
export async function pictures(page: Page, application: string, title: string, pane = "main"): Promise<string[]> {
  const findings: string[] = [];
  const folder = join(ROOT, application);
  mkdirSync(folder, { recursive: true });
  for (const size of SIZES) {
    await page.setViewportSize(size);
    const way = page.locator(`[data-testid="pane"][data-pane="${pane}"]`);
    if ((await way.isVisible()) && !(await page.locator("dialog[open]").isVisible())) await way.click();
    await page.mouse.move(0, 0);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      const name = `${title}-${colorScheme}-${size.width}`;
      await page.screenshot({ path: join(folder, `${name}.png`) });
      findings.push(...(await violations(page)).map((finding) => `${name}: ${finding}`));
    }
    findings.push(...(await page.evaluate(cut)).map((finding) => `${title}-${size.width}: ${finding}`));
  }
  return findings;
}

/** Runs in the page: what can be used and is cut off at a side, and what is wider than its place. */
function cut(): string[] {
  const wide = document.documentElement.scrollWidth - innerWidth;
  const found = wide > 0 ? [`the page is ${wide} pixels too wide`] : [];
  for (const one of document.querySelectorAll("main *, dialog[open], dialog[open] *, section")) {
    const { overflowX, overflowY } = getComputedStyle(one);
    // What is meant to scroll sideways does nothing else.
    const scrolls = overflowX === "auto" && overflowY !== "hidden" && !["PRE", "TEXTAREA"].includes(one.tagName);
    if (scrolls && one.checkVisibility({ visibilityProperty: true }) && one.scrollWidth > one.clientWidth + 1) found.push(`has to be scrolled sideways: ${one.className || one.tagName}`);
  }
  for (const one of document.querySelectorAll("button, a[href], input, select, textarea, summary")) {
    const { left, right, width } = one.getBoundingClientRect();
    let [from, to] = [0, innerWidth];
    let hidden = width <= 1 || !one.checkVisibility({ visibilityProperty: true });
    for (let around = one.parentElement; around !== null; around = around.parentElement) {
      const { overflowX, clipPath } = getComputedStyle(around);
      hidden ||= clipPath !== "none" || overflowX === "auto" || overflowX === "scroll";
      if (overflowX === "visible") continue;
      const edges = around.getBoundingClientRect();
      [from, to] = [Math.max(from, edges.left), Math.min(to, edges.right)];
    }
    if (!hidden && (left < from - 1 || right > to + 1)) found.push(`cut off: ${one.textContent || one.getAttribute("aria-label")}`);
  }
  return found;
}

/** Removes what an earlier run left. */
export function clear(application: string): void {
  rmSync(join(ROOT, application), { recursive: true, force: true });
}

/** All pictures on one page: a row for each page in each language and scheme, the widths beside each other. */
export function index(): void {
  const applications = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const rows = applications.flatMap(({ name: application }) => {
    const files = readdirSync(join(ROOT, application)).filter((file) => file.endsWith(".png"));
    const titles = new Set(files.map((file) => file.replace(/-\d+\.png$/, "")));
    return [...titles].toSorted().map((title) => {
      const images = SIZES.map(({ width }) => `${application}/${title}-${width}.png`);
      const shown = images.map((file) => `<a href="${file}"><img src="${file}" alt="${file}" loading="lazy" height="320"></a>`);
      return `<h2>${application}: ${title}</h2><p>${shown.join(" ")}</p>`;
    });
  });
  const head = '<meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Screenshots</title>';
  writeFileSync(join(ROOT, "index.html"), `<!doctype html><html lang="en">${head}<h1>Screenshots</h1>${rows.join("\n")}</html>\n`);
}
