// The verdict on the selected step: beside the table, or below its row where there is no room.

import { one } from "./dom.js";
import { element, sign } from "./elements.js";
import { on } from "./news.js";
import { rowAt } from "./rows.js";
import { view } from "./view.js";

const panel = one(".beside > .panel");
const FIX = "→ ";

// One section: its title if it has one, and its lines.
export function sectionParts(section, { titled = true, inBrief = false } = {}) {
  const lines = section.lines.filter((line) => !(inBrief && line.indent)).map((line) => {
    if (line.text.startsWith(FIX)) return element("p", { class: "advice-line" }, line.text.slice(FIX.length));
    return element("p", { class: line.indent ? "more" : "" },
      line.mark && sign(line.mark, line.sign), line.mark && " ", line.text);
  });
  const title = titled && element("p", { class: "said-title" },
    section.mark && sign(section.mark, section.sign), section.mark && " ", section.title);
  return [title || null, element("div", { class: `said ${section.mark || "plain"}` }, ...lines)].filter(Boolean);
}

export const verdictOf = (row) => row.verdict.flatMap((section) => sectionParts(section));

function show() {
  const row = rowAt(view.step);
  panel.hidden = !row;
  if (!row) return;
  one(".number", panel).textContent = `Step ${row.label}`;
  const said = verdictOf(row);
  one(".copy", panel).replaceChildren(...said);
  one(".in-words", panel).textContent = said.length ? "" : row.cells[1];
}

on("step", show);
on("rows", (rows) => rows.some((row) => row.step === view.step) && show());
