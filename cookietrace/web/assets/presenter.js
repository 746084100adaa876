// Several people at one story: the presenter's page says where it is, and others go along.

import { one } from "./dom.js";
import { goTo, showMode } from "./navigation.js";
import { on } from "./news.js";
import { ask } from "./server.js";
import { story, view } from "./view.js";

const PAUSE = 100; // milliseconds between two posts
const banner = one("#presenter");
let place = null; // where the presenter is
let posting = false;
let unsaid = false;

export function startFollowing() {
  view.followsPresenter = new URLSearchParams(location.search).has("follow") && !view.presents;
  banner.hidden = !view.followsPresenter && !view.presents;
  one("button", banner).addEventListener("click", () => {
    view.followsPresenter = true;
    go();
    showBanner();
  });
  showBanner();
}

// The presenter has gone to a step, in a mode.
export function presenterAt(there) {
  place = there?.mode ? there : null;
  if (view.followsPresenter) go();
  showBanner();
}

function go() {
  if (!place) return;
  if (place.mode !== view.mode) showMode(place.mode, { by: "presenter" });
  if (place.step !== view.step && place.step <= story.steps) goTo(place.step, "presenter");
}

function showBanner() {
  if (banner.hidden) return;
  const words = one("span", banner);
  one("button", banner).hidden = view.presents || view.followsPresenter;
  if (view.presents) words.textContent = "You present: those who follow see your mode and step.";
  else if (!view.followsPresenter) words.textContent = "You no longer follow the presenter.";
  else if (!place) words.textContent = "You follow the presenter, who has not chosen a step yet.";
  else words.textContent = "You follow the presenter. A step or mode that you choose yourself ends this.";
}

async function post() {
  if (!view.presents || !view.step) return;
  unsaid = true;
  if (posting) return;
  posting = true;
  while (unsaid) {
    unsaid = false;
    try {
      await ask("/api/presenter", { body: { step: view.step, mode: view.mode } });
    } catch {
      // it is said again with the next step, and when the server is back
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  posting = false;
}

on("step", post);
on("mode", post);
on("connection", (state) => state === "open" && post());
on("presenter-left", showBanner);
on("steps", () => view.followsPresenter && place?.step !== view.step && go());
