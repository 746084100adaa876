// Full transcript: the story in plain text, around the selected step.

import { addBoard } from "./boards.js";
import { one } from "./dom.js";
import { element, stepLink } from "./elements.js";

function draw(board, place) {
  const more = (count, where) =>
    count ? element("p", { class: "note" }, `${count} ${count === 1 ? "request" : "requests"} ${where}: choose a step there to read of it.`) : null;
  place.replaceChildren(element("div", { class: "story" },
    element("p", {}, board.opening),
    more(board.before, "before"),
    ...board.paragraphs.map(paragraph),
    more(board.after, "after")));
  one("p.now", place)?.scrollIntoView({ block: "nearest", behavior: "instant" });
}

function paragraph({ number, text, here, steps }) {
  if (!number) return element("p", { class: "remark" }, text);
  return element("p", { class: `paragraph${here ? " now" : ""}`, "aria-current": here ? "step" : null },
    element("span", {}, text), ...(steps.length ? [" ", stepLink(steps[0].label, "in the table")] : []));
}

addBoard("transcript", draw);
