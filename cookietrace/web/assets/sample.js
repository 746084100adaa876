// Execution sample: the code that handled the request, line by line.

import { addBoard, refresh } from "./boards.js";
import { element } from "./elements.js";
import { on } from "./news.js";
import { view } from "./view.js";

const TAGS = { keyword: "b", string: "i", comment: "em" };
let moment = null; // null is the end
let moments = 0;

function draw({ label, sample: board }, place) {
  if (!board) return place.replaceChildren(element("p", { class: "empty" }, "No code to show yet."));
  moment = view.options.sample ? board.moment : null;
  moments = board.moments;
  place.replaceChildren(element("div", { class: "listing" },
    element("h3", {}, element("code", {}, board.title), " ", element("span", { class: "step" }, `step ${label}`)),
    ...board.notices.map((text) => element("p", { class: "note" }, text)),
    ...(board.advice.length ? [element("pre", { class: "advice", tabindex: 0, "aria-label": "Code to add" }, board.advice.join("\n"))] : []),
    ...(board.lines.length ? [code(board)] : []),
    ...(moments ? [slider(board)] : []),
    ...(board.elsewhere.length
      ? [element("ul", { class: "elsewhere" }, ...board.elsewhere.map((text) => element("li", {}, text)))]
      : []),
  ));
}

function code(board) {
  const lines = board.lines.map((line) =>
    element("li", { class: `${line.ran ? "ran" : "idle"}${line.current ? " current" : ""}`, "aria-current": line.current ? "true" : null },
      element("code", {}, ...line.pieces.map(([kind, text]) => (TAGS[kind] ? element(TAGS[kind], {}, text) : text))),
      ...line.values.flatMap((text) => [" ", element("span", { class: "value" }, text)]),
      ...line.actions.flatMap(({ text }) => [" ", element("span", { class: "cookie-action" }, text)])));
  return element("ol", { class: "code", start: board.lines[0].number, tabindex: 0, "aria-label": `Source of ${board.title}` }, ...lines);
}

function slider(board) {
  const input = element("input", { type: "range", min: 0, max: moments, "aria-label": "Current line" });
  input.value = board.moment;
  input.addEventListener("input", () => goToMoment(Number(input.value)));
  const button = (by, name, text) => {
    const made = element("button", { type: "button", "aria-label": name }, text);
    made.addEventListener("click", () => moveLine(by));
    return made;
  };
  return element("div", { class: "moment" },
    button(-1, "Previous line", "‹"), input, button(1, "Next line", "›"),
    element("span", { class: "position" }, `${board.moment} of ${moments} · ${where(board)}`));
}

function where({ lines, moment: at }) {
  const current = lines.find((line) => line.current);
  if (current) return `line ${current.number}`;
  return at ? "the view has returned" : "before the first line";
}

export const moveLine = (by) => moments && goToMoment((moment ?? moments) + by);

function goToMoment(wanted) {
  moment = Math.min(Math.max(wanted, 0), moments);
  view.options.sample = `&moment=${moment}`;
  refresh();
}

on("step", ({ moved }) => {
  if (moved) view.options.sample = "";
});
addBoard("sample", draw);
