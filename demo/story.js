// Plays the whole story by itself: does on the screens and phones what two people and a caller would do.
// Never reaches around them: everything happens through the controls that a person uses.

import * as api from "./api.js";
import { active, chatOnDesktop, chatState, enter, inWidget, lastOnDesktop, onDesktop } from "./screens.js";

const PATIENCE_MS = 20_000;
const LOOK_MS = 100;
const KEY_MS = 28;

/**
 * `tell(name)` is called with each part's name in `text.show`; `phones()` gives what was last heard of the phones.
 * Throws `signal.reason` when it is aborted, and an error when a part does not happen in time.
 */
export async function play({ says, tell, phones, signal }) {
  const pause = (ms) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
    });

  const until = async (what, holds) => {
    for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
      const found = holds();
      if (found) return found;
      await pause(LOOK_MS);
    }
    throw new Error(`waited in vain: ${what}`);
  };

  const write = async (find, input, send, message) => {
    await until(input, () => find(input) && !find(input).disabled);
    for (let length = 1; length <= message.length; length += 1) {
      // Looked up for each key: a screen may draw its field anew.
      const field = find(input);
      if (field) enter(field, message.slice(0, length));
      await pause(KEY_MS);
    }
    await pause(300);
    (await until(send, () => !find(send)?.disabled && find(send))).click();
  };

  const anna = () => phones().find((phone) => phone.agent === "anna");

  // A free colleague would get the call, and nobody would be interrupted.
  for (const { agent, presence } of phones()) {
    if (agent !== "anna" && presence !== "logged_out") await api.setPresence(agent, "logged_out");
  }

  tell("open");
  await until("desktop", () => active() !== null);
  // Nothing comes to somebody who is on a break.
  if (anna()?.presence === "break") onDesktop("work-login")?.click();
  await until("chat button", () => inWidget("vorrang-button"));
  await pause(900);
  if (!inWidget("panel")) inWidget("vorrang-button").click();
  await until("chat window", chatState);
  if (chatState() === "ended") {
    inWidget("new-chat").click();
    await until("new chat", () => chatState() && chatState() !== "ended");
  }

  if (chatState() === "waiting") {
    await pause(800);
    tell("question");
    await write(inWidget, "input", "send", says.question);
    await pause(1_800);
    tell("pick");
    // Others may wait as well: those before ours go into the inbox.
    await until("pick", () => {
      if (chatState() === "waiting") chatOnDesktop("pick")?.click();
      if (chatState() === "allocated") lastOnDesktop("activate", "allocated")?.click();
      return chatState() === "active";
    });
    await pause(1_200);
    tell("answer");
    await write(onDesktop, "chat-input", "chat-send", says.answer);
    await pause(2_500);
  }

  tell("call");
  await api.call();
  await until("ringing phone", () => anna()?.state === "ringing");
  await pause(1_000);
  tell("ring");
  await pause(2_500);
  tell("park");
  await api.press("anna", "answer");
  await until("parked chat", () => chatState() === "preempted");
  await pause(3_000);
  tell("meanwhile");
  await write(inWidget, "input", "send", says.meanwhile);
  await pause(4_000);
  tell("hangUp");
  await pause(1_000);
  await api.press("anna", "hang_up");
  await until("resumed chat", () => chatState() === "active");
  tell("back");
  await pause(2_500);
  await write(onDesktop, "chat-input", "chat-send", says.back);
  await pause(1_500);
  tell("done");
}
