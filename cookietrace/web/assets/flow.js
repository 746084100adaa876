// Concept flow: the drawing of the selected step, and its seven stages in words.
//
// Board: { step, label, action, kind, unsure, stages: [{ number, title, lit, lines, stays }],
//   lead, drawing, jar: [text], lanes: [{ host, lit, requests }] }

import { addBoard } from "./boards.js";
import { one } from "./dom.js";
import { drawStep } from "./drawing.js";
import { element } from "./elements.js";

function draw(board, place) {
  place.hidden = false;
  drawStep(
    one("svg.drawing", place),
    board.drawing,
    { client: "Client", ...board.drawing, lead: board.lead, jar: board.jar },
    board,
  );
  const classes = ["picture", board.kind, board.unsure ? "unsure" : ""].join(" ");
  one(".words", place).replaceChildren(
    element("div", { class: classes },
      element("h3", {}, element("span", { class: "step" }, `Step ${board.label}`), ` ${board.action}`),
      element("ol", { class: "stages" }, ...board.stages.map(stage))),
    ...(board.lanes.length > 1 ? [lanes(board.lanes)] : []),
  );
}

function stage({ number, title, lit, lines, stays }) {
  const words = lines.flatMap((line, index) => (index ? [element("br"), line] : [line]));
  return element("li", { class: lit ? "" : "off", value: number }, title,
    element("p", {}, ...words),
    ...stays.map((line) => element("p", { class: "stays" }, line)));
}

const lanes = (hosts) =>
  element("p", { class: "lanes" }, "Requests so far: ",
    ...hosts.flatMap(({ host, lit, requests }) =>
      [element("span", { class: lit ? "lit" : "" }, `${host} `, element("b", {}, String(requests))), " "]));

addBoard("flow", draw);
