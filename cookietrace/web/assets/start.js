// Start: take the token, read the story, connect every control, and listen to what is new.

import { all, one, root } from "./dom.js";
import { element, sign } from "./elements.js";
import { listenForKeys } from "./keyboard.js";
import { changeSpeed, followNewest, goTo, goToNumber, moves, readAddress, setFollowing, showMode } from "./navigation.js";
import { on, tell } from "./news.js";
import { presenterAt, startFollowing } from "./presenter.js";
import { fetchProblems } from "./problems.js";
import { forgetRows, markChanged, rowAt } from "./rows.js";
import { moveLine } from "./sample.js";
import { askJson, Refused, takeToken } from "./server.js";
import { countAnnouncedFromHere, setConnection, setRecording } from "./status.js";
import { listen } from "./stream.js";
import { countFromHere, drawSoon, restartTable } from "./table.js";
import { nextTheme, saveSetting, setTheme, setting, themes } from "./theme.js";
import { story, view } from "./view.js";
import "./flow.js";
import "./jar.js";
import "./moments.js";
import "./quiz.js";
import "./snapshot.js";
import "./tracker.js";
import "./transcript.js";

function showTrouble(text) {
  const place = one("#trouble");
  place.textContent = text;
  place.hidden = false;
}

const NO_TOKEN = "This address lacks its token. Open the whole address that cookietrace printed in the terminal.";
const WRONG_TOKEN =
  "The token in this address is wrong, or cookietrace was started again. Open the address that it printed last.";

async function readStory() {
  const read = await askJson("/api/story");
  Object.assign(story, read);
  document.title = `${read.title} · cookietrace`;
  one("h1").textContent = read.title;
  one(".facts").replaceChildren(...read.facts.flatMap((fact) => [element("span", {}, fact), " "]));
  one("#redacted").hidden = !read.redacted;
  one(".legend").replaceChildren(
    ...read.legend.flatMap(([mark, text]) => [element("span", {}, sign(mark, text), ` ${mark}`), " "]));
  one("thead tr").replaceChildren(
    ...read.headings.map((heading) => element("th", { scope: "col", role: "columnheader" }, heading)));
  showNotices(read.notices);
  showCount();
}

function showNotices(notices) {
  const place = one("#notices");
  place.hidden = !notices.length;
  place.replaceChildren(...notices.map((notice) => element("p", { class: "remark" }, notice)));
}

function showCount() {
  const there = story.steps > 0;
  one("#waiting").hidden = there;
  one(".beside").hidden = one(".bar").hidden = !there;
  one("#slider").max = Math.max(1, story.steps);
  one(".last-number").textContent = story.last;
  one("#goto").max = story.last;
}

function showStep() {
  const row = rowAt(view.step);
  one("#slider").value = view.step;
  if (!row) return;
  one("#slider").setAttribute("aria-valuetext", `Step ${row.label}: ${row.cells[1]}`);
  one(".bar .where").textContent = `Step ${row.label} of ${story.last}`;
  one(".bar .action").textContent = row.cells[1];
  one(".bar .why").textContent = row.problem?.text ?? "";
  if (document.activeElement !== one("#goto")) one("#goto").value = row.number;
}

const handlers = {
  rows({ steps, last, changed }) {
    markChanged(changed);
    const grew = steps !== story.steps;
    Object.assign(story, { steps, last });
    if (grew) {
      showCount();
      if (!view.step) open();
      tell("steps");
    }
    if (changed.length || grew) tell("changed");
    drawSoon();
  },
  problems: fetchProblems,
  progress() {},
  async state({ state, message }) {
    if (state === "gap") return restart();
    setRecording(state === "recording" ? "" : state);
    story.live = state === "recording";
    if (message) showTrouble(message);
    readStory().catch(() => {});
  },
  presenter: presenterAt,
};

// What was known is no longer what is there: begin anew, at the same step.
async function restart() {
  forgetRows();
  await readStory();
  restartTable();
  fetchProblems();
  goTo(view.step, "restart");
}

// The first look: the newest step while it is recorded, the worst problem afterwards.
function open() {
  if (view.followsPresenter) return goTo(story.steps, "presenter");
  if (story.live) {
    setFollowing(true);
    return goTo(story.steps, "newest");
  }
  const [worst] = story.problems ?? [];
  return goTo(worst ? worst.step : 1, "opening");
}

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
  one("#goto").addEventListener("change", (event) => goToNumber(Number(event.target.value)));
  one("#goto").addEventListener("keydown", (event) => {
    if (event.key === "Enter") goToNumber(Number(event.target.value));
    if (event.key === "Enter" || event.key === "Escape") event.target.blur();
  });
  one("#speed").addEventListener("change", changeSpeed);
  window.addEventListener("hashchange", readAddress);
  const keys = {
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
    keys[index + 1] = () => showMode(link.dataset.mode, { focus: true });
  });
  listenForKeys(keys);
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

on("step", showStep);
on("rows", showStep);
on("following", (follows) => one("#follow-newest").setAttribute("aria-pressed", String(follows)));

async function start() {
  root.classList.add("scripted", "live");
  const fragment = location.hash;
  connectControls();
  if (!takeToken()) return showTrouble(NO_TOKEN);
  try {
    await readStory();
    await fetchProblems();
  } catch (error) {
    return showTrouble(error instanceof Refused ? WRONG_TOKEN : "cookietrace does not respond. Is it still running?");
  }
  view.presents = story.presents;
  startFollowing();
  presenterAt(story.presenter);
  setRecording(story.state === "recording" ? "" : story.state);
  countFromHere();
  countAnnouncedFromHere();
  const addressed = !fragment.includes("token=") && readAddress();
  if (!addressed) showMode(story.problems?.length || !story.live ? "table" : "table", { by: "opening" });
  if (story.steps && !addressed) open();
  listen(story.after, {
    event: (name, data) => handlers[name]?.(data),
    connection(state) {
      setConnection(state);
      if (state === "refused") showTrouble(WRONG_TOKEN);
      tell("connection", state);
      if (state === "open") tell("changed");
    },
  }).catch((error) => showTrouble(error.message));
}

start();
