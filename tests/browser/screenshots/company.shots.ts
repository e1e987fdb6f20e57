// Pages that ask the daemon for what they show: contacts, templates, one's own items, settings, the administration, and what a chat
// service asks of visitors. On a running daemon, with names as long and as foreign as they come.

import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { asBuilt, DesktopPage, launch, openWebsite, WidgetPage } from "../support/browser";
import { Daemon, type Person, TOKEN } from "../support/daemon";
import { until } from "../support/until";
import { Visitor } from "../support/visitor";
import { clear, index, LANGUAGES, pictures } from "./album";

const CHIEF: Person = { name: "chief", displayName: "Carla Chef", role: "administrator", phone: "chief" };
const ANNA: Person = { name: "anna", displayName: "Anna-Katharina von Wittgenstein-Hohenfels", phone: "anna" };
const BEN: Person = { name: "ben", displayName: "بن عبد الله", role: "supervisor" };
const LONG = "Rücksendungen und Reklamationen Österreich, Schweiz und Liechtenstein";

const MORE = `
[[classification]]
code = "delivery"
label = "Lieferung 📦"
[[classification]]
code = "late"
label = "Zu spät"
parent = "delivery"
[[classification]]
code = "broken"
label = "Beschädigt oder unvollständig angekommen, Teile fehlen"
parent = "delivery"
[[template]]
name = "begruessung"
text = "Guten Tag, hier ist {agent}. Worum geht es, {visitor}?"
[[template]]
name = "donaudampfschifffahrtsgesellschaft"
text = "Das dauert leider noch etwas. Wir melden uns, sobald wir mehr wissen; im Augenblick können wir nichts weiter sagen."
[[api_key]]
name = "CRM import"
token = "a-token-0123456789-0123456789-0123456789"
roles = ["supervisor"]
until = "2099-12-31"
[[hours]]
name = "Werkstatt und Verkauf in Österreich"
week.mon = ["09:00-12:30", "13:00-18:00"]
week.tue = ["09:00-12:30", "13:00-18:00"]
week.fri = ["08:00-12:00", "22:00-06:00+1"]
week.sat = ["10:00-14:00"]
days = [{ date = "2030-12-24", name = "Heiligabend", open = ["09:00-12:00"] }, { date = "2030-12-25", name = "Erster Weihnachtsfeiertag" }]
[[trunk]]
name = "Amt München"
registrar = "127.0.0.9"
user = "4989123"
login = "alpenrad@provider.example"
password = "what-the-provider-says"
`;
const FIELDS = `
contact_fields = [{ name = "Kunde seit", holds = "date" }, { name = "Stufe", holds = "choice", choices = ["Gold", "Silber"] }, { name = "Auftrag im Warenwirtschaftssystem", holds = "link" }]
`;
const SERVICE = `[chat_service.widget]
rating = true
unserved = "form"
[chat_service.widget.texts.de]
consent = "Ich bin einverstanden, dass meine Angaben zur Beantwortung gespeichert werden: https://alpenrad.example/datenschutz"
[chat_service.widget.texts.en]
consent = "I agree that what I say is stored so that it can be answered: https://alpenrad.example/privacy"
[[chat_service.widget.form]]
key = "name"
label = { de = "Ihr Name", en = "Your name" }
[[chat_service.widget.form]]
key = "mail"
kind = "email"
needed = true
label = { de = "E-Mail-Adresse, unter der wir Sie erreichen", en = "E-mail address at which we reach you" }
[[chat_service.widget.form]]
key = "topic"
kind = "choice"
label = { de = "Worum geht es?", en = "What is it about?" }
choices = [{ value = "order", label = { de = "Bestellung", en = "Order" } }]
`;
const PEOPLE = [
  { name: "Anna Zeisig", organisation: "Zeisig & Söhne Fahrradgroßhandelsgesellschaft mbH & Co. KG", points: [["telephone", "+49301234567"], ["email", "anna.zeisig.mit.einem.sehr.langen.namen@fahrradgrosshandel.example"]] },
  { name: "אברהם בן־דוד", organisation: "אופניים", points: [["telephone", "+97235555555"]] },
  { name: "Zoë 🚲🏔️ Müller-Lüdenscheidt", organisation: "", points: [["email", "zoe@example.com"]], fields: { Stufe: "Gold", "Kunde seit": "2019-04-01" } },
  { name: "", organisation: "", points: [["telephone", "+436641234567"]] },
] as const;

