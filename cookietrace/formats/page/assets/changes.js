"use strict";
(() => {
const rows = [...document.querySelectorAll(".differs")];
let at = -1;
function go(direction) {
  if (!rows.length) return;
  at = at < 0 && direction < 0 ? rows.length - 1 : Math.max(0, Math.min(rows.length - 1, at + direction));
  rows[at].scrollIntoView({ block: "center" });
  rows[at].focus({ preventScroll: true });
}
for (const tools of document.querySelectorAll("[data-needs-script]")) tools.hidden = !rows.length;
document.getElementById("next").addEventListener("click", () => go(1));
document.getElementById("previous").addEventListener("click", () => go(-1));
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "n" || event.key === "]") go(1);
  else if (event.key === "N" || event.key === "[") go(-1);
});
})();
