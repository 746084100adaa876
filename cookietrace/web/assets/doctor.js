// Why nothing is recorded, as the doctor says, once nothing has been for a while.

import { one } from "./dom.js";
import { element } from "./elements.js";
import { askJson } from "./server.js";
import { story } from "./view.js";

const QUIET = 20_000; // milliseconds without a request after which the doctor looks
const AGAIN = 60_000; // until it looks again: the user may have changed something

export function watchForSilence() {
  setTimeout(look, QUIET);
}

async function look() {
  if (story.steps) return;
  try {
    if (story.live) show(await askJson("/api/doctor"));
  } catch {
    // the page says by itself that the server is away
  }
  setTimeout(look, AGAIN);
}

function show({ findings }) {
  const place = one("#doctor");
  place.hidden = !findings.length || story.steps > 0; // a request may have come meanwhile
  place.replaceChildren(
    element("p", {}, "Nothing has arrived so far. What was found:"),
    element("dl", {}, ...findings.flatMap(finding)),
    element("p", {}, element("code", {}, "cookietrace doctor"), " in a terminal says more."));
}

const finding = ({ sure, what, fix }) => [
  element("dt", {}, sure),
  element("dd", {}, what, ...(fix ? [element("p", {}, element("code", {}, fix))] : [])),
];
