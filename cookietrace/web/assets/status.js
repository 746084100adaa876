// The line that says how it goes, and what a screen reader is told of it, not too often.

import { one } from "./dom.js";
import { on } from "./news.js";
import { story } from "./view.js";

const QUIET = 4000; // milliseconds between two announcements of new rows

const WORDS = { connecting: "Connecting", away: "Reconnecting", full: "Waiting for a place", refused: "No access" };

const line = one("#connection");
const polite = one("#announced");
let connection = "connecting";
let announced = 0; // steps that were told
let timer = 0;

function show() {
  const { state } = story;
  const words = connection === "open" ? said(state) : WORDS[connection];
  line.dataset.state = connection === "open" ? (state.live ? "live" : "ended") : connection;
  if (one("span", line).textContent === words) return;
  one("span", line).textContent = words;
  if (connection !== "connecting") say(`${words}.`);
}

function said({ text = "" }) {
  if (text === "recording") return "Live";
  if (text === "stopped") return "Recording has stopped";
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function say(text) {
  polite.textContent = text;
}

// "open", "away", "full" or "refused"
export function setConnection(next) {
  connection = next;
  show();
}

export const showRecording = show;

on("steps", () => {
  if (timer || !story.live) return;
  timer = setTimeout(() => {
    timer = 0;
    const fresh = story.steps - announced;
    if (announced && fresh > 0) say(`${fresh} new ${fresh === 1 ? "step" : "steps"}, ${story.steps} in all.`);
    announced = story.steps;
  }, QUIET);
});

export const countAnnouncedFromHere = () => (announced = story.steps);
