// Keys; those that a control has a use for stay with it.

const keys = {
  ArrowLeft: moves.back,
  ArrowRight: moves.on,
  Home: moves.first,
  End: moves.last,
  " ": moves.play,
  g: () => last && one("#goto").select(),
  t: nextTheme,
  "?": () => one("#help").showModal(),
  "[": () => mode === "sample" && moveLine(-1),
  "]": () => mode === "sample" && moveLine(1),
};
modes.forEach((name, index) => (keys[index + 1] = () => showMode(name, { focus: true })));

const OWN = ["ArrowLeft", "ArrowRight", "Home", "End", " "];

function keepsKey(target, key) {
  if (target.matches("select, input[type=number]")) return true;
  if (target.matches("input[type=range], input[type=radio]")) return OWN.includes(key);
  return key === " " && target.matches("button, summary, input");
}

document.addEventListener("keydown", (event) => {
  const act = Object.hasOwn(keys, event.key) && keys[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  if (one("#help").open || keepsKey(event.target, event.key)) return;
  if (event.key.length === 1 && !one("#keys-on").checked) return;
  event.preventDefault();
  act();
});
