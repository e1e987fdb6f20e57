// Real pages: a company's website with the widget, and the agents' desktop.
// They do what people do: click, type, look.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type LaunchOptions, type Locator, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { built } from "../../../web-shared/dev/serve.mjs";
import { artifacts } from "./artifacts";
import { type Daemon, password, TOKEN } from "./daemon";
import { until } from "./until";
import { serve } from "./website";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = [
  ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ["--disable-background-networking", "--disable-component-update", "--disable-sync"],
].flat();

export type Language = "de" | "en";
export type Scheme = "light" | "dark";

/** With `PAGES=dist` all pages have the web applications as they are built, whatever the daemon carries. */
export async function launch(more: LaunchOptions = {}): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, ...more, args: [...FLAGS, ...(more.args ?? [])] });
  if (process.env["PAGES"] !== "dist") return browser;
  const open = browser.newContext.bind(browser);
  return Object.assign(browser, { newContext: async (options?: BrowserContextOptions) => asBuilt(await open(options)) });
}

/** The context, with the web applications out of their `dist` instead of the daemon. */
export async function asBuilt(context: BrowserContext): Promise<BrowserContext> {
  // To Chromium such a page comes from the internet, and the daemon is in the local network.
  await context.grantPermissions(["local-network-access"]);
  await context.route(/^http:\/\/127\.0\.0\.1:\d+\/(desktop\/|widget\.js|widget\/\w+\.js)/, async (route) => {
    const file = await built(new URL(route.request().url()).pathname);
    await (file === null ? route.fallback() : route.fulfill(file));
  });
  return context;
}

export async function openBrowser(): Promise<Browser> {
  const browser = await launch();
  onTestFinished(() => browser.close());
  return browser;
}

/**
 * Somebody else's website: another port is another origin. It knows nothing of the daemon but the one script tag. `style` is
 * what its own sheet has beside the usual, `head` comes before the tag, `policy` is what the page may do;
 * `/framed?sandbox=…` is a page that shows it in a frame.
 */
export function openWebsite(daemon: Daemon, style = "", { head = "", policy = "" } = {}): Promise<string> {
  return serve((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://website");
    const language = searchParams.get("lang") === "en" ? "en" : "de";
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (pathname === "/framed") {
      const sandbox = searchParams.get("sandbox") ?? "";
      response.end(`<!doctype html><title>Frame</title><iframe sandbox="${sandbox}" src="/" width="500" height="700"></iframe>`);
    } else {
      if (policy) response.setHeader("content-security-policy", policy);
      if (pathname === "/own.js") response.setHeader("content-type", "text/javascript").end(head);
      else response.end(websitePage(daemon, language, style, head && '<script src="/own.js"></script>'));
    }
  });
}

function websitePage(daemon: Daemon, language: Language, style: string, head: string): string {
  const [title, text] =
    language === "de"
      ? ["Alpenrad – Räder für die Berge", "Wir bauen Räder, die jeden Pass hinauf- und heil wieder hinunterkommen."]
      : ["Alpenrad – bicycles for the mountains", "We build bicycles that climb every pass and come down in one piece."];
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>
  :root { color-scheme: light dark }
  body { margin: 3rem auto; max-width: 40rem; padding: 0 1rem; font: 18px/1.5 sans-serif;
    background: light-dark(#fff, #1b1f24); color: light-dark(#222, #e6e6e6) }
  ${style}
</style>${head}
<script async src="${daemon.origin}/widget.js" data-token="${TOKEN}"></script></head>
<body><main><h1>${title}</h1><p>${text}</p></main></body>
</html>`;
}

/** What both kinds of pages have in common. */
class Screen {
  readonly page: Page;
  /** Exceptions that nobody caught. */
  readonly errors: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.errors.push(String(error.stack)));
  }

  at(testid: string, attributes: Readonly<Record<string, string>> = {}): Locator {
    const conditions = Object.entries(attributes).map(([name, value]) => `[data-${name}="${value}"]`);
    return this.page.locator(`[data-testid="${testid}"]${conditions.join("")}`);
  }

  /** The messages on the screen, in the order in which they stand there; without those still on their way. */
  async texts(): Promise<string[]> {
    const shown = this.at("message", { pending: "false" });
    return shown.evaluateAll((rows) =>
      rows.map((row) => {
        const text = row.querySelector("p");
        const copy = text?.cloneNode(true) as HTMLElement | undefined;
        // What stands before the text for those who cannot see whose it is.
        copy?.querySelector(".aside")?.remove();
        return copy?.textContent ?? "";
      }),
    );
  }

  async shows(texts: readonly string[]): Promise<void> {
    let seen: string[] = [];
    const same = async (): Promise<boolean> => {
      seen = await this.texts();
      return seen.length === texts.length && seen.every((text, at) => text === texts[at]);
    };
    await until("the messages on the screen", same).catch(() => {
      throw new Error(`on the screen: ${JSON.stringify(seen)}, expected: ${JSON.stringify(texts)}`);
    });
  }

  /** Takes a picture and lets axe look at the page. */
  async look(name: string): Promise<string[]> {
    await this.page.screenshot({ path: join(artifacts(), `${name}.png`) });
    return violations(this.page);
  }
}

/** What axe finds on a page. */
export async function violations(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which no security policy of the page binds.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    interface Violation {
      id: string;
      nodes: { target: unknown[]; failureSummary?: string }[];
    }
    const found = await axe.run();
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.flat().join(" ")}: ${node.failureSummary ?? ""}`),
    );
  });
}

