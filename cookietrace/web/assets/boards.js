// The board of the selected mode at the selected step: fetched, drawn, and kept up to date.

import { one } from "./dom.js";
import { on } from "./news.js";
import { askJson, Refused, Wrong } from "./server.js";
import { view } from "./view.js";

const PAUSE = 80; // milliseconds between two boards
const CALM = 250; // and while each is of another step, with the newest
const boards = new Map(); // a mode -> how it is drawn: (board, place) => nothing
const shown = new Map(); // a mode -> the text of the board that is drawn
let fetching = false;
let wanted = false;

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
      await new Promise((resolve) => setTimeout(resolve, view.followsNewest ? CALM : PAUSE));
    }
  } finally {
    fetching = false;
  }
}

async function fetchOne(mode, step) {
  const draw = boards.get(mode);
  if (!draw) return;
  try {
    const board = await askJson(`/api/mode/${mode}?step=${step}${view.options[mode] ?? ""}`);
    if (view.mode === mode) await show(mode, board, draw);
  } catch (error) {
    // If the server is away, the status says so, and the board comes when it is back.
    if (!(error instanceof Wrong || error instanceof Refused || error instanceof TypeError)) throw error;
  }
}

async function show(mode, { id, steps, ...board }, draw) {
  const text = JSON.stringify(board);
  if (shown.get(mode) === text) return;
  shown.clear(); // the other modes are drawn when they are opened
  shown.set(mode, text);
  await draw(board, one(`#${mode} .board`));
}

on("step", refresh);
on("mode", refresh);
on("changed", refresh);
