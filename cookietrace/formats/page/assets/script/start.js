// Start: show what needs a script, and connect every control to its function.

function start() {
  root.classList.add("scripted");
  for (const part of all("[data-needs-script]")) part.hidden = false;
  for (const part of all(".not-with-script")) part.hidden = true;
  for (const heading of all("main h2")) heading.tabIndex = -1;
  replaceDittoMarks();
  addTableRoles();
  setTheme(themes.includes(setting("theme")) ? setting("theme") : "auto");
  one("#theme").addEventListener("click", nextTheme);
  setSize(setting("large") === "on");
  one("#large").addEventListener("click", nextSize);
  one("#help-button").addEventListener("click", () => one("#help").showModal());
  one("#shortcuts").checked = setting("shortcuts") !== "off";
  one("#shortcuts").addEventListener("change", (event) =>
    saveSetting("shortcuts", event.target.checked ? "on" : "off"));
  if (questions.length && one("#again")) {
    one("#again").addEventListener("click", restartQuiz);
    restartQuiz();
  }
  for (const link of all(".modes a"))
    link.addEventListener("click", (event) => {
      event.preventDefault();
      showMode(link.dataset.mode, { focus: true });
    });
  window.addEventListener("hashchange", readAddress);
  if (last) connectStepControls();
  readAddress();
}

// On a narrow screen, rows are drawn as cards. Roles keep them rows for a screen reader.
function addTableRoles() {
  const roles = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
  for (const part of all(".cards, .cards *")) {
    const role = part.tagName === "TH" ? `${part.scope === "col" ? "column" : "row"}header` : roles[part.tagName];
    if (role) part.setAttribute("role", role);
  }
}

function connectStepControls() {
  for (const button of all("[data-go]"))
    button.addEventListener("click", () => moves[button.dataset.go]());
  one("#slider").addEventListener("input", (event) => goTo(Number(event.target.value)));
  one("#goto").addEventListener("change", (event) => goToNumber(Number(event.target.value)));
  one("#goto").addEventListener("keydown", (event) => {
    if (event.key === "Enter") goToNumber(Number(event.target.value));
    if (event.key === "Enter" || event.key === "Escape") {
      event.target.value = numbers[step - 1];
      event.target.blur();
    }
  });
  one("#speed").addEventListener("change", () => playing && (pause(), play()));
  for (const change of [roomBeside, window])
    change.addEventListener(change === window ? "resize" : "change", placePanel);
  window.addEventListener("beforeprint", pause);
  for (const row of rows)
    row.addEventListener("click", (event) => {
      if (!event.target.closest("a") && !String(getSelection())) goTo(rows.indexOf(row) + 1);
    });
  one("#only-changes").addEventListener("change", (event) => {
    const unchanged = [...trackers[0].cells].map((_, index) =>
      index > 1 && !trackers.some((row) => row.cells[index].classList.contains("changed")));
    for (const row of trackers)
      [...row.cells].forEach((cell, index) =>
        (cell.hidden = event.target.checked && unchanged[index]));
  });
}

// The ditto mark keeps the file small; here it is replaced by the text that it repeats. A real
// value that looks like the mark is followed by an empty element.
function replaceDittoMarks() {
  const repeats = (cell) => cell.textContent.trim() === "″" && !one("wbr", cell);
  for (const row of trackers)
    for (const cell of row.cells)
      if (repeats(cell)) cell.textContent = cell.previousElementSibling.textContent;
  rows.forEach((row, index) => {
    const cell = row.cells[2];
    if (repeats(cell)) cell.textContent = rows[index - 1].cells[2].textContent;
  });
}

start();
