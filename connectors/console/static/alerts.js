/* Calls an agent who looks elsewhere: a short sound, a notification of the desktop. */

import { preferences } from "./preferences.js";

let context = null;

/* Two soft notes, made on the spot; browsers allow them after the first click on the page. */
export function chime() {
  if (!preferences.sound || !navigator.userActivation?.hasBeenActive) return;
  context ??= new AudioContext();
  const start = context.currentTime;
  for (const [at, pitch] of [[0, 660], [0.14, 880]]) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, start + at);
    volume.gain.linearRampToValueAtTime(0.12, start + at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + at + 0.28);
    tone.connect(volume).connect(context.destination);
    tone.start(start + at);
    tone.stop(start + at + 0.3);
  }
}

/* `onclick` when the agent comes by way of the notification; one of each `tag` at a time. */
export function notify(title, body, tag, onclick) {
  if (!preferences.desktop || !("Notification" in window) || Notification.permission !== "granted") return;
  if (document.visibilityState === "visible" && document.hasFocus()) return;
  const shown = new Notification(title, { body, tag, icon: "/console/static/mark.svg" });
  shown.addEventListener("click", () => {
    window.focus();
    shown.close();
    onclick?.();
  });
}

/* Whether the browser will show notifications; asks the agent if nobody has. */
export async function permitted() {
  if (!("Notification" in window)) return false;
  if (Notification.permission === "default") return (await Notification.requestPermission()) === "granted";
  return Notification.permission === "granted";
}
