// Problems: the worst on top, and which one is selected.

import { all, one } from "./dom.js";
import { element, sign } from "./elements.js";
import { on, tell } from "./news.js";
import { sectionParts } from "./panel.js";
import { askJson } from "./server.js";
import { keepInPlace } from "./table.js";
import { story, view } from "./view.js";

const MOST = 3; // problems in view; the others can be opened

const part = one("#problems");
const bar = one(".problem-keys");
let fetching = false;
let wanted = false;

// Fetches the list when it has changed.
export async function fetchProblems() {
  wanted = true;
  if (fetching) return;
  fetching = true;
  while (wanted) {
    wanted = false;
    try {
      show(await askJson("/api/problems"));
    } catch {
      // they come when the server is back
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  fetching = false;
}

function show({ tally, count, listed: problems }) {
  story.listed = problems;
  tell("problems");
  keepInPlace(() => {
    part.hidden = bar.hidden = !problems.length;
    if (!problems.length) return;
    const wasOpen = one("details", part)?.open ?? false;
    one("h2", part).textContent = tally;
    const listed = problems.map(item);
    one(".first", part).replaceChildren(...listed.slice(0, MOST));
    const rest = listed.slice(MOST);
    const more = one(".more-problems", part);
    more.replaceChildren();
    if (rest.length) {
      const left = count - problems.length;
      more.append(element("details", { open: wasOpen },
        element("summary", {}, `${count - MOST} more`),
        element("ol", {}, ...rest),
        left > 0 ? element("p", { class: "note" }, `${left} more are not listed here; ] and [ go through all.`) : null));
    }
    const [worst] = problems;
    bar.className = `problem-keys ${worst.mark}`;
    one("span", bar).replaceChildren(sign(worst.mark, worst.sign), ` ${tally}`);
    markSelected();
  });
}

function item(problem, place) {
  return element("li", { "data-problem": problem.step },
    element("p", {},
      sign(problem.mark, problem.sign), " ",
      element("b", {}, problem.text), " ",
      element("a", { href: `#table-${problem.label}` }, `step ${problem.label}`),
      problem.host ? element("span", { class: "at-host" }, ` ${problem.host}`) : null),
    ...(place === 0 && problem.section ? sectionParts(problem.section, { titled: false, inBrief: true }) : []));
}

function markSelected() {
  for (const line of all("[data-problem]", part))
    line.classList.toggle("now", Number(line.dataset.problem) === view.step);
}

on("step", markSelected);
