// The widget in pages that make it hard for it: frames that may do little, and style sheets that say something about everything.

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { type Language, openBrowser, openWebsite, type Scheme, WidgetPage } from "../support/browser";
import { Daemon } from "../support/daemon";

const LANGUAGES: readonly Language[] = ["de", "en"];
const SCHEMES: readonly Scheme[] = ["light", "dark"];

/** What pages say about all of their elements, some of it with emphasis, and what lies above everything. */
const LOUD = `
  html { font: italic 40px/3 serif; letter-spacing: 6px; text-transform: uppercase; text-align: right; direction: rtl; color: red }
  * { all: unset !important }
  div, button, p { display: none !important; transform: scale(0.5) !important; visibility: hidden !important; opacity: 0.1 !important }
  :host { display: none !important; background: red !important }
  button, textarea, h2 { all: revert; font-size: 40px; border: 9px solid red }
  .panel, .launch, .bubble, .head { display: none !important }
  body::after { content: ""; position: fixed; inset: 0; z-index: 999999999; background: rgb(255 0 0 / 0.2) }`;

test.each(["allow-scripts allow-same-origin", "allow-scripts"])(
  "R3: in a frame that may send no forms (%s) a visitor writes by the button and by Enter",
  async (sandbox) => {
    const daemon = await Daemon.start({ people: [{ name: "anna" }] });
    const website = await openWebsite(daemon);
    const page = await (await (await openBrowser()).newContext()).newPage();
    await page.goto(`${website}/framed?sandbox=${encodeURIComponent(sandbox)}`);
    const widget = page.frameLocator("iframe");
    await widget.getByTestId("vorrang-button").click();
    await widget.locator(`[data-testid="state"][data-state="waiting"]`).waitFor();
    const stored = widget.locator(`[data-testid="message"][data-pending="false"]`);
    await widget.getByTestId("input").fill("by the button");
    await widget.getByTestId("send").click();
    await stored.filter({ hasText: "by the button" }).waitFor();
    await widget.getByTestId("input").fill("by Enter");
    await widget.getByTestId("input").press("Enter");
    await stored.filter({ hasText: "by Enter" }).waitFor();
    expect(await stored.count()).toBe(2);
  },
);

test("whatever a page's style sheet says, the widget looks as it does in a plain page, and can be used", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }] });
  const [plain, loud] = await Promise.all([openWebsite(daemon), openWebsite(daemon, LOUD)]);
  const browser = await openBrowser();
  for (const language of LANGUAGES) {
    for (const colorScheme of SCHEMES) {
      const seen: string[][] = [];
      for (const [name, website] of [["plain", plain], ["loud", loud]] as const) {
        const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme, reducedMotion: "reduce" });
        const widget = await WidgetPage.open(context, website, language);
        const closed = await appearance(widget.page);
        await widget.begin();
        await widget.say("Guten Tag");
        await widget.shows(["Guten Tag"]);
        // Where the focus and the pointer are is no matter of style.
        await widget.page.mouse.move(0, 0);
        await widget.at("minimise").focus();
        seen.push([...closed, ...(await appearance(widget.page))]);
        await widget.look(`${name}-${language}-${colorScheme}`);
        await widget.leave();
        await context.close();
      }
      expect(seen[0]?.length).toBeGreaterThan(20);
      expect(seen[1]).toEqual(seen[0]);
    }
  }
});

/** Each element of the widget's button and window, with its place and style. */
function appearance(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.getElementById("vorrang-widget")?.shadowRoot;
    // A time is as wide as its figures, and it goes on from one page to the next.
    for (const time of root?.querySelectorAll("time") ?? []) time.textContent = "12:00";
    return [...(root?.querySelectorAll(":is(.launch, .panel), :is(.launch, .panel) *") ?? [])].map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      const values = [...style].toSorted().map((name) => `${name}: ${style.getPropertyValue(name)}`);
      return `${element.tagName} ${element.className} ${[x, y, width, height].map(Math.round)} \n${values.join("\n")}`;
    });
  });
}