const TABLE = "Name;Firma;Telefon;Verein\nKim Kern;Kern GmbH;+49 89 1234560;TSV\nJo;;110;\nLea Lang;;+49 30 99;RSC\n";

/** A daemon with them all; `service` is what its chat service has besides. */
async function start(service = "", unserved: "wait" | "refuse" = "wait"): Promise<Daemon> {
  const daemon = await Daemon.start({
    people: [CHIEF, ANNA, BEN],
    queues: [{ name: LONG }],
    breakReasons: ["Mittag", "Schulung"],
    more: MORE,
    service,
    unserved,
    company: FIELDS,
  });
  for (const { points, ...person } of PEOPLE) {
    const { status } = await daemon.rest("chief", "POST", "/contacts", { ...person, points: points.map(([kind, value]) => ({ kind, value })) });
    expect(status).toBe(201);
  }
  return daemon;
}

describe.each(LANGUAGES)("what is asked of the daemon is shown in %s without findings", (language) => {
  let browser: Awaited<ReturnType<typeof launch>>;
  beforeAll(async () => {
    browser = await launch();
    if (language === LANGUAGES[0]) clear("company");
  });
  afterAll(async () => {
    await browser.close();
    index();
  });

  /** Somebody's browser; what its pages complain about fails the test. */
  const context = async (): Promise<BrowserContext> => {
    const locale = language === "de" ? "de-DE" : "en-GB";
    const made = await asBuilt(await browser.newContext({ locale, reducedMotion: "reduce", viewport: { width: 1440, height: 900 } }));
    const said: string[] = [];
    made.on("weberror", (error) => said.push(String(error.error().stack)));
    // Whether somebody is signed in is asked first, and some of what is sent is wrong.
    made.on("console", (message) => message.type() === "error" && !/status of (401|422)/.test(message.text()) && said.push(message.text()));
    onTestFinished(async () => {
      await made.close();
      expect(said).toEqual([]);
    });
    return made;
  };
  const look = (page: Page, name: string, pane?: string): Promise<string[]> => pictures(page, "company", `${name}-${language}`, pane);

  test("the beginning", { timeout: 300_000 }, async () => {
    const daemon = await Daemon.empty();
    const desktop = new DesktopPage(await (await context()).newPage());
    const { page } = desktop;
    const found: string[] = [];
    await page.goto(`${daemon.origin}/desktop/`);
    await desktop.at("login-empty").waitFor();
    found.push(...(await look(page, "login-empty")));
    await page.goto(/http:\/\/\S+\/desktop\/setup#\w+/.exec(daemon.log())?.[0] ?? "");
    await desktop.at("setup", { open: "true" }).waitFor();
    await desktop.at("setup-submit").click();
    await page.locator('[aria-invalid="true"]').first().waitFor();
    found.push(...(await look(page, "setup-wrong")));
    for (const [name, value] of [["company", LONG], ["country", "DE"], ["time_zone", "Europe/Berlin"], ["login_name", "chief"], ["password", "long enough"]] as const) {
      await desktop.field(`setup-${name}`).fill(value);
    }
    await desktop.at("setup-submit").click();
    for (const step of ["queue", "phone", "line", "chat"]) {
      await desktop.at("first-step", { step }).getByRole("button", { expanded: true }).waitFor();
      found.push(...(await look(page, `start-${step}`)));
      await desktop.at(`start-${step}-do`).click();
      // A phone has to register; the others are there.
      await desktop.at("first-step", { step, done: step === "phone" ? "false" : "true" }).getByTestId(step === "queue" || step === "chat" ? "first-step-there" : `start-${step}-given`).waitFor();
      found.push(...(await look(page, `start-${step}-there`)));
      await desktop.at("first-step-next").click();
    }
    await desktop.at("first-step", { step: "trial" }).getByRole("button").first().click();
    found.push(...(await look(page, "start-trial")));
    expect(found).toEqual([]);
  });

  test("contacts", async () => {
    const daemon = await start();
    const desktop = await DesktopPage.signIn(await context(), daemon, "chief");
    const { page } = desktop;
    const found: string[] = [];
    await desktop.at("contacts").click();
    await desktop.at("contact-row").nth(PEOPLE.length - 1).waitFor();
    found.push(...(await look(page, "contacts")));
    await desktop.at("contact-row").filter({ hasText: "Zeisig" }).click();
    await desktop.at("contact-edit").waitFor();
    found.push(...(await look(page, "contact")));
    await desktop.at("contact-edit").click();
    await desktop.at("contact-form").waitFor();
    found.push(...(await look(page, "contact-form")));
    await page.goto(`${daemon.origin}/desktop/contacts/new`);
    await desktop.at("contact-point").fill("110");
    await desktop.at("contact-save").click();
    await page.locator('[data-testid="contact-form"] [aria-invalid="true"]').waitFor();
    found.push(...(await look(page, "contact-new-wrong")));
    await page.goto(`${daemon.origin}/desktop/contacts`);
    await desktop.at("contacts-import").click();
    found.push(...(await look(page, "import")));
    await desktop.at("import-file").setInputFiles({ name: "Kunden.csv", mimeType: "text/csv", buffer: Buffer.from(TABLE) });
    await page.locator('[data-testid="import"][data-step="checked"]').waitFor();
    found.push(...(await look(page, "import-checked")));
    await desktop.at("import-start").click();
    await page.locator('[data-testid="import"][data-step="imported"]').waitFor();
    found.push(...(await look(page, "imported")));
    await desktop.at("import-close").click();
    await desktop.at("contact-row").filter({ hasText: "Zeisig" }).click();
    await desktop.at("contact-merge").click();
    await page.locator("dialog[open]").waitFor();
    found.push(...(await look(page, "contact-merge")));
    await page.keyboard.press("Escape");
    await desktop.at("contact-erase").click();
    await desktop.at("contact-erase-confirm").waitFor();
    found.push(...(await look(page, "contact-erase")));
    expect(found).toEqual([]);
  });

  test("a chat's contact, note, template, file, and one's own items", async () => {
    const daemon = await start();
    const desktop = await DesktopPage.atWork(await context(), daemon, "anna");
    const { page } = desktop;
    const found: string[] = [];
    await page.keyboard.press("Alt+V");
    await desktop.at("history").waitFor();
    found.push(...(await look(page, "own-items-none")));
    await page.keyboard.press("Escape");
    const visitor = await Visitor.come(daemon);
    await visitor.say("Ich bin Zoë, zoe@example.com 🚲 מה שלומך https://alpenrad.example/" + "lang".repeat(30));
    await desktop.pick();
    await desktop.at("message").first().waitFor();
    await page.keyboard.press("Alt+c");
    await desktop.at("contact-panel").waitFor();
    found.push(...(await look(page, "contact-panel")));
    await desktop.at("contact-search").fill("zo");
    await desktop.at("contact-row").first().click();
    await desktop.at("contact").waitFor();
    found.push(...(await look(page, "contact-panel-known")));
    // On a phone's screen it covers what comes next.
    await desktop.at("contact-toggle").first().click();
    await page.keyboard.press("Alt+I");
    await desktop.at("noting").waitFor();
    await page.keyboard.type("Hat schon zweimal reklamiert");
    await page.keyboard.press("Enter");
    await desktop.at("internal-note", { pending: "false" }).waitFor();
    await page.keyboard.press("Alt+M");
    await page.keyboard.type("/");
    await desktop.at("template").first().waitFor();
    found.push(...(await look(page, "templates", "none")));
    await page.keyboard.press("Enter");
    await until("the template is there", async () => (await page.locator('textarea[data-testid="chat-input"]').inputValue()).includes("Guten Tag"));
    await page.keyboard.press("Enter");
    await page.locator("[data-testid=file-input]").setInputFiles({ name: `${"Rechnung ".repeat(9)}2026.pdf`, mimeType: "", buffer: Buffer.from("%PDF-1.7 x") });
    await desktop.at("file").waitFor();
    await page.keyboard.press("Alt+K");
    await page.keyboard.type("zu");
    await desktop.at("classification-choice").first().waitFor();
    found.push(...(await look(page, "classify", "none")));
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Ersatz ist unterwegs");
    await desktop.at("write-up-state", { state: "kept" }).waitFor();
    found.push(...(await look(page, "classified")));
    await visitor.leave();
    await desktop.at("finish-wrap-up").first().waitFor();
    await page.keyboard.press("Alt+F");
    await desktop.attendsTo("none");
    await page.keyboard.press("Alt+V");
    await desktop.at("own-item").first().click();
    await desktop.at("transcript").waitFor();
    found.push(...(await look(page, "own-item")));
    expect(found).toEqual([]);
  });

  test("settings and palette", async () => {
    const daemon = await start();
    const desktop = await DesktopPage.atWork(await context(), daemon, "chief");
    const { page } = desktop;
    const found: string[] = [];
    await page.keyboard.press("Control+K");
    await desktop.at("palette-row").first().waitFor();
    found.push(...(await look(page, "palette")));
    await page.keyboard.type("qqq");
    await until("nothing is found", async () => (await desktop.at("palette-row").count()) === 0);
    found.push(...(await look(page, "palette-nothing")));
    await page.keyboard.press("Control+A");
    await page.keyboard.type(language === "de" ? "einst" : "sett");
    await page.keyboard.press("Enter");
    await desktop.at("session").first().waitFor();
    found.push(...(await look(page, "settings")));
    await page.getByTestId("settings").locator("..").evaluate((dialog) => dialog.querySelector("[data-testid=password-change]")?.scrollIntoView());
    found.push(...(await look(page, "settings-end")));
    expect(found).toEqual([]);
  });

  test("administration", { timeout: 900_000 }, async () => {
    const daemon = await start(SERVICE);
    const desktop = await DesktopPage.signIn(await context(), daemon, "chief");
    const { page } = desktop;
    const found: string[] = [];
    const unfold = async (): Promise<void> => {
      const folded = page.locator("legend button[aria-expanded=false], details:not([open]) > summary");
      while ((await folded.count()) > 0) await folded.first().click();
    };
    await desktop.at("administration-open").click();
    await desktop.at("admin-list").waitFor();
    for (const kind of ["queues", "agents", "numbers", "trunks", "services", "break_reasons", "classifications", "templates", "hours", "roles", "api_keys"]) {
      await desktop.at("admin-section", { section: kind }).click();
      await desktop.at("admin-list", { kind }).waitFor();
      await desktop.at("admin-row").first().waitFor();
      found.push(...(await look(page, `administration-${kind}`)));
      await desktop.at("admin-row").last().getByRole("link").click();
      await desktop.at("admin-form", { stage: "ready" }).waitFor();
      if (kind === "hours") await desktop.at("admin-ahead").waitFor();
      found.push(...(await look(page, `administration-${kind}-one`)));
      await page.setViewportSize({ width: 1440, height: 900 });
      await unfold();
      const height = await page.locator("section[data-page]").evaluate((section) => section.scrollHeight);
      await page.setViewportSize({ width: 1440, height: Math.max(900, height + 120) });
      await page.screenshot({ path: `${import.meta.dirname}/../../../target/screenshots/company/administration-${kind}-whole-${language}-light-1440.png` });
    }
    for (const section of ["company", "changes"]) {
      await desktop.at("admin-section", { section }).click();
      await page.locator('[data-testid="admin-form"][data-stage="ready"], [data-testid="admin-change"]').first().waitFor();
      found.push(...(await look(page, `administration-${section}`)));
    }
    await desktop.at("admin-section", { section: "api" }).click();
    await desktop.at("admin-api-search").waitFor();
    found.push(...(await look(page, "administration-api")));
    await desktop.at("admin-api-operation", { operation: "PUT /agents/{name}/presence" }).getByRole("button").first().click();
    await desktop.at("admin-api-curl").waitFor();
    await unfold();
    found.push(...(await look(page, "administration-api-one")));
    await page.goto(`${daemon.origin}/desktop/administration/agents/new`);
    await desktop.at("admin-save").click();
    await desktop.at("admin-wrong").first().waitFor();
    found.push(...(await look(page, "administration-wrong")));
    await page.goto(`${daemon.origin}/desktop/administration/agents`);
    for (const [step, table] of [["wrong", "login_name,queues\nkim,Slaes:300\n"], ["planned", "login_name,phone\nkim,kim\n"]] as const) {
      await desktop.at("admin-people-import").click();
      await desktop.at("people-file").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(table) });
      await desktop.at("people-import", { step }).waitFor();
      found.push(...(await look(page, `administration-people-${step}`)));
      await page.keyboard.press("Escape");
    }
    await page.goto(`${daemon.origin}/desktop/administration/queues`);
    await desktop.at("admin-row").last().getByRole("link").click();
    await desktop.at("admin-remove").click();
    await desktop.at("admin-remove-text").waitFor();
    found.push(...(await look(page, "administration-remove")));
    expect(found).toEqual([]);
  });

  test("forms, rating and the page that is nothing but a chat", async () => {
    const daemon = await start(SERVICE, "refuse");
    const found: string[] = [];
    const website = await openWebsite(daemon);
    const widget = await WidgetPage.open(await context(), website, language);
    await widget.at("vorrang-button").click();
    await widget.at("field-mail").fill("kim@example.com");
    for (const box of await widget.page.getByRole("checkbox").all()) await box.check();
    await widget.at("begin").click();
    await widget.at("leave-message").waitFor();
    await widget.at("leave-message").click();
    found.push(...(await look(widget.page, "widget-away")));
    await widget.page.close();
    const desktop = await DesktopPage.atWork(await context(), daemon, "anna");
    const hosted = new WidgetPage(await (await context()).newPage());
    await hosted.page.goto(`${daemon.origin}/chat/${TOKEN}`);
    await hosted.at("field-mail").waitFor();
    found.push(...(await look(hosted.page, "hosted-form")));
    await hosted.at("begin").click();
    await hosted.at("wrong-mail").waitFor();
    found.push(...(await look(hosted.page, "hosted-form-wrong")));
    const talks = await WidgetPage.open(await context(), website, language);
    await talks.at("vorrang-button").click();
    await talks.at("field-mail").fill("kim@example.com");
    for (const box of await talks.page.getByRole("checkbox").all()) await box.check();
    found.push(...(await look(talks.page, "widget-form")));
    await talks.at("begin").click();
    await talks.is("waiting");
    await talks.at("place").waitFor();
    found.push(...(await look(talks.page, "widget-place")));
    await desktop.pick();
    await talks.is("active");
    await talks.say("🚲🏔️ " + "Donaudampfschifffahrtsgesellschaftskapitän".repeat(3));
    await desktop.say("שלום, מה שלומך? https://alpenrad.example/" + "lang".repeat(30));
    await talks.page.locator(".row.agent").waitFor();
    await desktop.page.locator("[data-testid=file-input]").setInputFiles({ name: `${"Rechnung ".repeat(9)}2026.pdf`, mimeType: "", buffer: Buffer.from("%PDF-1.7 x") });
    await talks.at("file").waitFor();
    found.push(...(await look(talks.page, "widget-talk")));
    await talks.leave();
    await talks.at("star-4").click();
    found.push(...(await look(talks.page, "widget-rating")));
    await talks.at("rate").click();
    await talks.at("rated").waitFor();
    found.push(...(await look(talks.page, "widget-rated")));
    expect(found).toEqual([]);
  });
});
