// Visual quiz: compare the chosen option with the answer in the page.

const questions = all("#quiz .question[data-right]");

function check(question) {
  const chosen = one("input:checked", question);
  if (!chosen || question.dataset.done) return;
  markAnswer(question, question.dataset.right, chosen);
  one(".check", question).hidden = true;
  one(".answer", question).hidden = false;
  one(".answer", question).open = true;
  one(".answer summary", question).focus({ preventScroll: true }); // the button that had it is hidden
  showScore();
}

function restartQuiz() {
  for (const question of questions) {
    clearAnswer(question);
    one(".check", question).hidden = false;
    one(".hint", question).open = one(".answer", question).open = false;
    one(".answer", question).hidden = true;
  }
  showScore();
}

function showScore() {
  one(".score span").textContent = score(questions);
  one("#again").hidden = !questions.some((question) => question.dataset.done);
}

for (const question of questions) {
  one(".check button", question).addEventListener("click", () => check(question));
  question.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.type === "radio") check(question);
  });
}
