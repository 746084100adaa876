// Light and dark, and what is kept of a reader's choices.

const themes = ["auto", "light", "dark"];

function kept(name, value) {
  try {
    if (value !== undefined) localStorage.setItem(`cookietrace-${name}`, value);
    return localStorage.getItem(`cookietrace-${name}`);
  } catch {
    return null; // a page opened where nothing may be kept works all the same
  }
}

function setTheme(theme) {
  root.dataset.theme = theme;
  one("#theme").textContent = `Theme: ${theme}`;
}

function nextTheme() {
  nameCells();
  setTheme(themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length]);
  kept("theme", root.dataset.theme);
}
