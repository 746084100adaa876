// Navigation: to a step, to a mode, by the address, by playing, and with the newest step.

import { all, one } from "./dom.js";
import { on, tell } from "./news.js";
import { rowOf, wantRows } from "./rows.js";
import { askJson } from "./server.js";
import { story, view } from "./view.js";

const modes = () => all("main > section").map((section) => section.id);
const NAMING = 300; // milliseconds until the address names another step
let naming = 0;
let playing = 0;
let opened = false; // at first, the top of the page stays in view

// "by" says who wants it: the user, whose wish ends all following; or "newest", "play" or
// "presenter".
export function goTo(wanted, by = "user") {
  if (!story.steps) return;
  if (by !== "play") pause();
  if (by === "user" || by === "play") leavePresenter();
  if (by !== "newest") setFollowing(false);
  const step = Math.min(Math.max(Math.round(wanted) || 1, 1), story.steps);
  const moved = step !== view.step;
  view.step = step;
  opened ||= by === "user" || by === "play";
  tell("step", { by, moved });
  updateAddress();
}

export function showMode(wanted, { focus = false, by = "user" } = {}) {
  if (by === "user" && wanted !== view.mode) leavePresenter();
  view.mode = wanted;
  for (const name of modes()) one(`#${name}`).hidden = name !== wanted;
  for (const link of all(".modes a")) {
    if (link.dataset.mode === wanted) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const current = one(".modes a[aria-current]");
  const strip = one(".modes ol");
  strip.scrollLeft = current.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
  if (opened) window.scrollTo(0, 0);
  if (focus) one(`#${wanted} h2`).focus({ preventScroll: true });
  tell("mode", wanted);
  updateAddress();
}

// To the step with a label, or the one nearest to it: a narrow focus leaves numbers out.
export async function goToLabel(label) {
  const found = await askJson(`/api/step?label=${encodeURIComponent(label)}`).catch(() => null);
  if (found?.step) goTo(found.step);
}

// With the newest step, as long as the user wants nothing else.
export function setFollowing(follows) {
  if (view.followsNewest === follows) return;
  view.followsNewest = follows;
  tell("following", follows);
}

export function followNewest() {
  if (!story.steps && !story.live) return;
  leavePresenter();
  pause();
  setFollowing(true);
  goTo(story.steps, "newest");
}

function leavePresenter() {
  if (!view.followsPresenter) return;
  view.followsPresenter = false;
  tell("presenter-left");
}

// A little later: browsers allow few changes of the address in a short time.
function updateAddress() {
  clearTimeout(naming);
  naming = setTimeout(async () => {
    const { mode, step } = view;
    const row = opened && step ? await rowOf(step).catch(() => null) : null;
    if (row && view.mode === mode && view.step === step)
      history.replaceState(null, "", `#${mode}-${row.label}`);
  }, NAMING);
}

// "#tracker-3" names a mode and a step; either can stand alone.
export function readAddress() {
  const [, wanted, label] = /^#([a-z]+)(?:-(\d+[a-z]*))?$/.exec(location.hash) ?? [];
  if (!modes().includes(wanted)) return false;
  opened = true;
  showMode(wanted, { focus: true });
  if (label) goToLabel(label);
  return true;
}

const problemsAround = (by) => {
  const { rows } = story.problems;
  const on = by > 0 ? rows.filter((row) => row > view.step) : rows.filter((row) => row < view.step);
  return (on.length ? on : rows).at(by > 0 ? 0 : -1);
};

const goToProblem = (by) => {
  const wanted = problemsAround(by);
  if (wanted) goTo(wanted);
};

export const moves = {
  first: () => goTo(1),
  previous: () => goTo(view.step - 1),
  next: () => goTo(view.step + 1),
  last: () => (story.live ? followNewest() : goTo(story.steps)),
  newest: () => (view.followsNewest ? setFollowing(false) : followNewest()),
  "previous-problem": () => goToProblem(-1),
  "next-problem": () => goToProblem(1),
  play: () => (playing ? pause() : play()),
};

function play() {
  if (!story.steps) return;
  if (view.step === story.steps) goTo(1);
  clearInterval(playing);
  playing = setInterval(() => {
    if (view.step < story.steps) goTo(view.step + 1, "play");
    if (view.step >= story.steps && !story.live) pause();
  }, Number(one("#speed").value));
  showPlaying();
}

export function pause() {
  clearInterval(playing);
  playing = 0;
  showPlaying();
}

const showPlaying = () => one("[data-go=play]").setAttribute("aria-pressed", String(Boolean(playing)));

export function changeSpeed() {
  if (!playing) return;
  pause();
  play();
}

on("steps", () => view.followsNewest && wantRows(story.steps, story.steps));
on("rows", (rows) => {
  const { step } = rows.at(-1);
  if (view.followsNewest && step > view.step) goTo(step, "newest");
});