export class WidgetPage extends Screen {
  static async open(context: BrowserContext, website: string, language: Language = "de"): Promise<WidgetPage> {
    const widget = new WidgetPage(await context.newPage());
    await widget.page.goto(`${website}/?lang=${language}`);
    // Hidden if a chat goes on already: then its window is open.
    await widget.at("vorrang-button").waitFor({ state: "attached" });
    return widget;
  }

  /** Opens another page of the same visitor, in a tab that begins with what this one has stored. */
  async beside(website: string, language: Language): Promise<WidgetPage> {
    const opened = this.page.waitForEvent("popup");
    await this.page.evaluate((address) => void window.open(address), `${website}/?lang=${language}`);
    return new WidgetPage(await opened);
  }

  async begin(): Promise<void> {
    await this.at("vorrang-button").click();
    await this.is("waiting");
  }

  async is(state: string, withinMs = 10_000): Promise<void> {
    await this.at("state", { state }).waitFor({ timeout: withinMs });
  }

  async say(text: string): Promise<void> {
    await this.at("input").fill(text);
    await this.at("send").click();
  }

  async leave(): Promise<void> {
    await this.at("end").click();
    await this.at("end-confirm").click();
    await this.is("ended");
  }
}

export interface Clock {
  readonly spentMs: number;
  readonly running: boolean;
}

export class DesktopPage extends Screen {
  static async open(context: BrowserContext, daemon: Daemon): Promise<DesktopPage> {
    const desktop = new DesktopPage(await context.newPage());
    await desktop.page.goto(`${daemon.origin}/desktop/`);
    await desktop.at("login-submit").waitFor();
    return desktop;
  }

  /** Signs in through the form. */
  static async signIn(context: BrowserContext, daemon: Daemon, name: string): Promise<DesktopPage> {
    const desktop = await DesktopPage.open(context, daemon);
    await desktop.fillIn(name, password(name));
    await desktop.presence("logged_out");
    return desktop;
  }

  static async atWork(context: BrowserContext, daemon: Daemon, name: string): Promise<DesktopPage> {
    const desktop = await DesktopPage.signIn(context, daemon, name);
    await desktop.at("work-login").click();
    await desktop.presence("available");
    return desktop;
  }

  async fillIn(name: string, secret: string): Promise<void> {
    await this.field("login-name").fill(name);
    await this.field("login-password").fill(secret);
    await this.at("login-submit").click();
  }

  language(): Promise<string | null> {
    return this.at("language").getAttribute("data-language");
  }

  /** Switches the desktop to a language. */
  async speak(language: Language): Promise<void> {
    if ((await this.language()) !== language) await this.at("language").click();
    await this.at("language", { language }).waitFor();
    // Away from the button, or its explanation stays in the picture.
    await this.page.mouse.move(0, 0);
  }

  async presence(presence: string): Promise<void> {
    await this.at("presence", { presence }).waitFor();
  }

  /** Picks the chat that waits and gives its id. */
  async pick(): Promise<string> {
    const pick = this.at("pick").first();
    await pick.waitFor();
    const chat = await pick.getAttribute("data-chat");
    if (chat === null) throw new Error("a pick button without its chat");
    await pick.click();
    await this.attendsTo("chat");
    return chat;
  }

  /** What has the agent's attention: `none`, `chat`, `task`, `call`, `call_wrap_up`. */
  async attendsTo(kind: string, withinMs = 10_000): Promise<void> {
    await this.at("active", { kind }).waitFor({ timeout: withinMs });
  }

  async chatIs(chat: string, state: string, withinMs = 10_000): Promise<void> {
    await this.at("inbox-item", { chat, state }).waitFor({ timeout: withinMs });
  }

  async say(text: string): Promise<void> {
    await this.field("chat-input").fill(text);
    await this.at("chat-send").click();
  }

  /** Gives the active chat away through the dialog. */
  async transfer(chat: string, kind: "queue" | "agent", name: string, note: string): Promise<void> {
    await this.at("transfer", { chat }).click();
    await this.at("transfer-to", { kind, name, available: "true" }).click();
    await this.field("transfer-note").fill(note);
    await this.at("transfer-confirm").click();
  }

  async clock(chat: string): Promise<Clock> {
    const clock = this.at("handling-clock", { chat }).first();
    const [spent, running] = await clock.evaluate((element) => [
      element.getAttribute("data-spent-ms"),
      element.getAttribute("data-running"),
    ]);
    return { spentMs: Number(spent), running: running === "true" };
  }

  /** The input of a field; its mark may be on the field's frame. */
  field(testid: string): Locator {
    const input = `input[data-testid="${testid}"], textarea[data-testid="${testid}"]`;
    return this.page.locator(`${input}, [data-testid="${testid}"] input, [data-testid="${testid}"] textarea`).first();
  }
}
