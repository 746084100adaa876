// Full transcript: the story in plain text, around the selected step.
//
// Board: { opening, paragraphs: [{ text, label, now, note }], earlier, later }

import { addBoard } from "./boards.js";
import { one } from "./dom.js";
import { element, stepLink } from "./elements.js";

function draw(board, place) {
  const more = (count, where) =>
    count ? element("p", { class: "note" }, `${count} ${count === 1 ? "paragraph" : "paragraphs"} ${where}. Choose a step there to read them.`) : null;
  place.replaceChildren(element("div", { class: "story" },
    element("p", {}, board.opening),
    more(board.earlier, "before"),
    ...board.paragraphs.map(paragraph),
    more(board.later, "after")));
  one("p.now", place)?.scrollIntoView({ block: "nearest", behavior: "instant" });
}

function paragraph({ text, label, now, later, note }) {
  if (note) return element("p", { class: "remark" }, text);
  return element("p", { class: `paragraph${now ? " now" : ""}${later ? " later" : ""}`, "aria-current": now ? "step" : null },
    element("span", {}, text), " ", stepLink(label, "in the table"));
}

addBoard("transcript", draw);
