// The agents' pages.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Album, clear, index, LANGUAGES, type Shot } from "./album";

const BUSY = { scenario: "busy-desk", viewer: "agent 1" } as const;
/** What a browser says of a session that is not there, and of a daemon that is gone. */
const SIGNED_OUT = /401/;
const GONE = /503|WebSocket/;

const click = (testid: string) => async (page: Page): Promise<void> => {
  await page.getByTestId(testid).first().click();
};

const press = (key: string) => async (page: Page): Promise<void> => {
  await page.locator("body").press(key);
  await page.locator("dialog[open]").waitFor();
};

const SHOTS: readonly Shot[] = [
  { ...BUSY, name: "logged-out" },
  { ...BUSY, name: "chat", done: "Anna writes in chat 2" },
  { ...BUSY, name: "queues", done: "visitor 7 writes", pane: "queues" },
  { ...BUSY, name: "inbox", done: "visitor 7 writes", pane: "inbox" },
  { ...BUSY, name: "ringing", done: "call 1 arrives in Returns" },
  { ...BUSY, name: "ringing-why", done: "call 1 arrives in Returns", set: (page) => page.getByTestId("why").locator("summary").click() },
  { ...BUSY, name: "call", done: "Anna answers" },
  { ...BUSY, name: "call-inbox", done: "70 s pass", pane: "inbox" },
  { ...BUSY, name: "after-the-call", done: "caller 1 hangs up" },
  { ...BUSY, name: "task", done: "Anna activates e-mail 5" },
  { ...BUSY, name: "parked-and-waiting", done: "3 min pass", pane: "inbox" },
  { ...BUSY, name: "transfer", done: "Anna activates chat 1", set: click("transfer") },
  { ...BUSY, name: "end", done: "Anna activates chat 1", set: click("end") },
  { ...BUSY, name: "log-out", done: "Anna activates chat 1", set: click("work-logout") },
  { ...BUSY, name: "help", set: press("Shift+?") },
  { ...BUSY, name: "wrap-up", done: "Anna ends chat 2" },
  { ...BUSY, name: "wrap-up-extended", done: "Anna extends the wrap-up of chat 2", pane: "inbox" },
  { ...BUSY, name: "call-wrap-up", done: "Anna activates the wrap-up of call 1" },
  { ...BUSY, name: "break-pending", done: "Anna takes a break" },
  { ...BUSY, name: "break", done: "Anna finishes the wrap-up of call 1" },
  { ...BUSY, name: "break-reasons", done: "Anna logs in", set: click("take-break") },
  { ...BUSY, name: "phone-lost", done: "Anna's phone is unreachable" },
  { ...BUSY, name: "supervisor", viewer: "supervisor 4", done: "70 s pass" },
  { name: "alert", scenario: "preempted-for-long: Asked", viewer: "supervisor 2", done: "1 s pass" },
  { name: "missed", scenario: "call-not-answered", viewer: "agent 1", done: "20 s pass" },
  { name: "pushed", scenario: "pushed-chats: To who", viewer: "agent 1", done: "chat 1 arrives" },
  { name: "crowd", scenario: "crowd", viewer: "agent 2", done: "200 chats arrive", pane: "queues" },
  { name: "long-chat", scenario: "long-chat", viewer: "agent 1", done: "Anna writes in chat 1" },
  { name: "long-chat-back", scenario: "long-chat", viewer: "agent 1", done: "Anna writes in chat 1", set: readsBack },
];

/** Up to the top, where earlier messages are asked for, twice. */
async function readsBack(page: Page): Promise<void> {
  for (const number of [9_952, 9_902]) {
    const first = page.locator(`[data-testid="message"][data-number="${number}"]`);
    await first.waitFor({ state: "attached" });
    await page.getByTestId("chat-log").evaluate((log) => log.scrollTo(0, 0));
    await page.locator(`[data-testid="message"][data-number="${number - 1}"]`).waitFor({ state: "attached" });
  }
}

describe.each(LANGUAGES)("the desktop in %s is without findings", (language) => {
  let album: Album;
  beforeAll(async () => {
    album = await Album.open();
    if (language === LANGUAGES[0]) clear("desktop");
  });
  afterAll(async () => {
    await album.close();
    index();
  });

  const online = async (page: Page, shot: Shot): Promise<void> => {
    await page.goto(album.address(shot, language));
    await page.locator('[data-testid="connection"][data-online="true"]').waitFor();
  };

  test.each(SHOTS)("$name", async (shot) => {
    expect(await album.take("desktop", shot, language, (page) => online(page, shot))).toEqual([]);
  });

  test("offline", async () => {
    const shot: Shot = { ...BUSY, name: "offline", done: "Anna writes in chat 2", expected: GONE };
    const cut = async (page: Page): Promise<void> => {
      await online(page, shot);
      album.player.cut(true);
      await page.locator('[data-testid="connection"][data-online="false"]').waitFor();
    };
    expect(await album.take("desktop", shot, language, cut)).toEqual([]);
    album.player.cut(false);
  });

  test("sign-in", async () => {
    const shot: Shot = { ...BUSY, name: "sign-in", expected: SIGNED_OUT };
    const form = async (page: Page): Promise<void> => {
      await page.goto(`${album.origin}/desktop/`);
      await page.getByTestId("login-submit").waitFor();
    };
    expect(await album.take("desktop", shot, language, form)).toEqual([]);
    const refused = async (page: Page): Promise<void> => {
      await form(page);
      await page.getByTestId("login-name").fill("anna");
      await page.getByTestId("login-password").fill("not it");
      await page.getByTestId("login-submit").click();
      await page.getByTestId("notice").waitFor();
    };
    expect(await album.take("desktop", { ...shot, name: "sign-in-refused" }, language, refused)).toEqual([]);
  });
});
