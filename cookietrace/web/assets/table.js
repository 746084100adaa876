// The execution table. Only rows near the screen are in the document, however many there are.

import { one, root } from "./dom.js";
import { breakable, element, signs } from "./elements.js";
import { Heights } from "./heights.js";
import { goTo, setFollowing } from "./navigation.js";
import { on } from "./news.js";
import { verdictOf } from "./panel.js";
import { rowAt, wantRows } from "./rows.js";
import { story, view } from "./view.js";

const MOST = 50_000; // rows in the table at once: a browser draws nothing that is much higher
const AROUND = 700; // pixels above and below the screen that have rows, too
const LATE = 500; // rows that may be on their way
const NEAR = 20; // rows above and below one that is gone to
const GAP = 16; // pixels between the last row and the bar
const COVERED = 60; // pixels at the top that the modes and the headings take
const PRINTED = 500; // rows
const WISH = 1000; // milliseconds after a turn of the wheel in which scrolling is the user's wish

const table = one("table.steps");
const body = one("tbody.rows", table);
const above = one("tbody.above td", table);
const below = one("tbody.below td", table);
const newest = one("#newest");
const bar = one(".bar");
const heights = new Heights(MOST, 60);
const drawn = new Map(); // the rows in the document: step -> { row, element }
const roomBeside = matchMedia("(min-width: 62rem)");

let base = 0; // the steps before the first one in the table
let lastY = 0;
let sticks = false; // to the end: the user is there
let seen = 0; // the newest step that was on the screen
let reaching = 0; // the step that is to be on the screen once its row is there
let width = 0;
let planned = false;
let moved = -Infinity; // when the user last scrolled

const isShown = () => view.mode === "table" && story.steps > 0;
// How far the end of the table is below the place where it stands just above the bar.
const belowEnd = () => below.getBoundingClientRect().bottom - (bar.getBoundingClientRect().top - GAP);
const atEnd = () => belowEnd() < 2 * GAP;
const isBelow = () => !roomBeside.matches || root.classList.contains("large");

// Draws before the next frame, once for all that happened.
export function drawSoon() {
  if (planned) return;
  planned = true;
  requestAnimationFrame(() => {
    planned = false;
    draw();
  });
  if (document.hidden) setTimeout(() => planned && ((planned = false), draw()), 250);
}

function draw() {
  if (!isShown()) return showNewest();
  if (table.clientWidth !== width) {
    width = table.clientWidth;
    heights.clear();
  }
  shiftBase();
  heights.count = Math.min(MOST, (sticks && !reaching ? newestFetched() : story.steps) - base);
  table.setAttribute("aria-rowcount", story.steps + 1);
  if (reaching) {
    sticks = false; // a late scroll event may have set it
    reach();
  }
  if (sticks && !reaching) showEnd();
  else keepInPlace(fill);
  if (atEnd()) sticks = true;
  showNewest();
}

// Draws the rows near the screen.
function fill() {
  const start = above.getBoundingClientRect().top;
  const first = heights.at(Math.max(0, -start - AROUND));
  put(first, heights.at(window.innerHeight - start + AROUND));
}

// At the end of the table, rows are drawn once they are there.
function newestFetched() {
  const least = Math.max(base, story.steps - LATE);
  let last = story.steps;
  while (last > least && !rowAt(last)) last -= 1;
  return last > least ? last : story.steps;
}

function showEnd() {
  const first = heights.at(heights.top(heights.count) - window.innerHeight - AROUND);
  wantRows(base + first + 1, story.steps);
  put(first, heights.count - 1);
  scrollTo(window.scrollY + belowEnd());
}

