// The drawing of the flow: light the stages of one step, and set its texts.

import { all } from "./dom.js";

// "now" is the step's drawing, "texts" has what it says: by a slot's name, one text or several.
export function drawStep(drawing, now, texts, { kind, unsure }) {
  drawing.classList.remove("runs");
  drawing.getBoundingClientRect(); // restarts the animation
  for (const part of all("[data-stage]", drawing)) {
    const turn = now.beats.indexOf(Number(part.dataset.stage));
    part.classList.toggle("lit", turn >= 0);
    part.style.setProperty("--turn", Math.max(turn, 0));
  }
  for (const text of all("[data-slot]", drawing)) {
    const [, name, line] = /^([a-z]+)(\d?)$/.exec(text.dataset.slot);
    text.textContent = (line ? texts[name][line] : texts[name]) ?? "";
  }
  drawing.dataset.kind = kind;
  drawing.dataset.unsure = unsure;
  drawing.dataset.stays = now.stays ?? 0;
  drawing.dataset.held = Math.min(now.held ?? 0, 3);
  drawing.classList.add("runs");
}
