// The verdict on the selected step: beside the table, or below its row where there is no room.

import { addBoard } from "./boards.js";
import { one } from "./dom.js";
import { element, sign } from "./elements.js";
import { on } from "./news.js";
import { rowAt } from "./rows.js";
import { view } from "./view.js";

const panel = one(".beside > .panel");
const FIX = "→ ";
let browsersOpen = false;

// One section: its title if it has one, and its lines.
export function sectionParts(section, { titled = true, inBrief = false } = {}) {
  const lines = section.lines.filter((line) => !(inBrief && line.indent)).map((line) => {
    if (line.text.startsWith(FIX)) return element("p", { class: "advice-line" }, line.text.slice(FIX.length));
    return element("p", { class: line.indent ? "more" : "" },
      line.mark && sign(line.mark, line.sign), line.mark && " ", line.text);
  });
  const title = titled && element("p", { class: "said-title" },
    section.mark && sign(section.mark, section.sign), section.mark && " ", section.title);
  return [title || null, element("div", { class: `said ${section.mark || "plain"} weight-${section.weight}` }, ...lines)].filter(Boolean);
}

export const verdictOf = (row) => row.verdict.flatMap((section) => sectionParts(section));

// At once what the row says, then all that there is to say.
function showRow() {
  const row = rowAt(view.step);
  panel.hidden = !row;
  if (!row) return;
  one(".number", panel).textContent = `Step ${row.label}`;
  if (panel.dataset.step === String(row.step)) return;
  one(".copy", panel).replaceChildren(...verdictOf(row));
}

// What differs between browsers: a cell for each. It is open if the user opened it before.
function browsersPart(browsers) {
  if (!browsers.length) return [];
  const summary = element("summary", {}, `Browsers differ (${browsers.length})`);
  const parts = browsers.flatMap(({ title, cells }) => [
    element("p", {}, title),
    element("ul", {}, ...cells.map(({ who, what, why, basis, tone }) => element("li", { class: tone },
      element("b", {}, who), element("span", {}, what),
      why ? element("small", { class: "why" }, why) : null, basis ? element("small", {}, basis) : null))),
  ]);
  const details = element("details", { class: "four", open: browsersOpen }, summary, ...parts);
  details.addEventListener("toggle", () => { browsersOpen = details.open; });
  return [details];
}

function showAll({ step, label, sections, browsers }) {
  one(".number", panel).textContent = `Step ${label}`;
  const [verdict = [], ...others] = sections.map((section) => sectionParts(section));
  one(".copy", panel).replaceChildren(...verdict, ...browsersPart(browsers), ...others.flat());
  panel.dataset.step = step;
}

on("step", showRow);
on("rows", (rows) => rows.some((row) => row.step === view.step) && showRow());
addBoard("table", showAll);
