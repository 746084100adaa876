// Concept snapshot: what the trace has shown up to the selected step.

import { addBoard } from "./boards.js";
import { element, stepLink } from "./elements.js";

function draw(board, place) {
  if (!board.lines.length)
    return place.replaceChildren(element("p", { class: "empty" }, "Nothing to show yet."));
  place.replaceChildren(element("ul", { class: "snapshot" }, ...board.lines.map(line)));
}

const line = ({ count, text, first: { label }, latest: { label: latest } }) =>
  element("li", {},
    element("span", { class: "times", "aria-hidden": "true" }, `${count}×`),
    element("span", {},
      element("span", { class: "line" }, text), " ",
      element("span", { class: "links" }, "First in step ", stepLink(label),
        latest === label ? null : element("span", { class: "latest" }, " · last in step ", stepLink(latest)))));

addBoard("snapshot", draw);
