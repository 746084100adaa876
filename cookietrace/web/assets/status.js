// The line that says how it goes, and what a screen reader is told of it, not too often.

import { one } from "./dom.js";
import { on } from "./news.js";
import { story } from "./view.js";

const QUIET = 4000; // milliseconds between two announcements of new rows

const WORDS = {
  live: "Live",
  finished: "Finished",
  connecting: "Connecting",
  away: "Reconnecting",
  stopped: "Recording has stopped",
  deleted: "Capture deleted",
  refused: "The address is no longer valid",
};

const line = one("#connection");
const polite = one("#announced");
let connection = "connecting";
let recording = "";
let announced = 0; // steps that were told
let timer = 0;

const state = () => (connection === "open" ? recording || (story.live ? "live" : "finished") : connection);

function show() {
  const now = state();
  if (line.dataset.state === now) return;
  line.dataset.state = now;
  one("span", line).textContent = WORDS[now];
  if (now !== "connecting") say(`${WORDS[now]}.`);
}

function say(text) {
  polite.textContent = text;
}

// "open", "away", "refused"
export function setConnection(next) {
  connection = next;
  show();
}

// "" while it records, "stopped", "deleted"
export function setRecording(next) {
  recording = next;
  show();
}

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
