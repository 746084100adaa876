// The board of the selected mode at the selected step: fetched, drawn, and kept up to date.

import { one } from "./dom.js";
import { element } from "./elements.js";
import { on } from "./news.js";
import { askJson, Refused, Wrong } from "./server.js";
import { view } from "./view.js";

const PAUSE = 80; // milliseconds between two boards
const CALM = 250; // and while each is of another step, with the newest
const SLOW = { moments: 2000, quiz: 5000 }; // and for what does not depend on the step
const BEHIND = "cookietrace is still working on this: it is not all here yet.";
const boards = new Map(); // a mode -> how it is drawn: (board, place) => nothing
const shown = new Map(); // a mode -> the text of the board that is drawn
let fetching = false;
let wanted = false;
let wake = () => {};
let asking = new AbortController(); // ends the request that is in progress

export function addBoard(mode, draw) {
  boards.set(mode, draw);
}

export function refresh() {
  wanted = true;
  if (!fetching) fetchWanted();
}

async function fetchWanted() {
  fetching = true;
  try {
    while (wanted) {
      wanted = false;
      await fetchOne(view.mode, view.step);
      await rest(SLOW[view.mode] ?? (view.followsNewest ? CALM : PAUSE));
    }
  } finally {
    fetching = false;
  }
}

function rest(milliseconds) {
  return new Promise((resolve) => {
    wake = resolve;
    setTimeout(resolve, milliseconds);
  });
}

async function fetchOne(mode, step) {
  const draw = boards.get(mode);
  if (!draw) return;
  const { signal } = (asking = new AbortController());
  try {
    const board = await askJson(`/api/mode/${mode}?step=${step}${view.options[mode] ?? ""}`, { signal });
    if (view.mode !== mode) return;
    await show(mode, board, draw);
    if (board.complete === false) wanted = true; // the server continues where it stopped
  } catch (error) {
    if (signal.aborted) return;
    // If the server is away, the status says so, and the board comes when it is back.
    if (!(error instanceof Wrong || error instanceof Refused || error instanceof TypeError)) throw error;
  }
}

async function show(mode, { id, steps, complete, ...board }, draw) {
  showBehind(mode, complete === false);
  const text = JSON.stringify(board);
  if (shown.get(mode) === text) return;
  shown.clear(); // the other modes are drawn when they are opened
  shown.set(mode, text);
  await draw(board, one(`#${mode} .board`));
}

// Says that a board lacks something. A screen reader is told once.
function showBehind(mode, isBehind) {
  const section = one(`#${mode}`);
  const note = one(".behind", section);
  if (isBehind && !note) one(".lead", section).after(element("p", { class: "note behind", role: "status" }, BEHIND));
  if (!isBehind) note?.remove();
}

on("step", refresh);
// A board can take the server half a minute: the one of another mode does not wait for it.
on("mode", () => {
  asking.abort();
  wake();
  refresh();
});
on("changed", refresh);