function put(first, last) {
  if (!sticks || reaching) wantRows(base + first + 1, base + last + 1);
  const focused = document.activeElement?.closest?.("tr[aria-rowindex]");
  for (const [step, own] of drawn) {
    if (step > base + first && step <= base + last + 1) continue;
    if (own.element === focused) one("#table .scroll").focus({ preventScroll: true });
    own.element.remove();
    own.told?.remove();
    drawn.delete(step);
  }
  const parts = [];
  for (let step = base + first + 1; step <= base + last + 1; step += 1) {
    const own = drawnRow(step);
    parts.push(own.element, ...(own.told ? [own.told] : []));
  }
  let next = body.firstElementChild;
  for (const part of parts) {
    if (part === next) next = next.nextElementSibling;
    else body.insertBefore(part, next);
  }
  above.style.height = `${heights.top(first)}px`;
  measure(base + first + 1, base + last + 1);
  above.style.height = `${heights.top(first)}px`;
  below.style.height = `${heights.top(heights.count) - heights.top(last + 1)}px`;
}

// A row is as high as the next one is below it, whatever is between them.
function measure(first, last) {
  let top = drawn.get(first)?.element.getBoundingClientRect().top;
  for (let step = first; step <= last; step += 1) {
    const next = drawn.get(step + 1)?.element ?? below;
    const end = next.getBoundingClientRect().top;
    if (drawn.get(step).row && end > top) heights.set(step - base - 1, end - top);
    top = end;
  }
}

function drawnRow(step) {
  const row = rowAt(step);
  const own = drawn.get(step);
  const now = step === view.step;
  if (own && (own.row === row || !row)) {
    markRow(own, step, now);
    return own;
  }
  const made = { row, element: row ? rowElement(row) : placeholder(step), told: null };
  if (own) {
    own.element.replaceWith(made.element);
    own.told?.remove();
  }
  drawn.set(step, made);
  markRow(made, step, now);
  return made;
}

function markRow(own, step, now) {
  own.element.classList.toggle("now", now);
  own.element.classList.toggle("later", step > view.step && !now);
  if (now) own.element.setAttribute("aria-current", "step");
  else own.element.removeAttribute("aria-current");
  if (now && own.row && isBelow()) {
    const told = own.told ?? element("tr", { class: "told here", role: "row", "aria-rowindex": step + 1 });
    const said = element("div", { class: "panel" }, ...verdictOf(own.row));
    told.replaceChildren(element("td", { colspan: 6, role: "cell" }, said));
    told.hidden = !said.hasChildNodes();
    own.told = told;
  } else {
    own.told?.remove();
    own.told = null;
  }
}

function rowElement(row) {
  const classes = [row.kind, row.unsure && "unsure", row.problem?.mark].filter(Boolean).join(" ");
  const [, action, ...cells] = row.cells;
  const marks = signs(row.signs);
  return element(
    "tr",
    { class: classes, role: "row", "aria-rowindex": row.step + 1, "data-step": row.step },
    element("th", { scope: "row", role: "rowheader" }, element("a", { href: `#table-${row.label}` }, row.label)),
    element("td", { role: "cell" },
      element("span", { class: "action" }, breakable(action)),
      ...marks,
      row.problem && element("p", { class: "why" }, row.problem.text)),
    ...cells.map((cell) => element("td", { role: "cell" }, breakable(cell))),
  );
}

function placeholder(step) {
  const wait = element("tr", { class: "waiting", role: "row", "aria-rowindex": step + 1 },
    element("th", { scope: "row", role: "rowheader" }, "…"),
    ...story.headings.slice(1).map(() => element("td", { role: "cell" })));
  return wait;
}

// What the user looks at: the selected row if it is on the screen, or else the first row there.
function anchor() {
  const isVisible = (box) => box.bottom > COVERED && box.top < window.innerHeight;
  const selected = drawn.get(view.step)?.element;
  if (selected && isVisible(selected.getBoundingClientRect())) return view.step;
  for (const row of body.children) {
    const step = Number(row.dataset.step);
    if (step && isVisible(row.getBoundingClientRect())) return step;
  }
  return 0;
}

// Applies a change, after which the row that the user looks at is where it was.
export function keepInPlace(change) {
  const step = isShown() && window.scrollY > 0 ? anchor() : 0;
  const before = step && drawn.get(step).element.getBoundingClientRect().top;
  change();
  const after = step && drawn.get(step)?.element.isConnected && drawn.get(step).element.getBoundingClientRect().top;
  if (step && after !== false && after !== before) scrollTo(window.scrollY + after - before);
}

