// Start: take the token, read the story, connect every control, and listen to what is new.

import { all, one, root } from "./dom.js";
import { element, markName, sign } from "./elements.js";
import { watchForSilence } from "./doctor.js";
import { listenForKeys } from "./keyboard.js";
import { changeSpeed, followNewest, goTo, goToLabel, isUntouched, moves, readAddress, setFollowing, showMode } from "./navigation.js";
import { on, tell } from "./news.js";
import { presenterAt, startFollowing } from "./presenter.js";
import { fetchProblems } from "./problems.js";
import { markChanged, rowAt, wantRows } from "./rows.js";
import { moveLine } from "./sample.js";
import { askJson, Refused, takeToken } from "./server.js";
import { countAnnouncedFromHere, setConnection, showRecording } from "./status.js";
import { listen } from "./stream.js";
import { countFromHere, drawSoon, keepInPlace } from "./table.js";
import { nextTheme, saveSetting, setTheme, setting, themes } from "./theme.js";
import { story, view } from "./view.js";
import "./flow.js";
import "./jar.js";
import "./moments.js";
import "./quiz.js";
import "./snapshot.js";
import "./tracker.js";
import "./transcript.js";

const NO_TOKEN = "This address lacks its token. Open the whole address that cookietrace printed in the terminal.";
const WRONG_TOKEN =
  "The token in this address is wrong, or cookietrace was restarted. Open the address that it printed last.";
const FULL = "Too many pages are open. Close one of them, and this one continues by itself.";
const AWAY = "cookietrace does not respond. If it is still running, reload this page.";

// What is wrong: with the connection if it is that, otherwise with the recording.
const troubleOf = (connection, { trouble, gap, warning }) =>
  ({ refused: WRONG_TOKEN, full: FULL })[connection] || trouble || gap || warning || "";
let connection = "connecting";

function showTrouble(text) {
  const place = one("#trouble");
  if (place.textContent !== text) place.textContent = text;
  place.hidden = !text;
}

// --- what the story says about itself

function showStory({ title, headings, notices }) {
  document.title = `${title} · cookietrace`;
  one("h1").textContent = title;
  one("thead tr").replaceChildren(
    ...headings.map((heading) => element("th", { scope: "col", role: "columnheader" }, heading)));
  story.headings = headings;
  const place = one("#notices");
  const held = notices.filter(({ over }) => !over);
  place.hidden = !held.length;
  place.replaceChildren(...held.map(({ text }) => element("p", { class: "remark" }, text)));
}

function showState({ state }) {
  story.state = state;
  story.live = state.live;
  showRecording();
  showTrouble(troubleOf(connection, state));
  showFacts();
}

function showFacts() {
  const facts = [story.state.name, story.focus && `focus: ${story.focus}`].filter(Boolean);
  one(".facts").replaceChildren(...facts.flatMap((fact) => [element("span", {}, fact), " "]));
}

function showProgress({ progress }) {
  story.progress = progress;
  const place = one("#reading");
  place.hidden = !progress;
  if (progress) one("progress", place).value = progress.percent;
}

function showCount() {
  const there = story.steps > 0;
  one("#waiting").hidden = there;
  if (there) one("#doctor").hidden = true;
  one(".beside").hidden = one(".bar .controls").hidden = !there;
  one("#slider").max = Math.max(1, story.steps);
  one(".last-number").textContent = story.last;
  one("#goto").max = story.last;
}

function showStep() {
  const row = rowAt(view.step);
  one("#slider").value = view.step;
  if (!row) {
    if (view.mode !== "table") wantRows(view.step, view.step); // the table asks for its own
    return;
  }
  one("#slider").setAttribute("aria-valuetext", `Step ${row.label}: ${row.cells[1]}`);
  one(".bar .where").textContent = `Step ${row.label} of ${story.last}`;
  one(".bar .action").textContent = row.cells[1];
  one(".bar .why").textContent = row.problem?.text ?? "";
  if (document.activeElement !== one("#goto")) one("#goto").value = row.number;
}

// --- what is new

const handlers = {
  rows({ first, steps, last_number: last, changed }) {
    const known = story.steps;
    markChanged(changed, first);
    Object.assign(story, { steps, last });
    if (steps !== known) {
      showCount();
      if (!view.step) open();
      tell("steps");
    }
    tell("changed");
    drawSoon();
  },
  problems({ tally, rows }) {
    story.problems = { tally, rows };
    fetchProblems();
  },
  story: showStory,
  state: showState,
  progress(news) {
    const wasReading = story.progress;
    showProgress(news);
    if (wasReading && !story.progress && isUntouched()) open();
  },
  presenter: ({ presenter }) => presenterAt(presenter),
};

// The first look: the newest step while it is recorded, the worst problem afterwards.
function open() {
  if (view.followsPresenter) return goTo(story.steps, "presenter");
  if (story.live && !story.progress) {
    setFollowing(true);
    return goTo(story.steps, "newest");
  }
  const [worst] = story.listed ?? [];
  return goTo(worst ? worst.step : 1, "opening");
}

