// Visual quiz: compare the chosen option with the answer in the page.

const questions = all("#quiz .question[data-right]");

function check(question) {
  const chosen = one("input:checked", question);
  if (!chosen || question.dataset.done) return;
  const right = chosen.value === question.dataset.right;
  question.dataset.done = right ? "right" : "wrong";
  for (const input of all("input", question)) {
    input.disabled = true;
    const label = input.closest("label");
    label.classList.toggle("right", input.value === question.dataset.right);
    label.classList.toggle("wrong", input === chosen && !right);
  }
  one(".verdict", question).textContent = right ? "✓ Right." : "✗ Not quite.";
  one(".check", question).hidden = true;
  one(".answer", question).hidden = false;
  one(".answer", question).open = true;
  one(".answer summary", question).focus({ preventScroll: true }); // the button that had it is hidden
  showScore();
}

function restartQuiz() {
  for (const question of questions) {
    delete question.dataset.done;
    for (const input of all("input", question)) {
      input.disabled = input.checked = false;
      input.closest("label").classList.remove("right", "wrong");
    }
    one(".verdict", question).textContent = "";
    one(".check", question).hidden = false;
    one(".hint", question).open = one(".answer", question).open = false;
    one(".answer", question).hidden = true;
  }
  showScore();
}

function showScore() {
  const done = questions.filter((question) => question.dataset.done);
  const right = done.filter((question) => question.dataset.done === "right");
  one(".score span").textContent = done.length
    ? `${right.length} of ${done.length} right, ${questions.length - done.length} to go.`
    : `${questions.length} ${questions.length === 1 ? "question" : "questions"}.`;
  one("#again").hidden = !done.length;
}

for (const question of questions) {
  one(".check button", question).addEventListener("click", () => check(question));
  question.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.type === "radio") check(question);
  });
}
