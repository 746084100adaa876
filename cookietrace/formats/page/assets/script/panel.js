// The verdict on the selected step: beside its row, or below it where there is no room beside.

const panel = one(".panel");
const verdicts = rows.map((row) => {
  const next = row.nextElementSibling;
  return next?.classList.contains("told") ? next.cells[0] : null;
});
const roomBeside = matchMedia("(min-width: 62rem)");

function showPanel() {
  if (!panel) return;
  const told = verdicts[step - 1];
  const words = paragraphs.find(([, at]) => within(at, step) && !(predicting && at.at(-1).at(-1) > step));
  one(".number", panel).textContent = `Step ${labels[step - 1]}`;
  one(".copy", panel).replaceChildren(...(told ? told.cloneNode(true).childNodes : []));
  one(".in-words", panel).textContent = words && !told?.querySelector(".said-title") ? one("span", words[0]).textContent : "";
  placePanel();
}

function placePanel() {
  if (!panel) return;
  const below = one(".told.here");
  if (roomBeside.matches && !root.classList.contains("large")) {
    if (below) {
      one(".beside").append(panel);
      below.remove();
    }
    const space = one(".beside").offsetHeight - panel.offsetHeight;
    const top = Math.max(0, Math.min(rows[step - 1].offsetTop, space));
    panel.style.setProperty("--top", `${top}px`);
    return;
  }
  const place = below ?? newPlace();
  place.cells[0].append(panel);
  rows[step - 1].after(place);
}

function newPlace() {
  const place = document.createElement("tr");
  place.className = "told here";
  place.setAttribute("role", "row");
  place.insertCell().colSpan = 6;
  place.cells[0].setAttribute("role", "cell");
  return place;
}
