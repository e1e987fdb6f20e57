// The widget in pages that were not made for it: strict policies, no charset, frames of other origins, tabs in the background, pages
// that come back from a cache, browsers that deny storage, pages that replace themselves.
// In each it works, or says what it cannot do.

import type { CDPSession, Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { DesktopPage, launch, openBrowser, WidgetPage } from "../support/browser";
import { Daemon, TOKEN } from "../support/daemon";
import { until } from "../support/until";
import { serve } from "../support/website";

interface Served {
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A website of these pages; the address of its root, without the slash. */
function servePages(pages: Readonly<Record<string, Served>>): Promise<string> {
  return serve((request, response) => {
    const served = pages[new URL(request.url ?? "/", "http://website").pathname];
    if (!served) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...served.headers }).end(served.body);
  });
}

const snippet = ({ origin }: Daemon, more = ""): string => `<script async src="${origin}/widget.js" data-token="${TOKEN}"${more}></script>`;
const page = (head: string, body = "<main><h1>Shop</h1></main>"): string =>
  `<!doctype html><html lang="de"><head><meta name="viewport" content="width=device-width"><title>Räder</title>${head}</head><body>${body}</body></html>`;

const start = (): Promise<Daemon> => Daemon.start({ people: [{ name: "anna", displayName: "Anna Berger" }] });
const open = async (): Promise<WidgetPage> => new WidgetPage(await (await (await openBrowser()).newContext({ reducedMotion: "reduce" })).newPage());

async function desktopOf(daemon: Daemon): Promise<DesktopPage> {
  return DesktopPage.atWork(await (await openBrowser()).newContext(), daemon, "anna");
}

const SAID = "Größe 56 in „Grün“? 🚲 ß";
const ANSWERED = "Ja – für 1.200 €. Grüße 👋🏽";

/** Both sides write, and read what the other has written. */
async function talk(widget: WidgetPage, daemon: Daemon, at?: DesktopPage): Promise<DesktopPage> {
  await widget.begin();
  await widget.say(SAID);
  await widget.shows([SAID]);
  const desktop = at ?? (await desktopOf(daemon));
  await desktop.pick();
  await widget.is("active");
  await desktop.say(ANSWERED);
  await widget.shows([SAID, ANSWERED]);
  await desktop.shows([SAID, ANSWERED]);
  return desktop;
}

