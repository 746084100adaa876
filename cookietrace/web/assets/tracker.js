// Variable tracker: one row per variable, and a column for each step up to the selected one.

import { addBoard, refresh } from "./boards.js";
import { one } from "./dom.js";
import { element } from "./elements.js";
import { goTo } from "./navigation.js";
import { view } from "./view.js";

let onlyChanges = false;

function draw(board, place) {
  const [locals, jar] = [board.rows.filter((row) => !row.jar), board.rows.filter((row) => row.jar)];
  const heading = ({ step, heading }) => {
    const now = step === board.step;
    return element("th", { scope: "col", class: classOf(step, board), "aria-current": now ? "step" : null, "data-step": step }, heading);
  };
  const row = ({ name, cells, changed }) =>
    element("tr", {}, element("th", { scope: "row" }, name),
      ...cells.map((text, index) => {
        const { step } = board.columns[index];
        return element("td", { class: `${changed[index] ? "changed " : ""}${classOf(step, board)}`, "aria-current": step === board.step ? "step" : null }, text);
      }));
  const group = element("tr", { class: "group" },
    element("th", { scope: "colgroup", colspan: board.columns.length + 1 }, element("span", {}, "Cookies in the jar")));
  const table = element("table", { class: "tracker" },
    element("caption", { class: "aside" }, "The value of each variable after each step"),
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Variable"), ...board.columns.map(heading))),
    element("tbody", {}, ...locals.map(row)),
    jar.length ? element("tbody", {}, group, ...jar.map(row)) : null);
  const scroll = element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Variable tracker, scrolls sideways" }, table);
  place.replaceChildren(options(), scroll, ...notes(board));
  table.tHead.addEventListener("click", (event) => {
    const step = Number(event.target.closest("[data-step]")?.dataset.step);
    if (step) goTo(step);
  });
  centre(scroll);
}

const classOf = (step, board) => (step === board.step ? "now" : "");

function options() {
  const box = element("input", { type: "checkbox" });
  box.checked = onlyChanges;
  box.addEventListener("change", () => {
    onlyChanges = box.checked;
    view.options.tracker = onlyChanges ? "&changes=1" : "";
    refresh();
  });
  return element("p", { class: "options" }, element("label", {}, box, " Only steps that change something"));
}

function notes(board) {
  const notes = [];
  if (board.before)
    notes.push(`${board.before} earlier ${board.before === 1 ? "step is" : "steps are"} not shown: choose one of them to see it.`);
  if (board.left_out)
    notes.push(`${board.left_out} more ${board.left_out === 1 ? "variable is" : "variables are"} left out.`);
  return notes.map((text) => element("p", { class: "note" }, text));
}

// The selected column in the middle of what is free beside the names.
function centre(scroll) {
  const column = one("thead .now", scroll);
  if (!column) return;
  const names = column.parentElement.cells[0].offsetWidth;
  const free = scroll.clientWidth - names - column.offsetWidth;
  scroll.scrollLeft = column.offsetLeft - names - Math.max(free, 0) / 2;
}

addBoard("tracker", draw);
