// What each key does.

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

listenForKeys(keys);
