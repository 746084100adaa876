// Keyboard shortcuts. A key that the focused control uses itself is left to it.

import { one } from "./dom.js";

const CONTROL_KEYS = ["ArrowLeft", "ArrowRight", "Home", "End", " "];

function usesKey(target, key) {
  if (target.matches("select, input[type=number]")) return true;
  if (target.matches("input[type=range], input[type=radio]")) return CONTROL_KEYS.includes(key);
  return key === " " && target.matches("button, summary, input");
}

// "keys" has a function for each key; "#shortcuts" turns those of one character off.
export function listenForKeys(keys) {
  document.addEventListener("keydown", (event) => {
    const act = Object.hasOwn(keys, event.key) && keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    if (one("dialog[open]") || usesKey(event.target, event.key)) return;
    if (event.key.length === 1 && !one("#shortcuts").checked) return;
    event.preventDefault();
    act();
  });
}