function scrollTo(y) {
  window.scrollTo({ top: y, behavior: "instant" });
  lastY = window.scrollY;
}

// Brings a row to the screen that may not be in the document yet.
function reach() {
  const place = reaching - base - 1;
  put(Math.max(0, place - NEAR), Math.min(heights.count - 1, place + NEAR));
  const own = drawn.get(reaching);
  own.element.scrollIntoView({ block: "nearest", behavior: "instant" });
  own.told?.scrollIntoView({ block: "nearest", behavior: "instant" });
  own.element.scrollIntoView({ block: "nearest", behavior: "instant" });
  lastY = window.scrollY;
  if (own.row) reaching = 0;
}

// Keeps the table to the rows around the selected one, where there are very many.
function shiftBase() {
  const most = Math.max(0, story.steps - MOST);
  let wanted = Math.min(base, most);
  const goal = reaching || (sticks ? story.steps : 0);
  if (goal > base + MOST || (sticks && story.steps > base + MOST))
    wanted = Math.min(most + MOST / 10, Math.max(0, goal - MOST / 2));
  if (goal && goal <= base) wanted = Math.max(0, goal - MOST / 2);
  wanted = Math.max(0, Math.floor(wanted));
  if (wanted === base) return;
  base = wanted;
  heights.clear();
  body.replaceChildren();
  drawn.clear();
}

function showNewest() {
  if (isShown() && sticks) seen = story.steps;
  if (!isShown() && view.step === story.steps) seen = story.steps;
  const fresh = story.steps - seen;
  newest.hidden = !fresh || view.followsNewest;
  if (!newest.hidden) one("span", newest).textContent = `${fresh.toLocaleString("en")} new ${fresh === 1 ? "step" : "steps"}`;
}

window.addEventListener("scroll", () => {
  const y = window.scrollY;
  if (!isShown()) {
    lastY = y;
    return;
  }
  const wished = performance.now() - moved < WISH;
  if (y < lastY - 1 && !atEnd() && (wished || !planned)) {
    sticks = false;
    setFollowing(false);
  } else if (atEnd() && !reaching) sticks = true;
  lastY = y;
  drawSoon();
}, { passive: true });

// Browsers scroll by themselves, too. This is the user's doing.
function noteMove() {
  moved = performance.now();
  reaching = 0;
}

for (const event of ["wheel", "touchmove"]) window.addEventListener(event, noteMove, { passive: true });
window.addEventListener("keydown", (event) => {
  if (["ArrowUp", "ArrowDown", "PageUp", "PageDown"].includes(event.key)) noteMove();
});

window.addEventListener("resize", drawSoon);
roomBeside.addEventListener("change", drawSoon);

body.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-step]");
  if (!row || String(getSelection())) return;
  if (event.target.closest("a")) event.preventDefault();
  goTo(Number(row.dataset.step));
});

window.addEventListener("beforeprint", () => {
  const first = Math.max(base + 1, view.step - PRINTED / 2);
  let end = first;
  while (end < first + PRINTED && end < base + heights.count && rowAt(end + 1)) end += 1;
  if (isShown() && rowAt(first)) put(first - base - 1, end - base - 1);
});
window.addEventListener("afterprint", drawSoon);

on("rows", drawSoon);
on("steps", drawSoon);
on("size", drawSoon);
on("following", (follows) => {
  if (follows) sticks = true;
  showNewest();
});
on("mode", () => {
  if (!isShown()) return;
  if (window.scrollY) reaching = view.step;
  drawSoon();
});
on("step", ({ by, moved: other }) => {
  if (by === "newest") {
    sticks = true;
    reaching = 0;
  } else if (by !== "opening" && (other || by === "user")) {
    reaching = view.step;
    if (view.step < story.steps) sticks = false;
  }
  drawSoon();
});

// The newest step when the page was opened is no news.
export const countFromHere = () => (seen = story.steps);
