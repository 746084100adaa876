// Keyboard shortcuts. A key that the focused control uses itself is left to it.

const keys = {
  ArrowLeft: moves.previous,
  ArrowRight: moves.next,
  Home: moves.first,
  End: moves.last,
  " ": moves.play,
  g: () => last && one("#goto").select(),
  t: nextTheme,
  "?": () => one("#help").showModal(),
  l: nextSize,
  p: togglePredicting,
  "[": moves["previous-problem"],
  "]": moves["next-problem"],
  ",": () => mode === "sample" && moveLine(-1),
  ".": () => mode === "sample" && moveLine(1),
};
modes.forEach((name, index) => (keys[index + 1] = () => showMode(name, { focus: true })));

const CONTROL_KEYS = ["ArrowLeft", "ArrowRight", "Home", "End", " "];

function usesKey(target, key) {
  if (target.matches("select, input[type=number]")) return true;
  if (target.matches("input[type=range], input[type=radio]")) return CONTROL_KEYS.includes(key);
  return key === " " && target.matches("button, summary, input");
}

document.addEventListener("keydown", (event) => {
  const act = Object.hasOwn(keys, event.key) && keys[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  if (one("dialog[open]") || usesKey(event.target, event.key)) return;
  if (event.key.length === 1 && !one("#shortcuts").checked) return;
  event.preventDefault();
  act();
});
