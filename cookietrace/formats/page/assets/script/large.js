// Large type, for a projector: everything that is not the lesson steps back.

function setSize(large) {
  root.classList.toggle("large", large);
  one("#large").setAttribute("aria-pressed", String(large));
  if (last) placePanel();
}

function nextSize() {
  setSize(!root.classList.contains("large"));
  saveSetting("large", root.classList.contains("large") ? "on" : "off");
  if (last) scrollToStep();
}
