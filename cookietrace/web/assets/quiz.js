// Visual quiz: questions about this trace. The server judges an answer and says why.

import { addBoard } from "./boards.js";
import { all, one } from "./dom.js";
import { element, stepLink } from "./elements.js";
import { clearAnswer, markAnswer, score } from "./marking.js";
import { askJson, Wrong } from "./server.js";

const cards = new Map(); // by key: a question keeps its place and its answer

function draw(board, place) {
  if (!board.questions.length)
    return place.replaceChildren(element("p", { class: "empty" },
      "Too little happened for a question. One cookie that is set and sent back is enough."));
  if (!one(".score", place)) place.replaceChildren(scoreLine(), element("div", { class: "questions" }));
  const list = one(".questions", place);
  for (const question of board.questions) {
    if (!cards.has(question.key)) cards.set(question.key, card(question));
  }
  dropForgotten(new Set(board.questions.map(({ key }) => key)));
  [...cards.values()].forEach((made, index) => {
    if (!made.isConnected) list.append(made);
    one("legend .number", made).textContent = index + 1;
  });
  showScore();
}

// Other questions are the best ones by now; those that the user has begun with stay.
function dropForgotten(asked) {
  for (const [key, made] of cards) {
    if (asked.has(key) || made.dataset.done || one("input:checked, details[open]", made)) continue;
    made.remove();
    cards.delete(key);
  }
}

function scoreLine() {
  const again = element("button", { type: "button", hidden: true }, "Start again");
  again.addEventListener("click", restart);
  return element("p", { class: "score", role: "status" }, element("span"), " ", again);
}

function card(question) {
  const options = question.options.map((text, index) =>
    element("label", {},
      element("input", { type: "radio", name: question.key, value: String(index) }), " ",
      element("span", {}, text)));
  const button = element("button", { type: "button" }, "Check");
  const made = element("article", { class: "card question" },
    element("fieldset", {},
      element("legend", {}, element("span", { class: "number" }), ` ${question.prompt}`), ...options),
    element("p", { class: "verdict", role: "status" }),
    element("p", { class: "check" }, button),
    element("details", { class: "hint" }, element("summary", {}, "Hint"),
      element("p", {}, `${question.hint} `, stepLink(question.hint_label, `Step ${question.hint_label}`))),
    element("details", { class: "answer", hidden: true }, element("summary", {}, "Answer")));
  button.addEventListener("click", () => check(made, question));
  made.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.type === "radio") check(made, question);
  });
  return made;
}

async function check(made, question) {
  const chosen = one("input:checked", made);
  if (!chosen || made.dataset.done) return;
  let answer;
  try {
    const asked = new URLSearchParams({ kind: question.kind, step: question.step, key: question.key, choice: chosen.value });
    answer = await askJson(`/api/quiz/answer?${asked}`);
  } catch (error) {
    one(".verdict", made).textContent =
      error instanceof Wrong ? "The trace has changed: this is a different question now." : "cookietrace does not respond. Try again.";
    return;
  }
  markAnswer(made, answer.correct, chosen);
  const details = one(".answer", made);
  details.replaceChildren(element("summary", {}, "Answer"),
    element("p", {}, element("strong", {}, question.options[answer.correct])),
    element("p", {}, `${answer.feedback} `, stepLink(answer.label, `Go to step ${answer.label}`)));
  details.hidden = false;
  details.open = true;
  one(".check", made).hidden = true;
  one("summary", details).focus({ preventScroll: true });
  showScore();
}

function restart() {
  for (const made of cards.values()) {
    clearAnswer(made);
    one(".check", made).hidden = false;
    one(".answer", made).hidden = true;
    for (const details of all("details", made)) details.open = false;
  }
  showScore();
}

function showScore() {
  const made = [...cards.values()];
  one("#quiz .score span").textContent = score(made);
  one("#quiz .score button").hidden = !made.some((question) => question.dataset.done);
}

addBoard("quiz", draw);
