// Pictures of the desktop in all its states, sizes and languages, each looked through by axe-core; fails if axe finds anything,
// or if the page breaks its own security policy. The pictures are put into dev/shots/.
// CHROMIUM names the browser if it is not at /usr/bin/chromium, PORT another one than 4611.

import axe from "axe-core";
import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { startServer } from "./server.mjs";

const OUT = fileURLToPath(new URL("./shots/", import.meta.url));
const PORT = Number(process.env.PORT ?? 4611);
const AT = `http://127.0.0.1:${PORT}`;
const LOOKS = [
  { name: "390-de-light", width: 390, height: 844, locale: "de-DE", colorScheme: "light" },
  { name: "390-en-dark", width: 390, height: 844, locale: "en-GB", colorScheme: "dark" },
  { name: "768-en-light", width: 768, height: 1024, locale: "en-GB", colorScheme: "light" },
  { name: "768-de-dark", width: 768, height: 640, locale: "de-DE", colorScheme: "dark" },
  { name: "1280-de-light", width: 1280, height: 800, locale: "de-DE", colorScheme: "light" },
  { name: "1280-en-dark", width: 1280, height: 800, locale: "en-GB", colorScheme: "dark" },
  { name: "1440-en-light", width: 1440, height: 900, locale: "en-GB", colorScheme: "light" },
  { name: "1440-de-dark", width: 1440, height: 900, locale: "de-DE", colorScheme: "dark" },
  // A window of 1280 and 1440 at 200 % of the browser's zoom.
  { name: "zoom-1280-de-light", width: 640, height: 400, zoom: 2, locale: "de-DE", colorScheme: "light" },
  { name: "zoom-1440-en-dark", width: 720, height: 450, zoom: 2, locale: "en-GB", colorScheme: "dark" },
];
const wanted = process.argv.slice(2);

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const server = await startServer({ port: PORT });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});
let findings = 0;

for (const look of LOOKS.filter((look) => wanted.length === 0 || wanted.includes(look.name))) {
  await play("reset");
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.height },
    deviceScaleFactor: look.zoom ?? 1,
    locale: look.locale,
    colorScheme: look.colorScheme,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() !== "error" || /401|503|WebSocket/.test(message.text())) return;
    findings += 1;
    console.log(`${look.name}: console: ${message.text()}`);
  });
  page.on("pageerror", (error) => {
    findings += 1;
    console.log(`${look.name}: ${error}`);
  });
  await walk(page, look.name);
  await context.close();
}

await browser.close();
server.close();
server.closeAllConnections();
console.log(`${findings} findings`);
process.exitCode = findings === 0 ? 0 : 1;

