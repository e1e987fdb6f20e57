// What administrators do on their screens, and what the others notice of it: at once, and without anything lost.

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { Agent } from "../support/agent";
import { DesktopPage, openBrowser, WidgetPage } from "../support/browser";
import { Daemon, type Person } from "../support/daemon";
import { until } from "../support/until";
import { serve } from "../support/website";

const CHIEF: Person = { name: "chief", displayName: "Carla Chef", role: "administrator" };
const ANNA: Person = { name: "anna", displayName: "Anna Moll" };

const MORE = `
[[api_key]]
name = "Reports"
token = "a-token-0123456789-0123456789-0123456789"
roles = ["supervisor"]
until = "2099-12-31"
[[classification]]
code = "delivery"
label = "Delivery"
[[classification]]
code = "late"
parent = "delivery"
[[template]]
name = "greeting"
text = "Hello {visitor}"
`;

/** The administration of somebody who is signed in. */
class Administration {
  readonly desktop: DesktopPage;
  readonly page: Page;

  constructor(desktop: DesktopPage) {
    this.desktop = desktop;
    this.page = desktop.page;
  }

  static async open(desktop: DesktopPage): Promise<Administration> {
    await desktop.at("administration-open").click();
    await desktop.at("administration").waitFor();
    return new Administration(desktop);
  }

  async section(kind: string): Promise<void> {
    await this.desktop.at("admin-section", { section: kind }).click();
    await this.desktop.at("admin-list", { kind }).waitFor();
  }

  async add(kind: string): Promise<void> {
    await this.section(kind);
    await this.desktop.at("admin-add").click();
    await this.ready();
  }

  async edit(kind: string, name: string): Promise<void> {
    await this.section(kind);
    await this.desktop.at("admin-row", { name }).getByRole("link").click();
    await this.ready();
  }

  async ready(): Promise<void> {
    await this.desktop.at("admin-form", { stage: "ready" }).waitFor();
  }

  field(path: string) {
    return this.page.locator(`[id="field-${path}"]`);
  }

  async fill(path: string, value: string): Promise<void> {
    await this.field(path).fill(value);
  }

  async choose(path: string, value: string): Promise<void> {
    await this.field(path).selectOption(value);
  }

  async tick(path: string, value: string, on = true): Promise<void> {
    await this.page.locator(`[data-path="${path}"] input[data-value="${value}"]`).setChecked(on);
  }

  async save(): Promise<void> {
    await this.desktop.at("admin-save").click();
  }

  async said(what: string): Promise<void> {
    await this.desktop.at("admin-said", { said: what }).waitFor();
  }
}

