// The visitors' window, on the demo's website.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Album, clear, index, LANGUAGES, type Shot } from "./album";

const CALL = { scenario: "preempted-for-long: The visitor stays", viewer: "visitor 1" } as const;
const BUSY = { scenario: "busy-desk", viewer: "visitor 1" } as const;

const SHOTS: readonly Shot[] = [
  { ...CALL, name: "waiting" },
  { name: "nobody-there-yet", scenario: "nobody-serves-the-queue: It waits", viewer: "visitor 2" },
  { name: "turned-away", scenario: "nobody-serves-the-queue: It is refused", viewer: "visitor 2" },
  { ...BUSY, name: "talking", done: "Anna writes in chat 1" },
  { ...BUSY, name: "parked", done: "Anna activates chat 2" },
  { ...CALL, name: "interrupted", done: "Anna answers" },
  { ...CALL, name: "asked", done: "180 s pass" },
  { ...CALL, name: "contact", done: "180 s pass", set: choosesEmail },
  { ...CALL, name: "stays", done: "visitor 1 stays" },
  { name: "idle", scenario: "visitor-idle: Asked", viewer: "visitor 1", done: "1 s pass" },
  { ...BUSY, name: "end", done: "Anna writes in chat 1", set: (page) => page.getByTestId("end").click() },
  { ...BUSY, name: "ended", viewer: "visitor 2", done: "Anna ends chat 2" },
  { name: "long-chat", scenario: "long-chat", viewer: "visitor 1", done: "Anna writes in chat 1" },
];

async function choosesEmail(page: Page): Promise<void> {
  await page.getByTestId("choose-email").click();
  await page.getByTestId("contact").fill("abc");
  await page.keyboard.press("Enter");
  await page.getByTestId("contact-wrong").waitFor();
}

describe.each(LANGUAGES)("the widget in %s is without findings", (language) => {
  let album: Album;
  beforeAll(async () => {
    album = await Album.open();
    if (language === LANGUAGES[0]) clear("widget");
  });
  afterAll(async () => {
    await album.close();
    index();
  });

  test("button", async () => {
    const shot: Shot = { ...CALL, name: "button" };
    const open = async (page: Page): Promise<void> => {
      await page.goto(album.address(shot, language));
      await page.getByTestId("vorrang-button").waitFor();
    };
    expect(await album.take("widget", shot, language, open)).toEqual([]);
  });

  test.each(SHOTS)("$name", async (shot) => {
    const open = async (page: Page): Promise<void> => {
      await page.goto(album.address(shot, language));
      await page.getByTestId("vorrang-button").click();
      await page.locator('[data-testid="connection"][data-online="true"], [data-testid="refused"], [data-testid="new-chat"]').first().waitFor({ state: "attached" });
    };
    expect(await album.take("widget", shot, language, open)).toEqual([]);
  });

  test("offline", async () => {
    const shot: Shot = { ...BUSY, name: "offline", done: "Anna writes in chat 1", expected: /503|WebSocket/ };
    const cut = async (page: Page): Promise<void> => {
      await page.goto(album.address(shot, language));
      await page.getByTestId("vorrang-button").click();
      await page.locator('[data-testid="connection"][data-online="true"]').waitFor({ state: "attached" });
      album.player.cut(true);
      await page.getByTestId("input").fill("Hallo?");
      await page.keyboard.press("Enter");
      await page.locator('[data-testid="connection"]:not(:empty)').waitFor();
    };
    expect(await album.take("widget", shot, language, cut)).toEqual([]);
    album.player.cut(false);
  });
});
