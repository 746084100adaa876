// Key moments: questions about this trace, each answered from its steps.

import { addBoard } from "./boards.js";
import { element, stepLink } from "./elements.js";

function draw(board, place) {
  if (!board.moments.length)
    return place.replaceChildren(
      element("p", { class: "empty" }, "No key moments yet. They appear once a cookie is set, sent or refused."));
  const { moments, moments_count: count } = board;
  place.replaceChildren(
    ...(count > moments.length ? [element("p", { class: "aside" }, `The latest ${moments.length} of ${count}.`)] : []),
    ...moments.map(card));
}

const card = ({ question, answer, advice, steps, count }) =>
  element("article", { class: "card moment-card" },
    element("h3", {}, question),
    element("p", {}, answer),
    advice ? element("p", { class: "advice-line" }, advice) : null,
    element("p", { class: "links" },
      steps.length === 1 ? "See step " : "See steps ",
      ...steps.flatMap(({ label }) => [stepLink(label), " "]),
      count > 1 ? element("span", { class: "count" }, `happened ${count} times`) : null));

addBoard("moments", draw);
