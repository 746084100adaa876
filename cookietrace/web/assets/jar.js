// Cookie jar: what a client holds at the selected step, what it lost, and what it refused.

import { addBoard, refresh } from "./boards.js";
import { element, sign, signs, stepLink } from "./elements.js";
import { view } from "./view.js";

const opened = new Set(); // the lives that the user has opened
const HEADINGS = ["Name", "Value", "Sent to", "Expires", "Attributes", "Life"];

function draw({ clients, client }, place) {
  if (!client)
    return place.replaceChildren(element("p", { class: "empty" }, "No jar yet: no client has sent a request."));
  place.replaceChildren(
    ...(clients.length > 1 ? [choice(clients, client)] : []),
    element("section", { class: "client-jar" },
      element("h3", {}, client.name, " ", element("span", { class: "step" }, `cookie rules: ${client.profile}`)),
      client.cookies.length ? held(client) : empty(client.empty),
      client.gone.length ? gone(client.gone) : null,
      client.refused.length ? refused(client) : null));
}

// Which client: that of the step, or always the same one.
function choice(clients, client) {
  const list = element("select", {},
    element("option", { value: "" }, "the client of the step"),
    ...clients.map(({ id, name }) => element("option", { value: id }, name)));
  const pinned = new URLSearchParams(view.options.jar).get("client") ?? "";
  list.value = pinned && pinned === client.id ? pinned : "";
  list.addEventListener("change", () => {
    view.options.jar = list.value && `&${new URLSearchParams({ client: list.value })}`;
    refresh();
  });
  return element("p", { class: "options" }, element("label", {}, "Jar of ", list));
}

const empty = (section) =>
  element("div", { class: "empty-jar" }, ...section.lines.map(({ text }) => element("p", {}, text)));

function held({ name, cookies, cookies_count: count }) {
  const some = count > cookies.length ? `: ${cookies.length} of ${count}, with those of this step` : "";
  const headings = HEADINGS.map((heading) => element("th", { scope: "col", role: "columnheader" }, heading));
  return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `${name}, scrolls sideways` },
    element("table", { class: "jar cards", role: "table" },
      element("caption", { class: "aside" }, `${name}: cookies in the jar${some}`),
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...headings)),
      element("tbody", { role: "rowgroup" }, ...cookies.map(cookieRow))));
}

function cookieRow(cookie) {
  const cell = (...parts) => element("td", { role: "cell" }, ...parts);
  const attributes = [
    cookie.secure && "Secure",
    cookie.http_only && "HttpOnly",
    `SameSite ${cookie.same_site}`,
    cookie.partition && `partition ${cookie.partition}`,
  ];
  return element("tr", { role: "row" },
    element("th", { scope: "row", role: "rowheader" }, cookie.name, ...signs(cookie.signs),
      cookie.state ? element("span", { class: "state" }, ` ${cookie.state}`) : null),
    cell(cookie.value), cell(`${cookie.domain}${cookie.path}`), cell(cookie.expires),
    cell(attributes.filter(Boolean).join(" · ")), cell(...life(cookie)));
}

// The cookie's life as a line of signs, for the eye; then in words, the events on demand.
function life({ name, domain, path, line, life: { lines } }) {
  const [, inBrief, ...events] = lines;
  const key = JSON.stringify([name, domain, path]);
  const details = element("details", { open: opened.has(key) },
    element("summary", { class: "life-text" }, inBrief.text),
    element("ul", {}, ...events.map((event) =>
      element("li", { class: event.indent ? "more" : "" }, event.mark && sign(event.mark, event.sign), event.mark && " ", event.text))));
  details.addEventListener("toggle", () => (details.open ? opened.add(key) : opened.delete(key)));
  return [
    element("span", { class: "life-line", "aria-hidden": "true" },
      ...line.map(({ mark, text }) => element("span", { class: mark }, text))),
    events.length ? details : element("span", { class: "life-text" }, inBrief.text),
  ];
}

const gone = (cookies) =>
  element("div", { class: "gone" }, element("h4", {}, "No longer in the jar"),
    element("ul", {}, ...cookies.map(({ name, value, domain, path, how, where }) =>
      element("li", {}, element("code", {}, name), ` (${value}) for ${domain}${path}: ${how} in ${where}`))));

function refused({ refused: rows, refused_count: count }) {
  const item = (row) =>
    element("li", {},
      element("p", {}, sign(row.mark, row.sign), " ", element("code", {}, `${row.name}=${row.value}`), ` from ${row.host}, `,
        row.step ? stepLink(row.label, row.where) : row.where),
      element("p", {}, row.sentence, row.section ? element("span", { class: "section" }, ` ${row.section}`) : null),
      row.fix ? element("p", { class: "advice-line" }, row.fix) : null);
  const some = count > rows.length ? `: the latest ${rows.length} of ${count}` : "";
  return element("details", { class: "refused", open: true },
    element("summary", {}, `Refused Set-Cookie headers${some}`),
    element("ul", {}, ...rows.map(item)));
}

addBoard("jar", draw);
