// @vitest-environment happy-dom
import { expect, it, vi } from "vitest";

it("opens the window, and tells whichever app is around it what happens", async () => {
  const told: string[] = [];
  const app = (name: string) => ({ postMessage: (text: string) => void told.push(`${name} ${text}`) });
  const calls: unknown[][] = [];
  vi.stubGlobal("vorrang", (...call: unknown[]) => void calls.push(call));
  vi.stubGlobal("ReactNativeWebView", app("react"));
  vi.stubGlobal("webkit", { messageHandlers: { vorrang: app("ios"), other: app("other") } });
  vi.stubGlobal("VorrangApp", app("android"));
  await import("../src/page");
  expect(calls.at(-1)).toEqual(["open"]);
  expect(calls.map(([, event]) => event)).toEqual(["ready", "open", "close", "unread", "ended", undefined]);
  const on = (event: string) => calls.find(([command, what]) => command === "on" && what === event)?.[2] as (detail?: unknown) => void;
  on("unread")(2);
  expect(told).toEqual(["react", "ios", "android"].map((name) => `${name} {"event":"unread","detail":2}`));
  vi.unstubAllGlobals();
  on("ready")();
  expect(told.length).toBe(3);
});
