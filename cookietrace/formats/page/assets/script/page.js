// The state of the page, and what it shows at the selected step. "1-3 5" are ranges of steps.

const data = JSON.parse(one("#data").textContent);
const last = data.steps;
const labels = data.labels;
const numbers = labels.map((label) => parseInt(label, 10));
const modes = all("main > section").map((section) => section.id);
let [mode, step] = data.opens;
let playing = 0;
let predicting = false;

const ranges = (text) => text.split(" ").map((run) => run.split("-").map(Number));
const within = (at, number) =>
  at.some(([first, end]) => first <= number && number <= (end ?? first));
const withRanges = (name) =>
  all(`[data-${name}]`).map((element) => [element, ranges(element.dataset[name])]);

const stepParts = withRanges("at");
const paragraphs = withRanges("covers");
const rows = all("table.steps tbody tr[id]");
const lifelines = all("svg.life").map((life) => {
  const line = document.createElementNS(life.namespaceURI, "path");
  line.setAttribute("class", "here");
  line.setAttribute("d", "M5 0V20");
  return life.appendChild(line);
});
const trackers = all("table.tracker tr").filter((row) => row.cells.length > 1);

function showStep() {
  for (const [element, at] of stepParts) element.hidden = !within(at, step);
  for (const [element, at] of paragraphs) mark(element, at[0][0], within(at, step));
  rows.forEach((row, index) => mark(row, index + 1, index + 1 === step));
  for (const row of trackers)
    [...row.cells].forEach((cell, index) => index && mark(cell, index - 1, index - 1 === step));
  for (const line of lifelines) line.setAttribute("transform", `translate(${step * 10 - 10})`);
  for (const jar of all(".client-jar")) {
    const held = all("tbody tr", jar);
    const empty = held.every((row) => row.hidden);
    for (const part of all(".scroll", jar)) part.hidden = empty;
    for (const part of all(".empty-jar", jar)) part.hidden = !empty;
    for (const list of all(".gone, .refused", jar))
      list.hidden = all("li", list).every((line) => line.hidden);
  }
  one(".bar .where").textContent = `Step ${labels[step - 1]} of ${Math.max(...numbers)}`;
  one(".bar .action").textContent = rows[step - 1].cells[1].firstElementChild.textContent;
  one(".bar .why").textContent = one(".why", rows[step - 1])?.textContent ?? "";
  one("#slider").value = step;
  one("#goto").value = numbers[step - 1];
  showPanel();
  showProblem();
  hideLaterSteps();
  draw();
  showSnapshot();
  all(".listing[data-moments]").forEach(showMoment);
  scrollToStep();
}

function mark(element, number, now) {
  element.classList.toggle("now", now);
  element.classList.toggle("later", number > step && !now);
  if (now) element.setAttribute("aria-current", "step");
  else element.removeAttribute("aria-current");
}

// On a phone, nothing at the top shows that the page opens on a later step.
const opensAtStep = () =>
  step > 1 && !one(".intro") && matchMedia("(max-width: 45rem)").matches;

// Scroll the selected row, paragraph or column into view.
function scrollToStep() {
  if (!opened && !opensAtStep()) return;
  const found = { table: "tr.now", transcript: "p.now" }[mode];
  const element = found && one(`#${mode} ${found}`);
  for (const part of [mode === "table" && panel, element])
    if (part) part.scrollIntoView({ block: "nearest" });
  const column = mode === "tracker" && one(".tracker thead .now");
  if (column) {
    const box = column.closest(".scroll");
    const names = column.parentElement.cells[0].offsetWidth; // this column never scrolls
    const free = box.clientWidth - names - column.offsetWidth;
    box.scrollLeft = column.offsetLeft - names - Math.max(free, 0) / 2;
  }
}
