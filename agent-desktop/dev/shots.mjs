// Pictures of the desktop in all its states, each looked through by axe-core; fails if axe finds anything,
// or if the page breaks its own security policy. The pictures are put into dev/shots/.
// CHROMIUM names the browser if it is not at /usr/bin/chromium.

import axe from "axe-core";
import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { startServer } from "./server.mjs";

const OUT = fileURLToPath(new URL("./shots/", import.meta.url));
const PORT = 4611;
const AT = `http://127.0.0.1:${PORT}`;
const LOOKS = [
  { name: "1600-de-light", width: 1600, height: 900, locale: "de-DE", colorScheme: "light" },
  { name: "1024-en-dark", width: 1024, height: 720, locale: "en-GB", colorScheme: "dark" },
  { name: "760-de-light", width: 760, height: 640, locale: "de-DE", colorScheme: "light" },
  { name: "1280-de-dark", width: 1280, height: 800, locale: "de-DE", colorScheme: "dark" },
  { name: "400-en-light", width: 400, height: 800, locale: "en-GB", colorScheme: "light" },
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
  const shot = (what) => take(page, `${name}-${what}`);
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
  await on("work-login").click();
  await page.locator('[data-presence="available"]').waitFor();
  await shot("03-empty");

  await page.locator('[data-testid="pick"][data-chat="41"]').click();
  await page.locator('[data-testid="active"][data-chat="41"]').waitFor();
  await on("chat-input").fill("Guten Tag! Ja, Halden gibt es in Dunkelgrün, Stoffgruppe B.");
  await page.keyboard.press("Enter");
  await on("chat-input").fill("Nach Freiburg liefern wir in drei bis vier Wochen.\nDie Spedition ruft vorher an.");
  await page.keyboard.press("Enter");
  await play("write", { chat: 41, text: "Super, danke! Kann ich Stoffmuster bekommen?" });
  await play("typing", { chat: 41 });
  await page.locator('[data-testid="pick"][data-chat="44"]').click();
  await page.locator('[data-testid="inbox-item"][data-chat="44"]').waitFor();
  await on("chat-input").fill("Gern, ich schicke Ihnen");
  await page.waitForTimeout(400);
  await shot("04-chat");

  await play("ring");
  await on("ringing").waitFor();
  await page.waitForTimeout(400);
  await shot("05-ringing");
  await on("why").locator("summary").click();
  await shot("05-ringing-why");
  await play("answer");
  await on("call").waitFor();
  await play("write", { chat: 41, text: "Kein Problem, ich warte so lange." });
  await page.waitForTimeout(1_200);
  await shot("06-call");
  await page.locator('[data-testid="inbox-item"][data-chat="41"] button').first().click();
  await page.waitForTimeout(300);
  await shot("07-call-looking");
  await play("hang_up");
  await page.locator('[data-testid="inbox-item"][data-chat="41"][data-state="active"]').waitFor();
  await page.waitForTimeout(300);
  await shot("08-after");
  await on("transfer").click();
  await page.locator('[data-testid="transfer-to"][data-kind="queue"]').last().click();
  await page.locator("dialog textarea").first().fill("Möchte Stoffmuster in Dunkelgrün, Adresse liegt vor.");
  await shot("08-transfer");
  await page.keyboard.press("Escape");
  await play("push", { note: "Fragt nach der Lieferung." });
  await on("alerting").waitFor();
  await page.waitForTimeout(300);
  await shot("08-alerting");
  await on("alerting-activate").click();
  await on("note").waitFor();
  await page.locator('[data-testid="inbox-item"][data-chat="41"] [data-testid="activate"]').click();
  await page.locator('[data-testid="active"][data-chat="41"]').waitFor();
  await play("alarm", { chat: 44 });

  await on("end").click();
  await on("end-confirm").waitFor();
  await shot("09-end-asked");
  await on("end-confirm").click();
  await page.locator('[data-state="wrap_up"][data-wrap-up-active="true"]').waitFor();
  await page.waitForTimeout(1_200);
  await shot("10-wrap-up");
  await on("park").click();
  await page.locator('[data-wrap-up-active="false"]').waitFor();
  await page.locator('[data-testid="activate"][data-chat="44"]').first().click();
  await page.locator('[data-testid="active"][data-chat="44"]').waitFor();
  await page.locator('[data-testid="inbox-item"][data-chat="41"] button').first().click();
  await page.waitForTimeout(300);
  await shot("11-parked-looking");
  await on("work-logout").click();
  await on("work-logout-confirm").waitFor();
  await shot("12-log-out-asked");
  await page.keyboard.press("Escape");

  await page.locator('[data-testid="call-wrap-up"] [data-testid="activate"]').click();
  await page.locator('[data-testid="active"][data-kind="call_wrap_up"]').waitFor();
  await on("extend-wrap-up").first().click();
  await page.waitForTimeout(300);
  await shot("12-call-wrap-up-again");
  await page.locator('[data-testid="call-wrap-up"] [data-testid="finish-wrap-up"]').click();
  await page.locator('[data-testid="waiting-item"][data-channel="callback"] [data-testid="pick"]').click();
  await page.locator('[data-testid="active"][data-kind="task"]').waitFor();
  await shot("12-task");
  await on("take-break").click();
  await on("break-reason").first().waitFor();
  await shot("12-break-reasons");
  await on("break-reason").first().click();
  await on("break-pending").waitFor();
  await shot("12-break-pending");
  await on("task-done").click();
  await on("task-done-confirm").click();
  await page.locator('[data-presence="break"]').waitFor();
  await page.waitForTimeout(300);
  await shot("12-break");
  await on("work-login").first().click();
  await page.locator('[data-presence="available"]').waitFor();
  await page.locator('[data-testid="inbox-item"][data-chat="44"] [data-testid="activate"]').click();
  await page.locator('[data-testid="inbox-item"][data-chat="41"] button').first().click();
  await on("finish-wrap-up").first().click();
  await page.locator('[data-testid="active"][data-chat="44"]').waitFor();
  await on("park").click();
  await page.locator('[data-testid="active"][data-kind="none"]').waitFor();
  await play("ring", { queue: 2, caller: "" });
  await play("answer");
  await play("hang_up");
  await page.locator('[data-testid="active"][data-kind="call_wrap_up"]').waitFor();
  await page.waitForTimeout(1_100);
  await shot("13-call-wrap-up");
  await play("calls", { calls: "blocked", until: null });
  await play("presence", { presence: "unavailable", reason: "missed" });
  await play("notice", { code: "taken", item: { kind: "chat", id: 43 } });
  await play("alert");
  await play("cut");
  await page.waitForTimeout(1_400);
  await shot("14-offline");
  await play("cut", { on: false });
  await page.locator('[data-testid="connection"][data-online="true"]').waitFor();
  await page.locator("body").press("Shift+?");
  await page.locator("dialog").waitFor();
  await shot("15-help");
}

async function take(page, name) {
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
