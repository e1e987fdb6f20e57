// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import type { FieldView, WidgetView } from "../../web-shared/src/protocol/visitor";
import { More, transcript } from "../src/more";
import type { Mount } from "../src/mount";
import { begin } from "../src/state";
import type { Values } from "../src/storage";
import { fill } from "../src/text";
import { type Child, draw } from "../src/view/dom";

const field = (key: string, kind: FieldView["kind"], needed: boolean): FieldView => ({ key, kind, needed, label: key, choices: [["a", "A"]] });
const FORM = [field("name", "text", true), field("email", "email", false), field("topic", "choice", false), field("news", "checkbox", false)];

let place: HTMLElement;
let session = "a secret";
let values: Values;
const begun = vi.fn<() => void>();

/** The form in a document, drawn again whenever it asks for that. */
function setting(view: (more: More) => Child, service: Partial<WidgetView> = {}): More {
  const root = document.createElement("div").attachShadow({ mode: "open" });
  const mount = { origin: "https://chat.example", token: "a token", spoken: "en", root, service: { form: FORM, consent: "", greeting: "", ...service } };
  const redraw = (): void => draw(place, [view(more)]);
  const kit = { newName: (bytes: number) => "s".repeat(2 * bytes), fill, onEnter: () => () => {}, redraw, find: (selector: string) => place.querySelector<HTMLElement>(selector) };
  const more = new More(mount as unknown as Mount, { begin: begun, choose: () => {}, newChat: () => {}, session: () => session }, kit);
  redraw();
  return more;
}

function at<E extends HTMLElement>(testid: string): E | null {
  return place.querySelector<E>(`[data-testid=${testid}]`);
}

function write(key: string, text: string): void {
  const input = at<HTMLInputElement>(`field-${key}`);
  if (!input) throw new Error(`no field ${key}`);
  input.value = text;
  input.dispatchEvent(new InputEvent("input"));
}

beforeEach(() => {
  place = document.createElement("div");
  document.body.replaceChildren(place);
  values = {};
  begun.mockClear();
  vi.unstubAllGlobals();
});

it("a chat begins once all that is needed is there and nothing is wrong, and not before", () => {
  setting((more) => more.before(values));
  expect(at("wrong-name")).toBeNull();
  at("begin")?.click();
  expect(begun).not.toHaveBeenCalled();
  expect(at("wrong-name")?.textContent).toBe("Please fill this in.");
  expect(document.activeElement).toBe(at("field-name"));
  write("name", "Kim");
  write("email", "kim");
  at("begin")?.click();
  expect([at("wrong-name"), at("wrong-email") !== null]).toEqual([null, true]);
  write("email", "kim@example.com");
  at("begin")?.click();
  expect(begun).toHaveBeenCalledOnce();
  expect(values).toEqual({ name: "Kim", email: "kim@example.com" });
});

it("what the daemon finds wrong stands beside its field until it is sent again", () => {
  values["name"] = "Kim";
  const more = setting((one) => one.before(values));
  more.wrong = ["name"];
  draw(place, [more.before(values)]);
  expect(at("wrong-name")).not.toBeNull();
  at("begin")?.click();
  expect(begun).toHaveBeenCalledOnce();
});

it("a message that fails is sent again as the same one, and the next one is another", async () => {
  const sent: { session: string; values: Values }[] = [];
  const answers = [Promise.reject(new Error("offline")), Promise.resolve(new Response(null, { status: 201 }))];
  vi.stubGlobal("fetch", (address: string, { body }: { body: string }) => {
    expect(address).toBe("https://chat.example/widget/services/a%20token/messages");
    sent.push(JSON.parse(body));
    return answers.shift();
  });
  setting((more) => more.away("Nobody is there.", values), { form: [] });
  write("message", "Hello");
  at("leave-message")?.click();
  expect(at("wrong-reach")).not.toBeNull();
  write("reach", "kim@example.com");
  at("leave-message")?.click();
  await vi.waitFor(() => expect(place.textContent).toContain("That did not work."));
  at("leave-message")?.click();
  await vi.waitFor(() => expect(at("left")).not.toBeNull());
  expect(sent).toHaveLength(2);
  expect(sent[0]).toEqual(sent[1]);
  expect(sent[0]?.values).toEqual({ reach: "kim@example.com", message: "Hello" });
  expect(values).toEqual({ reach: "kim@example.com" });
});

it("whoever leaves a message is asked once where they can be reached", () => {
  setting((more) => more.away("Nobody is there.", values));
  expect(at("field-reach")).toBeNull();
  at("leave-message")?.click();
  expect(["name", "email", "topic", "message"].filter((key) => at(`wrong-${key}`))).toEqual(["name", "email", "message"]);
});

it("a transcript has each message as it was typed", () => {
  const message = (number: number, author: "visitor" | "agent", text: string) => ({ number, author, text, file: null, at: 0, client: "", command: number });
  const state = { ...begin("tab"), messages: [message(1, "visitor", "<b>Hello</b>"), message(2, "agent", "Hi\nthere")] };
  const text = transcript(state, "You", "en");
  expect(text).toContain("You: <b>Hello</b>\r\n");
  expect(text).toContain(": Hi\nthere\r\n");
});

it("how it was is asked once, of those who had an agent, and nobody has to say", async () => {
  const sent = vi.fn<(url: string, request: { body: string }) => Promise<{ ok: boolean }>>();
  vi.stubGlobal("fetch", sent);
  const message = { number: 1, author: "agent", text: "Hello", file: null, at: 0, client: "", command: 1 } as const;
  const [alone, attended] = [begin("page"), { ...begin("page"), messages: [message] }];
  setting((more) => more.after(alone), { rating: true });
  expect(at("rating")).toBeNull();
  setting((more) => more.after(attended), { rating: false });
  expect(at("rating")).toBeNull();
  setting((more) => more.after(attended), { rating: true });
  expect(at("rate")).toBeNull();
  at("star-4")?.click();
  expect([1, 2, 3, 4, 5].map((star) => at(`star-${star}`)?.textContent)).toEqual(["★", "★", "★", "★", "☆"]);
  const comment = at<HTMLTextAreaElement>("comment");
  if (comment) comment.value = "Quick!";
  comment?.dispatchEvent(new InputEvent("input"));
  sent.mockResolvedValueOnce({ ok: false });
  at("rate")?.click();
  await vi.waitFor(() => expect(place.textContent).toContain("That did not work"));
  sent.mockResolvedValueOnce({ ok: true });
  at("rate")?.click();
  await vi.waitFor(() => expect(at("rated")).not.toBeNull());
  expect(at("rating")).toBeNull();
  const [url, { body }] = sent.mock.calls[1] ?? ["", { body: "" }];
  expect([url, JSON.parse(body)]).toEqual(["https://chat.example/visitor/rating", { session: "a secret", stars: 4, comment: "Quick!" }]);
  session = "another";
  setting((more) => more.after(attended), { rating: true });
  expect(at("rating")).not.toBeNull();
});