// --- the controls

function connectControls() {
  setTheme(themes.includes(setting("theme")) ? setting("theme") : "auto");
  one("#theme").addEventListener("click", nextTheme);
  setSize(setting("large") === "on");
  one("#large").addEventListener("click", nextSize);
  one("#follow-newest").addEventListener("click", moves.newest);
  one("#newest").addEventListener("click", followNewest);
  one("#help-button").addEventListener("click", () => one("#help").showModal());
  one("#shortcuts").checked = setting("shortcuts") !== "off";
  one("#shortcuts").addEventListener("change", (event) =>
    saveSetting("shortcuts", event.target.checked ? "on" : "off"));
  for (const link of all(".modes a"))
    link.addEventListener("click", (event) => {
      event.preventDefault();
      showMode(link.dataset.mode, { focus: true });
    });
  for (const button of all("[data-go]")) button.addEventListener("click", () => moves[button.dataset.go]());
  one("#slider").addEventListener("input", (event) => goTo(Number(event.target.value)));
  one("#goto").addEventListener("change", (event) => goToLabel(event.target.value));
  one("#goto").addEventListener("keydown", (event) => {
    if (event.key === "Enter") goToLabel(event.target.value);
    if (event.key === "Enter" || event.key === "Escape") event.target.blur();
  });
  one("#speed").addEventListener("change", changeSpeed);
  window.addEventListener("hashchange", readAddress);
  listenForKeys(keys());
}

function keys() {
  const found = {
    ArrowLeft: moves.previous,
    ArrowRight: moves.next,
    Home: moves.first,
    End: moves.last,
    " ": moves.play,
    f: moves.newest,
    g: () => story.steps && one("#goto").select(),
    t: nextTheme,
    "?": () => one("#help").showModal(),
    l: nextSize,
    "[": moves["previous-problem"],
    "]": moves["next-problem"],
    ",": () => view.mode === "sample" && moveLine(-1),
    ".": () => view.mode === "sample" && moveLine(1),
  };
  all(".modes a").forEach((link, index) => {
    found[index + 1] = () => showMode(link.dataset.mode, { focus: true });
  });
  return found;
}

function setSize(large) {
  root.classList.toggle("large", large);
  one("#large").setAttribute("aria-pressed", String(large));
  tell("size");
}

function nextSize() {
  setSize(!root.classList.contains("large"));
  saveSetting("large", root.classList.contains("large") ? "on" : "off");
}

// The marks that rows had so far, with their signs.
const marks = new Set();

function showLegend(rows) {
  const before = marks.size;
  for (const row of rows) for (const { mark } of row.signs) marks.add(mark);
  if (marks.size === before) return;
  const used = story.legend.filter(({ mark }) => marks.has(mark));
  keepInPlace(() => one(".legend").replaceChildren(
    ...used.flatMap(({ mark, sign: text }) => [element("span", {}, sign(mark, text), ` ${markName(mark)}`), " "])));
}

on("problems", () => {
  if (isUntouched() && !story.live && view.step) open();
});
on("step", showStep);
on("rows", showStep);
on("rows", showLegend);
on("following", (follows) => one("#follow-newest").setAttribute("aria-pressed", String(follows)));

// How much of the top the modes take.
function measureStrip() {
  const strip = one(".modes");
  const measure = () => {
    const sticky = getComputedStyle(strip).top === "0px";
    root.style.setProperty("--strip", `${sticky ? strip.offsetHeight : 0}px`);
  };
  new ResizeObserver(measure).observe(strip);
}

async function start() {
  root.classList.add("scripted", "live");
  const addressed = /^#[a-z]+(-|$)/.test(location.hash);
  connectControls();
  measureStrip();
  if (!takeToken()) return showTrouble(NO_TOKEN);
  try {
    Object.assign(story, await askJson("/api/story"), { last: 0 });
    story.last = story.last_number;
    await fetchProblems();
  } catch (error) {
    return showTrouble(error instanceof Refused ? WRONG_TOKEN : AWAY);
  }
  showStory(story);
  showState(story);
  showProgress(story);
  showCount();
  one("#hidden-values").textContent = story.hidden ||
    (story.redacted ? "Cookie values are replaced by tokens. Equal tokens stand for equal values." : "");
  one("#hidden-values").hidden = !story.redacted && !story.hidden;
  one(".bar").hidden = false;
  view.presents = story.presents;
  startFollowing();
  presenterAt(story.presenter);
  countFromHere();
  countAnnouncedFromHere();
  if (!(addressed && readAddress())) {
    if (!view.mode) showMode("table", { by: "opening" });
    if (story.steps && !view.step) open();
  } else if (!view.step) open();
  watchForSilence();
  listen(story.id, {
    event: (name, data) => handlers[name]?.(data),
    connection(state) {
      connection = state;
      setConnection(state);
      showTrouble(troubleOf(connection, story.state));
      tell("connection", state);
      if (state === "open") tell("changed");
    },
  }).catch((error) => showTrouble(error.message));
}

start();