/** Somebody else's website, with the line that was copied. */
function websiteWith(snippet: string): Promise<string> {
  return serve((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><html lang="en"><head><title>Shop</title>${snippet}</head><body><h1>Shop</h1></body></html>`);
  });
}

test("R2, R4, R17: a queue and a chat service are made on the screen, and a chat comes by the copied line to whoever serves the queue", async () => {
  const daemon = await Daemon.start({ people: [CHIEF, ANNA] });
  const browser = await openBrowser();
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  const desktop = await DesktopPage.signIn(context, daemon, "chief");
  const anna = await Agent.atWork(daemon, "anna");
  const blocked: string[] = [];
  desktop.page.on("console", (message) => message.text().includes("Content Security Policy") && blocked.push(message.text()));
  const admin = await Administration.open(desktop);

  await admin.add("queues");
  await admin.fill("name", "Sales");
  expect(await desktop.at("admin-overtakes").textContent()).toBe("Chats never overtake calls, however long they wait.");
  await admin.choose("head_start_s.call", "seconds");
  await admin.fill("head_start_s.call-seconds", "300");
  await admin.choose("head_start_s.chat", "seconds");
  await admin.fill("head_start_s.chat-seconds", "120");
  await until("it is said when a chat overtakes a call", async () =>
    (await desktop.at("admin-overtakes").textContent())=== "Chats overtake calls once they have waited 3 minutes longer.",
  );
  await admin.save();
  await admin.said("made");
  expect(anna.destinations.map(({ name }) => name)).toContain("Sales");

  await admin.edit("agents", "anna");
  await admin.tick("queues", "Sales");
  await admin.save();
  await admin.said("saved");
  await until("anna serves it at once", () => anna.queues.some(({ name }) => name === "Sales"));
  await admin.edit("queues", "Sales");
  await desktop.at("administration").getByRole("link", { name: "Anna Moll" }).waitFor();
  // Who would get what, and why not: a chat could come to her, and for a call she has no phone.
  await desktop.at("admin-outlook-other", { obstacle: "phone_lost" }).getByText("Anna Moll").waitFor();
  await desktop.at("admin-outlook").getByRole("combobox").selectOption("chat");
  await desktop.at("admin-outlook-candidate").getByText("Anna Moll").waitFor();

  await admin.add("services");
  await admin.fill("name", "Shop");
  await admin.choose("queue", "Sales");
  await admin.save();
  await admin.said("made");
  const token = await admin.field("token").inputValue();
  await desktop.at("admin-snippet").getByRole("button").click();
  const copied = await desktop.page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(`<script async src="${daemon.origin}/widget.js" data-token="${token}"></script>`);
  expect((await desktop.at("admin-snippet").locator("mark").textContent())?.trim()).toBe(copied);
  // The preview is the real widget, told by the daemon what this service is like.
  await desktop.page.frameLocator('[data-testid="admin-preview"]').getByTestId("vorrang-button").waitFor();

  await desktop.at("admin-seen-not-yet").waitFor();
  const website = await websiteWith(copied);
  const widget = await WidgetPage.open(context, website, "en");
  await desktop.at("admin-seen").getByText(`somewhere on ${new URL(website).origin}`).waitFor();
  await widget.begin();
  const chat = await anna.pick();
  expect(anna.chat(chat).queue_name).toBe("Sales");
  await widget.is("active");
  expect([...desktop.errors, ...widget.errors, ...blocked]).toEqual([]);
});

test("R2: what cannot be is said beside its field, in both languages, and what was typed stays", async () => {
  const daemon = await Daemon.start({ people: [CHIEF], queues: [{ name: "Sales" }] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.signIn(await browser.newContext(), daemon, "chief");
  const admin = await Administration.open(desktop);
  const wrong = (path: string): Promise<string | null> => desktop.at("admin-wrong", { path }).textContent();

  await admin.add("queues");
  await admin.fill("ring_s", "soon");
  await admin.save();
  await admin.said("wrong");
  expect(await wrong("name")).toBe("This is missing.");
  expect(await wrong("ring_s")).toBe("This is no whole number.");
  await until("the first of them has the focus", () => desktop.page.evaluate(() => document.activeElement?.id === "field-name"));

  await admin.fill("name", "Sales");
  await admin.fill("ring_s", "15");
  await admin.save();
  await desktop.at("admin-wrong", { path: "name" }).waitFor();
  expect(await admin.field("name").getAttribute("aria-invalid")).toBe("true");
  expect(await admin.field("ring_s").inputValue()).toBe("15");

  await admin.fill("name", "Support");
  await admin.choose("overflow", "Sales");
  await admin.save();
  await admin.said("made");
  await admin.edit("queues", "Sales");
  await desktop.speak("de");
  await admin.choose("overflow", "Support");
  await admin.save();
  await desktop.at("admin-wrong", { path: "overflow" }).waitFor();
  expect(await wrong("overflow")).toBe("Was von hier überläuft, käme im Kreis zurück.");
  expect(await desktop.at("admin-general").textContent()).toContain("Support");
  expect(desktop.errors).toEqual([]);
});

test("R2: of two administrators at once neither loses anything, and the second chooses where both changed the same", async () => {
  const daemon = await Daemon.start({ people: [CHIEF, { ...CHIEF, name: "boss" }], queues: [{ name: "Sales" }] });
  const browser = await openBrowser();
  const [one, other] = await Promise.all(
    ["chief", "boss"].map(async (name) => Administration.open(await DesktopPage.signIn(await browser.newContext(), daemon, name))),
  );
  if (one === undefined || other === undefined) throw new Error("two administrators");
  await one.edit("queues", "Service");
  await other.edit("queues", "Service");
  await other.fill("ring_s", "25");
  await other.fill("waiting_max", "9");
  await other.save();
  await other.said("saved");

  await one.fill("ring_s", "15");
  await one.fill("call_wrap_up_s", "45");
  await one.save();
  await one.said("stale");
  await one.desktop.at("admin-stale", { clashes: "1" }).waitFor();
  await until("it is said who it was", async () => (await one.desktop.at("admin-stale").textContent())?.includes("boss"));
  expect(await one.field("ring_s").inputValue()).toBe("15");
  expect(await one.field("call_wrap_up_s").inputValue()).toBe("45");
  expect(await one.field("waiting_max").inputValue()).toBe("9");
  await one.desktop.at("admin-take-theirs", { path: "ring_s" }).click();
  expect(await one.field("ring_s").inputValue()).toBe("25");
  await one.save();
  await one.said("saved");
  const { json } = await daemon.rest<{ settings: object }>("chief", "GET", "/company/queues/1");
  expect(json.settings).toMatchObject({ ring_s: 25, call_wrap_up_s: 45, waiting_max: 9 });

  // What somebody else has removed meanwhile is not lost either.
  await one.add("numbers");
  await one.fill("number", "4711");
  await one.choose("queue", "Service");
  await one.save();
  await one.said("made");
  await other.edit("numbers", "4711");
  await other.desktop.at("admin-remove").click();
  await other.desktop.at("admin-remove-confirm").click();
  await other.desktop.at("admin-removed").waitFor();
  await one.choose("queue", "Sales");
  await one.save();
  await one.desktop.at("admin-gone").waitFor();
  await one.desktop.at("admin-again").click();
  await one.ready();
  expect(await one.field("queue").inputValue()).toBe("Sales");
  await other.edit("numbers", "4711");
  await other.desktop.at("admin-remove").click();
  await other.desktop.at("admin-remove-confirm").click();
  await other.desktop.at("admin-undo").click();
  await other.desktop.at("admin-row", { name: "4711" }).waitFor();

  // Nobody takes the administration from themselves without being asked.
  await one.edit("agents", "chief");
  await one.tick("role", "agent");
  await one.tick("role", "administrator", false);
  await one.save();
  await one.desktop.at("admin-yourself").waitFor();
  await one.desktop.page.keyboard.press("Escape");
  await one.said("changed");
});

test("R2: nobody leaves what is not saved without being asked, it is there again after a reload, and a change is taken back", async () => {
  const daemon = await Daemon.start({ people: [CHIEF], queues: [{ name: "Sales" }] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.signIn(await browser.newContext(), daemon, "chief");
  const admin = await Administration.open(desktop);
  await admin.edit("queues", "Sales");
  await admin.fill("waiting_max", "7");
  await desktop.at("admin-section", { section: "agents" }).click();
  await desktop.at("admin-leave").waitFor();
  await desktop.page.keyboard.press("Escape");
  expect(await admin.field("waiting_max").inputValue()).toBe("7");
  await desktop.page.reload();
  await admin.said("restored");
  expect(await admin.field("waiting_max").inputValue()).toBe("7");
  await admin.save();
  await admin.said("saved");
  await desktop.at("admin-undo").click();
  await admin.said("undone");
  expect(await admin.field("waiting_max").inputValue()).toBe("");
  await admin.fill("waiting_max", "8");
  await desktop.at("admin-section", { section: "agents" }).click();
  await desktop.at("admin-leave").click();
  await desktop.at("admin-list", { kind: "agents" }).waitFor();
  await admin.edit("queues", "Sales");
  expect(await admin.field("waiting_max").inputValue()).toBe("");

  // What needs it stands in the way of its end, and is named.
  await admin.edit("queues", "Service");
  await desktop.at("admin-remove").click();
  await until("it is said what needs it", async () => (await desktop.at("admin-remove-text").textContent())?.includes("4930100"));
  expect(await desktop.at("admin-remove-confirm").isDisabled()).toBe(true);
  await desktop.page.keyboard.press("Escape");
  await admin.edit("queues", "Sales");
  await desktop.at("admin-remove").click();
  await until("it can go", () => desktop.at("admin-remove-confirm").isEnabled());
  await desktop.at("admin-remove-confirm").click();
  await desktop.at("admin-removed").waitFor();
  expect(await desktop.at("admin-row", { name: "Sales" }).count()).toBe(0);

  await desktop.at("admin-section", { section: "changes" }).click();
  await desktop.at("admin-change", { kind: "queue", name: "Sales" }).first().waitFor();
  expect(await desktop.at("admin-change", { kind: "queue", name: "Sales" }).count()).toBe(4);
  expect(desktop.errors).toEqual([]);
});

test("R2: somebody new gets a password and a phone that are shown once, and works with them", async () => {
  const daemon = await Daemon.start({ people: [CHIEF] });
  const browser = await openBrowser();
  const desktop = await DesktopPage.signIn(await browser.newContext(), daemon, "chief");
  const admin = await Administration.open(desktop);
  await admin.add("agents");
  await admin.fill("login_name", "kim");
  await admin.fill("phone", "kim");
  await desktop.page.locator('[data-testid="admin-draw"][data-for="field-phone_password"]').click();
  const [password, secret] = await Promise.all(["password", "phone_password"].map((path) => admin.field(path).inputValue()));
  await admin.save();
  await admin.said("made");
  expect(await desktop.at("admin-given-password").textContent()).toContain(password);
  const told = await desktop.at("admin-provisioning").textContent();
  for (const one of ["127.0.0.1", "User name: kim", `Password: ${secret}`]) expect(told).toContain(one);
  await desktop.page.reload();
  await admin.ready();
  expect(await desktop.at("admin-given").count()).toBe(0);
  expect(await admin.field("phone_password").inputValue()).toBe("");
  const kim = await DesktopPage.open(await browser.newContext(), daemon);
  await kim.fillIn("kim", password ?? "");
  await kim.presence("logged_out");
  expect(await kim.at("administration-open").count()).toBe(0);
  await kim.page.goto(`${daemon.origin}/desktop/administration/queues`);
  await kim.presence("logged_out");
  expect(await kim.at("administration").count()).toBe(0);
});

test("R2: a role is copied, made less and given to somebody, who finds as much as it lets them see", async () => {
  const daemon = await Daemon.start({ people: [CHIEF, { name: "kim" }] });
  const browser = await openBrowser();
  const admin = await Administration.open(await DesktopPage.signIn(await browser.newContext(), daemon, "chief"));
  const kim = await DesktopPage.signIn(await browser.newContext(), daemon, "kim");
  expect(await kim.at("administration-open").count()).toBe(0);

  await admin.edit("roles", "administrator");
  expect(await admin.page.getByRole("complementary").textContent()).toContain("Every company has this role");
  expect([await admin.field("company").isDisabled(), await admin.desktop.at("admin-save").count()]).toEqual([true, 0]);
  await admin.desktop.at("admin-copy-role").click();
  await admin.ready();
  expect(await admin.field("audit").inputValue()).toBe("read");
  await admin.fill("name", "Auditor");
  await admin.choose("company", "read");
  await admin.choose("work", "read_queues");
  await admin.save();
  await admin.said("made");
  await admin.edit("agents", "kim");
  await admin.tick("role", "Auditor");
  await admin.save();
  await admin.said("saved");

  await kim.page.reload();
  const theirs = await Administration.open(kim);
  await theirs.edit("queues", "Service");
  await theirs.fill("ring_s", "30");
  await theirs.save();
  await theirs.said("failed");
  await admin.section("roles");
  await admin.desktop.at("admin-row", { name: "Auditor" }).waitFor();
  expect(admin.desktop.errors).toEqual([]);
});

test("R2: an API key is made, its token is shown once and lets a program in until the key is removed", async () => {
  const daemon = await Daemon.start({ people: [CHIEF] });
  const browser = await openBrowser();
  const admin = await Administration.open(await DesktopPage.signIn(await browser.newContext(), daemon, "chief"));
  const { desktop, page } = admin;
  await admin.add("api_keys");
  await admin.fill("name", "Reports");
  await admin.save();
  expect(await page.locator('[id="field-until"]').getAttribute("aria-invalid")).toBe("true");
  await admin.fill("until", "2099-12-31");
  await admin.tick("roles", "supervisor");
  const token = await admin.field("token").inputValue();
  await admin.save();
  await admin.said("made");
  expect(await desktop.at("admin-given-token").textContent()).toContain(token);
  await desktop.at("admin-state").getByText("Not used yet").waitFor();

  const asked = async (): Promise<number> => {
    const answer = await fetch(`${daemon.origin}/api/v1/queues`, { headers: { authorization: `Bearer ${token}` } });
    return answer.status;
  };
  expect(await asked()).toBe(200);
  await desktop.at("admin-state").getByText("Used last").waitFor();
  await admin.section("api_keys");
  expect(await desktop.at("admin-row", { name: "Reports" }).textContent()).toContain("Dec 31, 2099");
  await admin.edit("api_keys", "Reports");
  expect(await admin.field("token").inputValue()).toBe("");
  await desktop.at("admin-remove").click();
  await desktop.at("admin-remove-confirm").click();
  await desktop.at("admin-list", { kind: "api_keys" }).waitFor();
  expect(await asked()).toBe(401);
  expect(desktop.errors).toEqual([]);
});

test("R2: a queue is made by keyboard alone, and axe finds nothing on any page, light and dark, wide and narrow", async () => {
  const daemon = await Daemon.start({ people: [CHIEF], more: MORE });
  const browser = await openBrowser();
  const desktop = await DesktopPage.signIn(await browser.newContext(), daemon, "chief");
  const admin = new Administration(desktop);
  const { page } = desktop;
  await page.keyboard.press("Control+K");
  await desktop.at("palette").waitFor();
  await page.keyboard.type("admin");
  await page.keyboard.press("Enter");
  await desktop.at("admin-row").waitFor();
  for (const key of ["Tab", "Enter"]) await page.keyboard.press(key);
  await admin.ready();
  // Past the way back to the list, into the first field.
  for (const key of ["Tab", "Tab"]) await page.keyboard.press(key);
  await page.keyboard.type("Keys");
  await page.keyboard.press("Enter");
  await admin.said("made");
  expect(await admin.field("name").inputValue()).toBe("Keys");

  const found: string[] = [];
  const widths = { light: 1440, dark: 390 } as const;
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width: widths[scheme], height: 900 });
    await desktop.speak(scheme === "light" ? "en" : "de");
    for (const kind of ["queues", "agents", "numbers", "trunks", "services", "classifications", "templates", "roles", "api_keys"]) {
      await admin.section(kind);
      await desktop.at("admin-row").first().waitFor();
      found.push(...(await desktop.look(`administration-${kind}-${scheme}`)));
      await desktop.at("admin-row").first().getByRole("link").click();
      await admin.ready();
      const folded = page.locator("legend button[aria-expanded=false], details:not([open]) > summary");
      while ((await folded.count()) > 0) await folded.first().click();
      found.push(...(await desktop.look(`administration-${kind}-one-${scheme}`)));
      const wide = await page.evaluate(() => [document.querySelector("section[data-page]")].map((one) => (one?.scrollWidth ?? 0) - (one?.clientWidth ?? 0)));
      expect([kind, scheme, ...wide]).toEqual([kind, scheme, 0]);
    }
    await desktop.at("admin-section", { section: "changes" }).click();
    await desktop.at("admin-change").first().waitFor();
    found.push(...(await desktop.look(`administration-changes-${scheme}`)));
    await desktop.at("admin-section", { section: "api" }).click();
    const operation = desktop.at("admin-api-operation", { operation: "PATCH /contacts/{contact}" });
    await operation.getByRole("button").first().click();
    await operation.getByTestId("admin-api-curl").waitFor();
    found.push(...(await desktop.look(`administration-api-${scheme}`)));
  }
  expect(found).toEqual([]);
  expect(desktop.errors).toEqual([]);
}, 240_000);

test("the API is read in the administration: found by a word, opened by keyboard, and its command is copied", async () => {
  const daemon = await Daemon.start({ people: [CHIEF] });
  const browser = await openBrowser();
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  const desktop = await DesktopPage.signIn(context, daemon, "chief");
  const { page } = desktop;
  const blocked: string[] = [];
  page.on("console", (message) => message.text().includes("Content Security Policy") && blocked.push(message.text()));
  await Administration.open(desktop);
  // The daemon does not answer: it is said, and asked for again.
  await page.route("**/api/v1/openapi.json", (route) => route.abort());
  await desktop.at("admin-section", { section: "api" }).click();
  await desktop.at("admin-api-again").waitFor();
  await page.unroute("**/api/v1/openapi.json");
  await desktop.at("admin-api-again").click();

  await desktop.at("admin-api-search").fill("outlook");
  await until("only what has to do with it is shown", async () => (await desktop.at("admin-api-operation").count()) === 2);
  const operation = desktop.at("admin-api-operation", { operation: "GET /queues/{queue}/outlook" });
  await desktop.at("admin-api-search").press("Tab");
  for (let presses = 0; presses < 5 && !(await operation.locator("button:focus").count()); presses += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await operation.getByText("work: read", { exact: true }).waitFor();
  expect(await operation.getByTestId("admin-api-field").first().textContent()).toContain("queue");
  await operation.getByTestId("admin-api-curl").getByRole("button").click();
  await operation.getByTestId("admin-api-curl").getByText("Copied").waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`curl -u NAME '${daemon.origin}/api/v1/queues/1/outlook'`);

  await desktop.at("admin-api-search").fill("qqq");
  await until("it is said that nothing is found", async () => (await desktop.at("admin-api-said").textContent()) === "Nothing found");
  expect(blocked).toEqual([]);
});
