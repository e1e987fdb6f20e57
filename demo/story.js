// Plays the whole story by itself: does on the screens and phones what two people and a caller would do.
// Never reaches around them: everything happens through the controls that a person uses.

import * as api from "./api.js";
import { active, chatState, enter, inWidget, load, newestActivate, newestPick, onDesktop } from "./screens.js";
import { language } from "./text.js";

const PATIENCE_MS = 20_000;
const LOOK_MS = 100;
const KEY_MS = 28;

/**
 * Plays it from its beginning, whatever went on before. `tell(part, place)` is called with each part's name in `text.show`
 * and the place in `text.places` where it happens; `phones()` gives what was last heard of the phones.
 * Throws `signal.reason` when it is aborted, and an error when a part does not happen in time.
 */
export async function play({ says, tell, phones, signal }) {
  const { pause, until } = patience(signal);
  const anna = () => phones().find((phone) => phone.agent === "anna");
  const write = async (find, input, send, message) => {
    await until(input, () => find(input) && !find(input).disabled);
    for (let length = 1; length <= message.length; length += 1) {
      // Looked up for each key: a screen may draw its field anew.
      const field = find(input);
      if (length === 1) field?.scrollIntoView({ block: "nearest" });
      if (field) enter(field, message.slice(0, length));
      await pause(KEY_MS);
    }
    await pause(300);
    (await until(send, () => !find(send)?.disabled && find(send))).click();
  };

  const press = async (what, find) => {
    const button = await until(what, () => !find()?.disabled && find());
    button.scrollIntoView({ block: "nearest" });
    await pause(900);
    find()?.click();
  };

  tell("anew");
  await anew(signal);

  tell("open", "website");
  await press("chat button", () => inWidget("vorrang-button"));
  await until("request", () => chatState() === "waiting");
  await pause(800);
  tell("question", "website");
  await write(inWidget, "input", "send", says.question);
  await pause(1_800);
  tell("pick", "desktop");
  await press("chat in the queue", newestPick);
  // Somebody may have come meanwhile, or Anna has turned to something else: by hand, while this was played.
  await until("active chat", () => {
    if (chatState() === "allocated") newestActivate()?.click();
    return chatState() === "active";
  });
  await pause(1_200);
  tell("answer", "desktop");
  await write(onDesktop, "chat-input", "chat-send", says.answer);
  await pause(2_500);

  tell("call", "caller");
  await pause(1_500);
  await api.call();
  await until("ringing phone", () => anna()?.state === "ringing");
  await pause(1_000);
  tell("ring", "anna");
  await pause(2_500);
  tell("park", "anna");
  await pause(1_000);
  await api.press("anna", "answer");
  await until("parked chat", () => chatState() === "preempted");
  await pause(2_000);
  tell("told", "website");
  await pause(2_500);
  tell("meanwhile", "website");
  await write(inWidget, "input", "send", says.meanwhile);
  await pause(2_500);
  tell("hangUp", "anna");
  await pause(1_500);
  await api.press("anna", "hang_up");
  await until("resumed chat", () => chatState() === "active");
  tell("back", "desktop");
  await pause(2_500);
  await write(onDesktop, "chat-input", "chat-send", says.back);
  await pause(1_500);
  tell("done");
}

/**
 * Brings everybody back to where the story begins: nobody calls, the customer's chat is over and another customer comes,
 * Anna has begun to work with an empty inbox and Ben has not. Chats of others go back to the queue.
 */
export async function anew(signal) {
  const { until } = patience(signal);
  const all = (holds) => async () => (await api.look()).phones.every(holds);
  const { callers, phones } = await api.look();
  for (const { id, state } of callers) {
    // One who hangs up by themselves meanwhile has hung up all the same.
    if (state !== "ended") await api.hangUpCaller(id).catch(() => {});
  }
  if (chatState() !== null && chatState() !== "ended") {
    if (!inWidget("end-confirm")) inWidget("end")?.click();
    (await until("question", () => inWidget("end-confirm"))).click();
    await until("end of the chat", () => chatState() === "ended");
  }
  await until("quiet phones", all(({ state }) => state === "idle"));
  for (const { agent } of phones) await api.setPresence(agent, "logged_out");
  // A call that has just ended keeps its agent for a moment.
  await until("end of work", all(({ presence }) => presence === "logged_out"));
  await load(language);
  await until("desktop", () => active() !== null);
  await until("website", () => inWidget("vorrang-button"));
}

/** Two ways to wait, which end with `signal`. */
function patience(signal) {
  const pause = (ms) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
    });
  const until = async (what, holds) => {
    for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
      const found = await holds();
      if (found) return found;
      await pause(LOOK_MS);
    }
    throw new Error(`waited in vain: ${what}`);
  };
  return { pause, until };
}
