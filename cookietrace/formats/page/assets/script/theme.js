// Light and dark, and settings that outlast a visit.

import { one, root } from "./dom.js";

export const themes = ["auto", "light", "dark"];

// Storage may be blocked; the page works without it.
export function setting(name) {
  try {
    return localStorage.getItem(`cookietrace-${name}`);
  } catch {
    return null;
  }
}

export function saveSetting(name, value) {
  try {
    localStorage.setItem(`cookietrace-${name}`, value);
  } catch {
    // keep it for this visit only
  }
}

export function setTheme(theme) {
  root.dataset.theme = theme;
  one("#theme").textContent = `Theme: ${theme}`;
}

export function nextTheme() {
  setTheme(themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length]);
  saveSetting("theme", root.dataset.theme);
}