async function walk(page, name) {
  const on = (id) => page.getByTestId(id);
  const at = (selector) => page.locator(selector);
  const shot = (what) => take(page, `${name}-${what}`);
  const narrow = () => on("pane").first().isVisible();
  /** Where there is room for one panel only, to this one. */
  const to = async (pane) => {
    if (await narrow()) await at(`[data-testid="pane"][data-pane="${pane}"]`).click();
  };
  /** All panels, one picture each where they are not seen together. */
  const shotOfAll = async (what) => {
    if (!(await narrow())) return shot(what);
    for (const pane of ["queues", "inbox", "main"]) {
      await to(pane);
      await shot(`${what}-${pane}`);
    }
  };
  const pick = async (chat) => {
    await to("queues");
    await at(`[data-testid="pick"][data-chat="${chat}"]`).click();
    await at(`[data-testid="inbox-item"][data-chat="${chat}"]`).waitFor({ state: "attached" });
  };
  const open = async (chat) => {
    await to("inbox");
    await at(`[data-testid="inbox-item"][data-chat="${chat}"] button`).first().click();
  };
  const activate = async (chat) => {
    await to("inbox");
    await at(`[data-testid="inbox-item"][data-chat="${chat}"] [data-testid="activate"]`).click();
    await at(`[data-testid="active"][data-chat="${chat}"]`).waitFor();
  };

  await page.goto(`${AT}/desktop/`);
  await on("login-name").fill("mara");
  await on("login-password").fill("wrong");
  await on("login-submit").click();
  await on("notice").waitFor();
  await shot("01-login");
  await on("login-password").fill("right");
  await on("login-submit").click();
  await on("work-login").first().waitFor();
  await shot("02-logged-out");
  await on("work-login").first().click();
  await at('[data-presence="available"]').waitFor();
  await shotOfAll("03-empty");

  await pick(41);
  await at('[data-testid="active"][data-chat="41"]').waitFor();
  await to("main");
  await on("chat-input").fill("Guten Tag! Ja, Halden gibt es in Dunkelgrün, Stoffgruppe B.");
  await page.keyboard.press("Enter");
  await on("chat-input").fill("Nach Freiburg liefern wir in drei bis vier Wochen.\nDie Spedition ruft vorher an.");
  await page.keyboard.press("Enter");
  await play("write", { chat: 41, text: "Super, danke! Kann ich Stoffmuster bekommen?" });
  await play("typing", { chat: 41 });
  await pick(44);
  await to("main");
  await on("chat-input").fill("Gern, ich schicke Ihnen");
  await shotOfAll("04-chat");
  await to("queues");
  await at('[data-testid="pick"][data-chat="43"]').hover();
  await play("wait");
  await play("take_away", { chat: 43 });
  await on("fresh").waitFor();
  await at('[data-testid="gone"]').waitFor();
  await take(page, `${name}-04-held`, { rests: false });

  await play("ring");
  await on("ringing").waitFor();
  await shotOfAll("05-ringing");
  // At its narrowest the banner has no room for reasons.
  if (await on("why").first().isVisible()) {
    await on("why").locator("summary").click();
    await shot("05-ringing-why");
  }
  await play("answer");
  await on("call").waitFor({ state: "attached" });
  await play("write", { chat: 41, text: "Kein Problem, ich warte so lange." });
  await page.waitForTimeout(1_200);
  await shotOfAll("06-call");
  await open(41);
  await shot("07-call-looking");
  await play("hang_up");
  await at('[data-testid="inbox-item"][data-chat="41"][data-state="active"]').waitFor({ state: "attached" });
  await shotOfAll("08-after");
  await to("main");
  await on("transfer").click();
  await at('[data-testid="transfer-to"][data-kind="queue"]').last().click();
  await at("dialog textarea").first().fill("Möchte Stoffmuster in Dunkelgrün, Adresse liegt vor.");
  await shot("08-transfer");
  await page.keyboard.press("Escape");
  await play("push", { note: "Fragt nach der Lieferung." });
  await on("alerting").waitFor();
  await shotOfAll("08-alerting");
  await on("alerting-activate").click();
  await on("note").waitFor();
  await activate(41);
  await play("alarm", { chat: 44 });

  await to("main");
  await on("end").click();
  await on("end-confirm").waitFor();
  await shot("09-end-asked");
  await on("end-confirm").click();
  await at('[data-state="wrap_up"][data-wrap-up-active="true"]').waitFor({ state: "attached" });
  await shotOfAll("10-wrap-up");
  await on("park").click();
  await at('[data-wrap-up-active="false"]').waitFor({ state: "attached" });
  await activate(44);
  await open(41);
  await shotOfAll("11-parked-looking");
  await on("work-logout").click();
  await on("work-logout-confirm").waitFor();
  await shot("12-log-out-asked");
  await page.keyboard.press("Escape");

  await to("inbox");
  await at('[data-testid="call-wrap-up"] [data-testid="activate"]').click();
  await at('[data-testid="active"][data-kind="call_wrap_up"]').waitFor();
  await to("main");
  await on("extend-wrap-up").first().click();
  await shot("12-call-wrap-up-again");
  await at('[data-testid="call-wrap-up"][data-active="true"] [data-testid="finish-wrap-up"]').click();
  await to("queues");
  await at('[data-testid="waiting-item"][data-channel="callback"] [data-testid="pick"]').click();
  await at('[data-testid="active"][data-kind="task"]').waitFor({ state: "attached" });
  await shotOfAll("12-task");
  await on("take-break").click();
  await on("break-reason").first().waitFor();
  await shot("12-break-reasons");
  await on("break-reason").first().click();
  await on("break-pending").waitFor();
  await shot("12-break-pending");
  await to("main");
  await on("task-done").click();
  await on("task-done-confirm").click();
  await at('[data-presence="break"]').waitFor();
  await shot("12-break");
  await on("work-login").first().click();
  await at('[data-presence="available"]').waitFor();
  await activate(44);
  await open(41);
  await on("finish-wrap-up").first().click();
  await at('[data-testid="active"][data-chat="44"]').waitFor();
  await on("park").click();
  await at('[data-testid="active"][data-kind="none"]').waitFor();
  await play("ring", { queue: 2, caller: "" });
  await play("answer");
  await play("hang_up");
  await at('[data-testid="active"][data-kind="call_wrap_up"]').waitFor({ state: "attached" });
  await to("main");
  await page.waitForTimeout(1_100);
  await shot("13-call-wrap-up");
  await play("crowd");
  await at('[data-testid="waiting-item"]').nth(200).waitFor({ state: "attached" });
  await shotOfAll("14-crowd");
  await play("calls", { calls: "blocked", until: null });
  await play("presence", { presence: "unavailable", reason: "missed" });
  await play("notice", { code: "taken", item: { kind: "chat", id: 43 } });
  await play("alert");
  await play("cut");
  await page.waitForTimeout(1_400);
  await shot("15-offline");
  await play("cut", { on: false });
  await at('[data-testid="connection"][data-online="true"]').waitFor();
  await page.locator("body").press("Shift+?");
  await page.locator("dialog").waitFor();
  await shot("16-help");
}

/** `rests`: with no hand in any panel. */
async function take(page, name, { rests = true } = {}) {
  if (rests) {
    await page.mouse.move(0, 0);
    await page.locator('[data-held="true"]').first().waitFor({ state: "detached" });
  }
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${OUT}${name}.png` });
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  for (const violation of violations) {
    findings += 1;
    console.log(`${name}: ${violation.id}: ${violation.help}`);
    for (const node of violation.nodes.slice(0, 3)) console.log(`    ${node.html.slice(0, 160)}\n    ${node.failureSummary.slice(0, 300)}`);
  }
}

async function play(what, args) {
  const response = await fetch(`${AT}/dev/${what}`, { method: "POST", body: args === undefined ? "" : JSON.stringify(args) });
  if (!response.ok) throw new Error(`cannot play ${what}: ${await response.text()}`);
}
