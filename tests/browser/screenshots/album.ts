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
      const folder = join(ROOT, application);
      mkdirSync(folder, { recursive: true });
      for (const size of SIZES) {
        await page.setViewportSize(size);
        const pane = page.locator(`[data-testid="pane"][data-pane="${shot.pane ?? "main"}"]`);
        if ((await pane.isVisible()) && !(await page.locator("dialog[open]").isVisible())) await pane.click();
        await page.mouse.move(0, 0);
        for (const colorScheme of SCHEMES) {
          await page.emulateMedia({ colorScheme });
          const name = `${shot.name}-${language}-${colorScheme}-${size.width}`;
          await page.screenshot({ path: join(folder, `${name}.png`) });
          findings.push(...(await violations(page)).map((finding) => `${name}: ${finding}`));
        }
      }
    } finally {
      await context.close();
    }
    return findings;
  }
}

/** Removes what an earlier run left. */
export function clear(application: string): void {
  rmSync(join(ROOT, application), { recursive: true, force: true });
}

/** All pictures on one page: a row for each page in each language and scheme, the widths beside each other. */
export function index(): void {
  const applications = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const rows = applications.flatMap(({ name: application }) => {
    const pictures = readdirSync(join(ROOT, application)).filter((file) => file.endsWith(".png"));
    const titles = new Set(pictures.map((file) => file.replace(/-\d+\.png$/, "")));
    return [...titles].toSorted().map((title) => {
      const images = SIZES.map(({ width }) => `${application}/${title}-${width}.png`);
      const shown = images.map((file) => `<a href="${file}"><img src="${file}" alt="${file}" loading="lazy" height="320"></a>`);
      return `<h2>${application}: ${title}</h2><p>${shown.join(" ")}</p>`;
    });
  });
  const head = '<meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Screenshots</title>';
  writeFileSync(join(ROOT, "index.html"), `<!doctype html><html lang="en">${head}<h1>Screenshots</h1>${rows.join("\n")}</html>\n`);
}
