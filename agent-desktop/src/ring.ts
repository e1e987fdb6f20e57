// The sound of a ringing call: two soft notes every three seconds, off unless the agent wants it. What has to be turned
// to sounds once.

import { Store } from "./store";

const KEY = "vorrang.sound";
const EVERY_MS = 3_000;
const NOTES = [
  { hz: 523.25, at: 0 },
  { hz: 659.25, at: 0.18 },
] as const;

export const sound = new Store(localStorage.getItem(KEY) === "on");

let context: AudioContext | null = null;
let timer: ReturnType<typeof setInterval> | undefined;

/** Switching it on plays it once: the agent hears what they chose, and the browser has its click. */
export function setSound(on: boolean): void {
  localStorage.setItem(KEY, on ? "on" : "off");
  sound.set(on);
  if (on) chime();
  else stopRinging();
}

export function startRinging(): void {
  stopRinging();
  if (!sound.get()) return;
  chime();
  timer = setInterval(chime, EVERY_MS);
}

export function chimeOnce(): void {
  if (sound.get()) chime();
}

export function stopRinging(): void {
  clearInterval(timer);
}

function chime(): void {
  context ??= new AudioContext();
  // Without a click on this page the browser keeps it suspended: then there is silence, no error.
  void context.resume();
  const start = context.currentTime + 0.02;
  for (const note of NOTES) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.type = "sine";
    tone.frequency.value = note.hz;
    volume.gain.setValueAtTime(0, start + note.at);
    volume.gain.linearRampToValueAtTime(0.12, start + note.at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + note.at + 0.6);
    tone.connect(volume).connect(context.destination);
    tone.start(start + note.at);
    tone.stop(start + note.at + 0.65);
  }
}
