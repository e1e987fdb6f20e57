// Takes pictures of the widget and the demo pages in all their states, languages and colours, and runs axe over them.
// `npm run look -- FOLDER` writes the pictures there; without it nothing is written.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { serve } from "./server.mjs";

const folder = process.argv[2];
if (folder) mkdirSync(folder, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const origin = "http://localhost:5181";
const flags = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking";
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [...flags.split(" "), "--disable-component-update", "--disable-sync"],
});
const only = process.env.ONLY;
let findings = 0;

async function look(page, name) {
  await page.waitForTimeout(250);
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
  // Evaluated by the debugger, which the page's security policy does not bind.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { iframes: false }));
  for (const { id, nodes } of violations) {
    findings += 1;
    console.log(`${name}: ${id}`, nodes.map((node) => `${node.target.flat().join(" ")}: ${node.failureSummary}`).join("\n  "));
  }
}

async function withPage(options, act) {
  const server = serve(5181);
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("console", (message) => {
    const expected = message.type() === "log" || message.text().includes("ERR_INTERNET_DISCONNECTED");
    if (!expected) console.log(`[${message.type()}] ${message.text()}`);
  });
  page.on("pageerror", (error) => console.log(`[pageerror] ${error.stack}`));
  try {
    await act(page, server);
  } finally {
    await context.close();
    server.close();
  }
}

const at = (page, testid) => page.locator(`[data-testid="${testid}"]`);
const state = (page, name) => page.waitForSelector(`[data-testid="state"][data-state="${name}"]`);

async function widget(page, server, lang, name) {
  const { floor } = server;
  await page.goto(`${origin}/demo/website.html?lang=${lang}`);
  await at(page, "vorrang-button").waitFor();
  await look(page, `${name}-0-button`);
  await at(page, "vorrang-button").click();
  await state(page, "waiting");
  await look(page, `${name}-1-waiting`);
  floor.staff(false);
  await at(page, "telephone").waitFor();
  await look(page, `${name}-1-alone`);
  floor.staff(true);
  await at(page, "telephone").waitFor({ state: "detached" });
  await at(page, "input").fill(lang === "de" ? "Guten Tag! Hat das Gletscher einen Gepäckträger?" : "Hello! Does the Gletscher come with a rack?");
  await page.keyboard.press("Enter");
  floor.pick(1);
  await state(page, "active");
  floor.say(1, lang === "de" ? "Guten Tag! Ja, vorn und hinten." : "Hello! Yes, it does, front and back.");
  floor.say(1, "https://alpenrad.example/gletscher.");
  floor.typing(1, true);
  await at(page, "typing").waitFor();
  await look(page, `${name}-2-active`);
  floor.call();
  await page.waitForTimeout(500);
  floor.press("anna", "answer");
  await state(page, "preempted");
  await at(page, "input").fill(lang === "de" ? "Schön. Kann ich es am Samstag abholen?" : "Great. Can I collect it on Saturday?");
  await page.keyboard.press("Enter");
  await page.waitForSelector('[data-testid="message"][data-pending="true"]', { state: "detached" });
  await look(page, `${name}-3-preempted`);
  floor.ask(1);
  await at(page, "choice").waitFor();
  await look(page, `${name}-3-choice`);
  await at(page, "choose-email").click();
  await look(page, `${name}-3-contact`);
  await at(page, "contact").fill("abc");
  await page.keyboard.press("Enter");
  await at(page, "contact-wrong").waitFor();
  await look(page, `${name}-3-wrong`);
  await at(page, "contact-back").click();
  await at(page, "choose-stay").click();
  await at(page, "choose-again").waitFor();
  await look(page, `${name}-3-stays`);
  await page.reload();
  // Who said that they wait is not asked again.
  await at(page, "choose-again").waitFor();
  floor.press("anna", "hang_up");
  await state(page, "active");
  floor.idle(1);
  await at(page, "idle").waitFor();
  await look(page, `${name}-4-idle`);
  await at(page, "still-here").click();
  await at(page, "idle").waitFor({ state: "detached" });
  await at(page, "end").click();
  await look(page, `${name}-4-confirm`);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  floor.say(1, "…");
  floor.say(1, "!");
  await page.waitForTimeout(200);
  await look(page, `${name}-5-unread`);
  await at(page, "vorrang-button").click();
  server.sockets.clients.forEach((socket) => socket.terminate());
  await page.context().setOffline(true);
  await at(page, "input").fill("offline");
  await page.keyboard.press("Enter");
  await page.waitForTimeout(2_600);
  await look(page, `${name}-6-offline`);
  await page.context().setOffline(false);
  await page.waitForSelector('[data-testid="connection"][data-online="true"]', { state: "attached" });
  await at(page, "end").click();
  await at(page, "end-confirm").click();
  await state(page, "ended");
  await look(page, `${name}-7-ended`);
  floor.unserved = true;
  await at(page, "new-chat").click();
  await at(page, "refused").waitFor();
  await look(page, `${name}-8-unserved`);
}

const wide = { width: 1440, height: 760 };
for (const lang of ["de", "en"]) {
  for (const colorScheme of ["light", "dark"]) {
    if (only && only !== "widget") continue;
    await withPage({ viewport: wide, colorScheme }, (page, server) => widget(page, server, lang, `widget-${lang}-${colorScheme}`));
  }
}
if (!only || only === "widget") {
  await withPage({ viewport: { width: 390, height: 700 } }, (page, server) => widget(page, server, "de", "narrow"));
}
for (const [lang, colorScheme] of [["en", "light"], ["de", "dark"]]) {
  if (only && only !== "demo") continue;
  await withPage({ viewport: { width: 1440, height: 900 }, colorScheme }, async (page) => {
    await page.goto(`${origin}/?lang=${lang}`);
    await page.waitForTimeout(1_500);
    await look(page, `demo-${lang}-0-start`);
    await at(page, "show-me").click();
    await page.waitForSelector('[data-testid="phone-anna"][data-state="ringing"]', { timeout: 40_000 });
    await look(page, `demo-${lang}-1-ringing`);
    await page.waitForSelector('[data-testid="phone-anna"][data-state="talking"]', { timeout: 40_000 });
    await page.waitForTimeout(2_000);
    await look(page, `demo-${lang}-2-talking`);
    await page.waitForSelector('[data-step="resume"][data-is="done"]', { timeout: 40_000 });
    await at(page, "show-me").waitFor({ timeout: 40_000 });
    await look(page, `demo-${lang}-3-done`);
  });
}
await browser.close();
console.log(`${findings} findings`);
process.exitCode = findings ? 1 : 0;
