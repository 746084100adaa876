// The start: what needs a script is shown, and every control gets its work.

function begin() {
  root.classList.add("scripted");
  for (const part of all("[data-needs-script]")) part.hidden = false;
  for (const part of all(".not-with-script")) part.hidden = true;
  for (const heading of all("main h2")) heading.tabIndex = -1;
  spellOut();
  nameCells();
  setTheme(themes.includes(kept("theme")) ? kept("theme") : "auto");
  one("#theme").addEventListener("click", nextTheme);
  one("#help-button").addEventListener("click", () => one("#help").showModal());
  one("#keys-on").checked = kept("keys") !== "off";
  one("#keys-on").addEventListener("change", (event) =>
    kept("keys", event.target.checked ? "on" : "off"));
  if (questions.length) {
    one("#again").addEventListener("click", again);
    again();
  }
  for (const link of all(".modes a"))
    link.addEventListener("click", (event) => {
      event.preventDefault();
      showMode(link.dataset.mode, { focus: true });
    });
  window.addEventListener("hashchange", readAddress);
  if (last) beginStepping();
  readAddress();
}

// On a narrow screen rows are drawn as cards; they stay rows for those who listen.
function nameCells() {
  const roles = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
  for (const part of all(".cards, .cards *")) {
    const role = part.tagName === "TH" ? `${part.scope === "col" ? "column" : "row"}header` : roles[part.tagName];
    if (role) part.setAttribute("role", role);
  }
}

function beginStepping() {
  for (const button of all("[data-go]"))
    button.addEventListener("click", () => moves[button.dataset.go]());
  one("#slider").addEventListener("input", (event) => goTo(Number(event.target.value)));
  one("#goto").addEventListener("change", (event) => goTo(Number(event.target.value)));
  one("#goto").addEventListener("keydown", (event) => {
    if (event.key === "Enter") goTo(Number(event.target.value));
    if (event.key === "Enter" || event.key === "Escape") {
      event.target.value = step;
      event.target.blur();
    }
  });
  one("#speed").addEventListener("change", () => playing && (pause(), play()));
  for (const row of rows)
    row.addEventListener("click", (event) => {
      if (!event.target.closest("a") && !String(getSelection())) goTo(rows.indexOf(row) + 1);
    });
  one("#only-changes").addEventListener("change", (event) => {
    const quiet = [...trackers[0].cells].map((_, index) =>
      index > 1 && !trackers.some((row) => row.cells[index].classList.contains("changed")));
    for (const row of trackers)
      [...row.cells].forEach((cell, index) =>
        (cell.hidden = event.target.checked && quiet[index]));
  });
}

function spellOut() {
  // A sign of repetition saves room in the file; here is room for what it repeats. A value
  // that happens to look like the sign has an empty element after it.
  const repeats = (cell) => cell.textContent.trim() === "″" && !one("wbr", cell);
  for (const row of trackers)
    for (const cell of row.cells)
      if (repeats(cell)) cell.textContent = cell.previousElementSibling.textContent;
  rows.forEach((row, index) => {
    const cell = row.cells[2];
    if (repeats(cell)) cell.textContent = rows[index - 1].cells[2].textContent;
  });
}

begin();
