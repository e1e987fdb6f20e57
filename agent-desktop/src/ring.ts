// Sounds: two notes every three seconds while a call rings, once for what has to be turned to, and one soft note when
// somebody wrote. On unless the agent switches them off; browsers keep a page silent that was never clicked.

import { byOne, once } from "./once";
import { Store } from "./store";

const KEY = "vorrang.sound";
const EVERY_MS = 3_000;
const CHIME = [
  { hz: 523.25, at: 0, volume: 0.12 },
  { hz: 659.25, at: 0.18, volume: 0.12 },
] as const;
const SOFT = [{ hz: 440, at: 0, volume: 0.05 }] as const;

export const sound = new Store(localStorage.getItem(KEY) !== "off");
/** Whether this page may be heard: from its first click or key on. */
export const audible = new Store(false);

let context: AudioContext | null = null;

for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => void wake(), { capture: true });

async function wake(): Promise<void> {
  if (audible.get() || !sound.get()) return;
  context ??= new AudioContext();
  await context.resume();
  audible.set(context.state === "running");
}

/** Switching it on plays it once: the agent hears what they chose. */
export function setSound(on: boolean): void {
  localStorage.setItem(KEY, on ? "on" : "off");
  sound.set(on);
  if (on) void wake().then(() => play(CHIME));
}

/** What a sound is called. */
export type Heard = "chime" | "soft";

/** Within a click: whoever asks hears it, also while the sound is switched off. */
export async function hear(what: Heard): Promise<void> {
  context ??= new AudioContext();
  await context.resume();
  play(what === "chime" ? CHIME : SOFT);
}

/** Rings until the function that is returned is called; of all pages that can be heard one rings. */
export function ring(call: string): () => void {
  let timer: ReturnType<typeof setInterval> | undefined;
  const begin = (): void => {
    play(CHIME);
    timer = setInterval(() => play(CHIME), EVERY_MS);
  };
  return byOne(`ring ${call}`, begin, () => clearInterval(timer));
}

/** A sound for an event, on one of the pages that can be heard. */
export function soundOf(event: string, what: "chime" | "soft"): void {
  if (sound.get() && audible.get()) once(`sound ${event}`, () => play(what === "chime" ? CHIME : SOFT));
}

function play(notes: typeof CHIME | typeof SOFT): void {
  if (context === null) return;
  const start = context.currentTime + 0.02;
  for (const note of notes) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.type = "sine";
    tone.frequency.value = note.hz;
    volume.gain.setValueAtTime(0, start + note.at);
    volume.gain.linearRampToValueAtTime(note.volume, start + note.at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + note.at + 0.6);
    tone.connect(volume).connect(context.destination);
    tone.start(start + note.at);
    tone.stop(start + note.at + 0.65);
  }
}
