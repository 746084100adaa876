// Concept flow: the drawing of the selected step, and its seven stages in words.

import { addBoard } from "./boards.js";
import { one } from "./dom.js";
import { drawStep } from "./drawing.js";
import { element } from "./elements.js";
import { rowOf } from "./rows.js";

const BRIEF = 160; // characters of one line; the execution table has it in full

async function draw({ step, label, flow, drawing, beside_jar: jar }, place) {
  place.hidden = !flow;
  if (!flow) return;
  const { kind, unsure } = await rowOf(step);
  const lead = flow.stages.find((stage) => stage.kind === flow.lead).title;
  drawStep(one("svg.drawing", place), drawing, { client: "Client", ...drawing, lead, jar }, { kind, unsure });
  const numbered = flow.stages.map((stage, index) => ({ ...stage, number: index + 1 }));
  const told = flow.lead === "store" ? numbered.slice(5) : numbered;
  one(".words", place).replaceChildren(
    element("div", { class: `picture ${kind}${unsure ? " unsure" : ""}` },
      element("h3", {}, element("span", { class: "step" }, `Step ${label}`), ` ${flow.action}`),
      element("ol", { class: "stages" }, ...told.map((stage) => item(stage, flow.stays)))),
    ...(flow.lanes.length > 1 ? [lanes(flow.lanes)] : []),
  );
}

function item({ kind, number, title, lit, lines }, stays) {
  const words = lines.flatMap((line, index) => (index ? [element("br"), brief(line)] : [brief(line)]));
  const stay = kind === "request" ? stays : [];
  return element("li", { class: lit ? "" : "off", value: number }, title,
    element("p", {}, ...words),
    ...stay.map(({ text }) => element("p", { class: "stays" }, text)));
}

const brief = (text) => (text.length > BRIEF ? `${text.slice(0, BRIEF)}…` : text);

const lanes = (hosts) =>
  element("p", { class: "lanes" }, "Requests so far: ",
    ...hosts.flatMap(({ host, lit, requests }) =>
      [element("span", { class: lit ? "lit" : "" }, `${host} `, element("b", {}, String(requests))), " "]));

addBoard("flow", draw);
