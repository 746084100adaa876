// Cookie jar: what the clients hold at the selected step, what they lost, and what they refused.
//
// Board: { clients: [{ name, profile, selected, cookies: [{ name, state, value, sent_to, expires,
//   attributes, life, marks: [[mark, sign]] }], gone: [text], refused: [{ raw, host, label, sentence,
//   section, fix }], refused_count }] }

import { addBoard } from "./boards.js";
import { element, sign, stepLink } from "./elements.js";

const HEADINGS = ["Name", "Value", "Sent to", "Expires", "Attributes", "Life"];
const cell = (text) => element("td", { role: "cell" }, text);

function draw(board, place) {
  if (!board.clients.length)
    return place.replaceChildren(element("p", { class: "empty" }, "No jar yet: no client has sent a request."));
  place.replaceChildren(...board.clients.map(client));
}

const client = (jar) =>
  element("section", { class: `client-jar${jar.selected ? " selected" : ""}` },
    element("h3", {}, jar.name, " ", element("span", { class: "step" }, `cookie rules: ${jar.profile}`)),
    jar.cookies.length ? held(jar) : element("p", { class: "empty-jar" }, "The jar is empty at this step."),
    jar.gone.length ? gone(jar.gone) : null,
    jar.refused.length ? refused(jar) : null);

function held({ name, cookies }) {
  const headings = HEADINGS.map((heading) => element("th", { scope: "col", role: "columnheader" }, heading));
  return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `${name}, scrolls sideways` },
    element("table", { class: "jar cards", role: "table" },
      element("caption", { class: "aside" }, `${name}: cookies in the jar`),
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...headings)),
      element("tbody", { role: "rowgroup" }, ...cookies.map(cookieRow))));
}

const cookieRow = (cookie) =>
  element("tr", { role: "row" },
    element("th", { scope: "row", role: "rowheader" }, cookie.name,
      ...cookie.marks.flatMap(([mark, text]) => [" ", sign(mark, text), element("span", { class: "aside" }, mark)]),
      cookie.state ? element("span", { class: "state" }, ` ${cookie.state}`) : null),
    cell(cookie.value), cell(cookie.sent_to), cell(cookie.expires), cell(cookie.attributes),
    element("td", { role: "cell" }, element("span", { class: "life-text" }, cookie.life)));

const gone = (lines) =>
  element("div", { class: "gone" }, element("h4", {}, "No longer in the jar"),
    element("ul", {}, ...lines.map((line) => element("li", {}, line))));

function refused({ refused: rows, refused_count: count }) {
  const item = (row) =>
    element("li", {},
      element("p", {}, element("code", {}, row.raw), ` from ${row.host}`,
        ...(row.label ? [", ", stepLink(row.label, `step ${row.label}`)] : [])),
      element("p", {}, row.sentence, row.section ? element("span", { class: "section" }, ` ${row.section}`) : null),
      row.fix ? element("p", { class: "advice-line" }, row.fix) : null);
  return element("details", { class: "refused", open: true },
    element("summary", {}, count > rows.length ? `Refused Set-Cookie headers: the latest ${rows.length} of ${count}` : "Refused Set-Cookie headers"),
    element("ul", {}, ...rows.map(item)));
}

addBoard("jar", draw);
