// Mark the options of a question that has been answered.

import { all, one } from "./dom.js";

// "right" is the value of the right option, "chosen" the input of the chosen one.
export function markAnswer(question, right, chosen) {
  const isRight = chosen.value === String(right);
  question.dataset.done = isRight ? "right" : "wrong";
  for (const input of all("input", question)) {
    input.disabled = true;
    const label = input.closest("label");
    label.classList.toggle("right", input.value === String(right));
    label.classList.toggle("wrong", input === chosen && !isRight);
  }
  one(".verdict", question).textContent = isRight ? "✓ Right." : "✗ Not quite.";
  return isRight;
}

export function clearAnswer(question) {
  delete question.dataset.done;
  for (const input of all("input", question)) {
    input.disabled = input.checked = false;
    input.closest("label").classList.remove("right", "wrong");
  }
  one(".verdict", question).textContent = "";
}

export function score(questions) {
  const done = questions.filter((question) => question.dataset.done);
  const right = done.filter((question) => question.dataset.done === "right");
  return done.length
    ? `${right.length} of ${done.length} right, ${questions.length - done.length} to go.`
    : `${questions.length} ${questions.length === 1 ? "question" : "questions"}.`;
}
