// The story page: shows the phones, ticks off what has happened, and plays the story when asked.

import * as api from "./api.js";
import { active, chatState, load } from "./screens.js";
import { anew, play } from "./story.js";
import { language, text } from "./text.js";

const LOOK_MS = 500;

const caption = document.getElementById("caption");
const show = document.getElementById("show");
const stop = document.getElementById("stop");
const startOver = document.getElementById("anew");
const trouble = document.getElementById("trouble");
const steps = [...document.querySelectorAll("[data-step]")];

/** What was last heard of the phones. */
let phones = [];
let callers = [];
/** How many steps are done. */
let done = 0;

document.title = text.title;
caption.textContent = text.intro;
for (const link of document.querySelectorAll("[data-language]")) {
  if (link.dataset.language === language) link.setAttribute("aria-current", "true");
}
void load(language);
drawSteps();
void watch();

show.addEventListener("click", () => perform((signal) => play({ says: text.says, tell, phones: () => phones, signal })));
startOver.addEventListener("click", () =>
  perform(async (signal) => {
    tell("anew");
    await anew(signal);
    tell("begun");
  }),
);

/** Does something that takes its time and can be stopped. */
async function perform(act) {
  const performance = new AbortController();
  const halt = () => performance.abort();
  stop.addEventListener("click", halt, { once: true });
  document.body.dataset.shows = "";
  for (const button of [show, startOver]) button.hidden = true;
  stop.hidden = false;
  stop.focus();
  done = 0;
  try {
    await act(performance.signal);
  } catch (error) {
    tell(performance.signal.aborted ? "stopped" : "stuck");
    if (!performance.signal.aborted) console.warn(error);
  }
  stop.removeEventListener("click", halt);
  delete document.body.dataset.shows;
  stop.hidden = true;
  for (const button of [show, startOver]) button.hidden = false;
  // Whoever stopped it looks at something.
  show.focus({ preventScroll: performance.signal.aborted });
}

/** Says what happens, and where; and brings that place into view. */
function tell(part, place) {
  const name = document.createElement("b");
  name.textContent = place ? `${text.places[place]} ` : "";
  caption.replaceChildren(name, text.show[part]);
  for (const one of document.querySelectorAll("[data-place]")) {
    one.toggleAttribute("data-here", one.dataset.place === place);
    if (one.dataset.place === place) one.scrollIntoView({ block: "nearest" });
  }
}

const caller = document.getElementById("caller");
onPress(caller, "call", () => api.call());
onPress(caller, "hang_up", () => {
  const current = currentCaller();
  return current && api.hangUpCaller(current.id);
});
for (const phone of document.querySelectorAll("[data-agent]")) {
  const { agent } = phone.dataset;
  for (const key of ["answer", "decline", "hang_up"]) onPress(phone, key, () => api.press(agent, key));
  phone.querySelector("[data-do=presence]")?.addEventListener("change", (event) => {
    void attempt(() => api.setPresence(agent, event.target.checked ? "available" : "logged_out"));
  });
}

function onPress(phone, key, act) {
  const button = phone.querySelector(`[data-do=${key}]`);
  button.addEventListener("click", async () => {
    button.disabled = true;
    await attempt(act);
    button.disabled = false;
  });
}

/** A key that came too late (the caller is gone) does nothing, as on a telephone: the next look shows what is. */
async function attempt(act) {
  try {
    await act();
  } catch (error) {
    console.warn(error);
  }
  await look();
}

async function watch() {
  for (;;) {
    await look();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function look() {
  try {
    ({ phones, callers } = await api.look());
    trouble.hidden = true;
  } catch {
    trouble.hidden = false;
    return;
  }
  drawCaller();
  for (const phone of phones) drawPhone(phone);
  countSteps();
  drawSteps();
}

function currentCaller() {
  return callers.findLast((one) => one.state !== "ended") ?? null;
}

function drawCaller() {
  const current = currentCaller();
  const state = current?.state ?? "idle";
  const number = current ? `${current.number} ` : "";
  put(caller, state, `${number}${text.caller[state]}`);
  allow(caller, { call: !current, hang_up: !!current });
}

function drawPhone({ agent, display_name: name, presence, state, peer }) {
  const phone = document.querySelector(`[data-agent="${CSS.escape(agent)}"]`);
  if (!phone) return;
  phone.querySelector(".name").textContent = name;
  const isAway = presence === "logged_out" || presence === "break";
  const away = isAway && state === "idle";
  const status = away ? text.phone[presence] : text.phone[state];
  put(phone, away ? "away" : state, typeof status === "function" ? status(peer ?? text.unknown) : status);
  allow(phone, { answer: state === "ringing", decline: state === "ringing", hang_up: state === "talking" });
  const free = phone.querySelector("[data-do=presence]");
  if (free && free !== document.activeElement) free.checked = !isAway;
}

function put(phone, state, status) {
  phone.dataset.state = state;
  const line = phone.querySelector(".status");
  if (line.textContent !== status) line.textContent = status;
}

function allow(phone, keys) {
  for (const [key, on] of Object.entries(keys)) phone.querySelector(`[data-do=${key}]`).hidden = !on;
}

/** A step is done when what it leads to can be seen, and all before it are done. */
function countSteps() {
  const chat = chatState();
  const anna = phones.find(({ agent }) => agent === "anna");
  const seen = {
    open: chat !== null && chat !== "ended",
    pick: chat === "active" || chat === "preempted",
    call: currentCaller() !== null,
    answer: chat === "preempted" && anna?.state === "talking",
    resume: chat === "active" && active() !== "call" && anna?.state !== "talking",
  };
  while (done < steps.length && seen[steps[done].dataset.step]) done += 1;
}

function drawSteps() {
  steps.forEach((step, index) => {
    step.dataset.is = index < done ? "done" : index === done ? "next" : "later";
    if (index === done) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  });
}