/** What a page's policy keeps from it. */
async function blocked(of: Page): Promise<() => Promise<string[]>> {
  await of.addInitScript(() => {
    const here = globalThis as unknown as { blocked: string[] };
    here.blocked = [];
    addEventListener("securitypolicyviolation", (event) => here.blocked.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
  });
  return () => of.evaluate(() => (globalThis as unknown as { blocked: string[] }).blocked);
}

test("R17: under a strict policy, with trusted types or with a nonce, nothing is blocked and everything is there", async () => {
  const daemon = await start();
  const [origin, socket] = [daemon.origin, daemon.origin.replace("http", "ws")];
  const strict = `default-src 'none'; base-uri 'none'; connect-src ${origin} ${socket}`;
  const site = await servePages({
    "/typed": {
      body: page(snippet(daemon)),
      headers: { "content-security-policy": `${strict}; script-src ${origin}; require-trusted-types-for 'script'; trusted-types 'none'` },
    },
    "/nonce": { body: page(snippet(daemon, ' nonce="cmFkZXI"')), headers: { "content-security-policy": `${strict}; script-src 'nonce-cmFkZXI' ${origin}` } },
  });
  let desktop: DesktopPage | undefined;
  for (const path of ["/typed", "/nonce"]) {
    const widget = await open();
    const violations = await blocked(widget.page);
    await widget.page.goto(site + path);
    desktop = await talk(widget, daemon, desktop);
    await widget.at("attach").waitFor();
    await widget.leave();
    const saving = widget.page.waitForEvent("download");
    await widget.at("transcript").click();
    expect((await saving).suggestedFilename()).toContain("chat-Alpenrad-");
    expect(await violations()).toEqual([]);
    expect(widget.errors).toEqual([]);
    // The control: what is not allowed is noticed.
    await widget.page.evaluate(() => void fetch("https://elsewhere.example/").catch(() => null));
    await until("a violation", async () => (await violations()).length > 0);
    await desktop.at("finish-wrap-up").first().click();
  }
});

test("R17: a policy without the daemon's https address leaves the looks as by default, one without its wss address is said", async () => {
  const daemon = await start();
  const [origin, socket] = [daemon.origin, daemon.origin.replace("http", "ws")];
  const site = await servePages({
    "/plain": { body: page(snippet(daemon)), headers: { "content-security-policy": `script-src ${origin}; connect-src ${socket}` } },
    "/silent": { body: page(snippet(daemon)), headers: { "content-security-policy": `script-src ${origin}; connect-src ${origin}` } },
  });
  const plain = await open();
  const kept = await blocked(plain.page);
  await plain.page.goto(`${site}/plain`);
  await talk(plain, daemon);
  expect((await kept()).some((what) => what.includes("/widget/services/"))).toBe(true);
  expect(plain.errors).toEqual([]);

  const silent = await open();
  const [said, violations] = [[] as string[], await blocked(silent.page)];
  silent.page.on("console", (message) => said.push(message.text()));
  await silent.page.goto(`${site}/silent`);
  await silent.at("vorrang-button").click();
  await until("the visitor is told", async () => (await silent.at("connection").innerText()).includes("Verbindung wird wiederhergestellt"));
  await until("the developer is told", () => said.some((line) => line.includes(socket) && line.includes("Content Security Policy")));
  expect((await violations()).some((what) => what.startsWith("connect-src"))).toBe(true);
  expect(silent.errors).toEqual([]);
});

test("R17: on a page without charset and doctype, in whatever encoding, what is said is what is read", async () => {
  const daemon = await start();
  const latin = Buffer.from(`<html lang="de"><head><title>Räder für alle</title>${snippet(daemon)}</head><body><main><h1>Räder</h1></main></body></html>`, "latin1");
  const site = await servePages({ "/": { body: latin, headers: { "content-type": "text/html" } } });
  const widget = await open();
  await widget.page.goto(site);
  expect(await widget.page.evaluate(() => [document.characterSet, document.compatMode, document.title])).toEqual(["windows-1252", "BackCompat", "Räder für alle"]);
  await widget.at("vorrang-button").click();
  await until("our own words", async () => (await widget.at("hint").innerText()).includes("niemand für einen Chat da"));
  await widget.say(SAID);
  const desktop = await desktopOf(daemon);
  await desktop.pick();
  await desktop.say(ANSWERED);
  await widget.shows([SAID, ANSWERED]);
  await desktop.shows([SAID, ANSWERED]);
  expect(await widget.look("no-charset")).toEqual([]);
  expect(widget.errors).toEqual([]);
});

test.each([
  ["site", "localhost"],
  ["origin of the same site", "127.0.0.1"],
])("R3: in a frame of another %s the chat is there and the frame's alone, and goes on over its pages as far as it may store anything", async (_, host) => {
  const daemon = await start();
  const site = await servePages({ "/shop": { body: page(snippet(daemon)) }, "/next": { body: page(snippet(daemon)) } });
  const around = (await servePages({ "/": { body: page("", `<iframe src="${site}/shop" width="500" height="700" title="Shop"></iframe>`) } })).replace("127.0.0.1", host);
  const widget = await open();
  await widget.page.goto(around);
  const frame = widget.page.frameLocator("iframe");
  await frame.getByTestId("vorrang-button").click();
  await frame.getByTestId("input").fill(SAID);
  await frame.getByTestId("send").click();
  const desktop = await desktopOf(daemon);
  await desktop.pick();
  await desktop.say(ANSWERED);
  const stored = frame.locator(`[data-testid="message"][data-pending="false"]`);
  await stored.filter({ hasText: ANSWERED }).waitFor();
  expect(await stored.count()).toBe(2);
  // Browsers may deny it to frames of other sites.
  const stores = await frame.locator("h1").evaluate(() => {
    try {
      return sessionStorage.length > 0;
    } catch {
      return false;
    }
  });
  if (host === "127.0.0.1") expect(stores).toBe(true);
  await frame.locator("h1").evaluate(() => void location.assign("/next"));
  if (stores) {
    await frame.locator(`[data-testid="state"][data-state="active"]`).waitFor();
    await stored.filter({ hasText: ANSWERED }).waitFor();
    expect(await stored.count()).toBe(2);
  } else {
    await frame.getByTestId("vorrang-button").click();
    await frame.locator(`[data-testid="state"][data-state="waiting"]`).waitFor();
    expect(await stored.count()).toBe(0);
  }
  expect(await widget.page.evaluate(() => [document.getElementById("vorrang-widget"), sessionStorage.length])).toEqual([null, 0]);
  expect(widget.errors).toEqual([]);
});

test("R3: in a tab that nobody sees nothing counts as read, and one that the browser has frozen has everything once it is back", async () => {
  const daemon = await start();
  const site = await servePages({ "/": { body: page(snippet(daemon)) } });
  const widget = await open();
  await widget.page.addInitScript(() => {
    const here = document as unknown as { away: boolean };
    Object.defineProperty(document, "hidden", { get: () => here.away });
    Object.defineProperty(document, "visibilityState", { get: () => (here.away ? "hidden" : "visible") });
  });
  const away = (is: boolean): Promise<void> =>
    widget.page.evaluate((now) => {
      (document as unknown as { away: boolean }).away = now;
      document.dispatchEvent(new Event("visibilitychange"));
    }, is);
  await widget.page.goto(site);
  const desktop = await talk(widget, daemon);
  const readIs = (text: string): Promise<boolean> =>
    until(`${text} is read`, async () => (await desktop.page.locator('[data-testid="message"]:has([data-testid="read"])').innerText()).includes(text));
  await readIs(ANSWERED);
  const title = await widget.page.title();

  await away(true);
  await desktop.say("im Hintergrund");
  await until("the title counts", async () => (await widget.page.title()) === `(1) ${title}`);
  await readIs(ANSWERED);
  await away(false);
  await readIs("im Hintergrund");
  expect(await widget.page.title()).toBe(title);

  const lifecycle: CDPSession = await widget.page.context().newCDPSession(widget.page);
  await away(true);
  await lifecycle.send("Page.setWebLifecycleState", { state: "frozen" });
  await desktop.say("eingefroren");
  await desktop.shows([SAID, ANSWERED, "im Hintergrund", "eingefroren"]);
  await lifecycle.send("Page.setWebLifecycleState", { state: "active" });
  await away(false);
  await widget.shows([SAID, ANSWERED, "im Hintergrund", "eingefroren"]);
  await widget.say("wieder da");
  await desktop.shows([SAID, ANSWERED, "im Hintergrund", "eingefroren", "wieder da"]);
  expect(widget.errors).toEqual([]);
});

test("R3: a page that comes back from the browser's cache, back and forward, has what was written meanwhile, and loses and doubles nothing", async () => {
  const daemon = await start();
  const site = await servePages({ "/": { body: page(snippet(daemon)) }, "/cart": { body: page(snippet(daemon)) }, "/imprint": { body: page("") } });
  const browser = await launch({ ignoreDefaultArgs: ["--disable-back-forward-cache"], args: ["--enable-features=BackForwardCache,BackForwardCacheWithWebSocket"] });
  onTestFinished(() => browser.close());
  const widget = new WidgetPage(await (await browser.newContext()).newPage());
  await widget.page.addInitScript(() => addEventListener("pageshow", ({ persisted }) => Object.assign(globalThis, { persisted })));
  await widget.page.goto(site);
  const desktop = await talk(widget, daemon);
  const said = [SAID, ANSWERED];
  for (const [at, leave] of (["/imprint", "/cart"] as const).entries()) {
    await widget.page.goto(site + leave);
    if (leave === "/cart") {
      await widget.is("active");
      await widget.say("im Warenkorb");
      said.push("im Warenkorb");
      await desktop.shows(said);
    }
    await desktop.say(`während Sie weg waren ${at}`);
    said.push(`während Sie weg waren ${at}`);
    await desktop.shows(said);
    await widget.page.goBack({ waitUntil: "commit" });
    await until("it is the old page", () => widget.page.evaluate(() => (globalThis as unknown as { persisted?: boolean }).persisted));
    await widget.shows(said);
    await widget.say(`wieder da ${at}`);
    said.push(`wieder da ${at}`);
    await widget.shows(said);
    await desktop.shows(said);
  }
  await widget.page.goForward({ waitUntil: "commit" });
  await widget.shows(said);
  await widget.leave();
  await widget.page.goBack({ waitUntil: "commit" });
  await until("the old page has no chat any more", async () => (await widget.at("state", { state: "active" }).count()) === 0);
  expect(widget.errors).toEqual([]);
});

test("R3: where the browser denies storage a chat lasts as long as its page, over reconnects and a restart of the daemon, and is one", async () => {
  const daemon = await start();
  const site = await servePages({ "/": { body: page(snippet(daemon)) } });
  const widget = await open();
  await widget.page.addInitScript(() => {
    for (const store of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(globalThis, store, {
        get: () => {
          throw new DOMException("denied", "SecurityError");
        },
      });
    }
  });
  await widget.page.goto(site);
  const desktop = await talk(widget, daemon);
  await daemon.kill();
  await widget.say("während Sie weg waren");
  await daemon.restart();
  await widget.shows([SAID, ANSWERED, "während Sie weg waren"]);
  await desktop.shows([SAID, ANSWERED, "während Sie weg waren"]);
  expect(await desktop.at("inbox-item").count()).toBe(1);
  await widget.page.reload();
  await widget.at("vorrang-button").waitFor();
  expect(widget.errors).toEqual([]);
});

test("R3: a page that replaces its body, its head and its address without a load keeps the window, what is typed and what is said", async () => {
  const daemon = await start();
  const site = await servePages({ "/": { body: page(snippet(daemon)) } });
  const widget = await open();
  await widget.page.goto(site);
  const desktop = await talk(widget, daemon);
  await widget.at("input").fill("noch nicht gesen");
  for (const path of ["/raeder", "/raeder/gletscher"]) {
    await widget.page.evaluate((to) => {
      history.pushState({}, "", to);
      const fresh = new DOMParser().parseFromString(`<title>${to}</title><h1>${to}</h1>`, "text/html");
      document.head.replaceChildren(...fresh.head.childNodes);
      document.documentElement.replaceChild(document.adoptNode(fresh.body), document.body);
    }, path);
    await widget.at("panel").waitFor();
    await widget.shows([SAID, ANSWERED]);
    expect(await widget.at("input").inputValue()).toBe("noch nicht gesen");
  }
  await widget.page.goBack();
  await desktop.say("Sind Sie noch da?");
  await widget.shows([SAID, ANSWERED, "Sind Sie noch da?"]);
  await widget.at("input").press("End");
  await widget.at("input").pressSequentially("det");
  await widget.at("send").click();
  await desktop.shows([SAID, ANSWERED, "Sind Sie noch da?", "noch nicht gesendet"]);
  expect(await widget.page.locator("#vorrang-widget").count()).toBe(1);
  expect(widget.errors).toEqual([]);
});
