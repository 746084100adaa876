// Predict: ask what the next step will do, then show the step and the explanation.

const asking = one("#asking");
const predicted = { asked: 0, right: 0 };
const text = (index) => data.predictions.texts[index];

function togglePredicting() {
  if (!asking) return;
  predicting = !predicting;
  one("#predict").setAttribute("aria-pressed", String(predicting));
  root.classList.toggle("predicting", predicting);
  if (predicting && step === last) goTo(1);
  else showStep();
  if (predicting) one(".bar .action").textContent = "Predicting: → asks what the next step will do.";
}

// Everything that tells of a later step waits until that step has been shown.
function hideLaterSteps() {
  const later = (number) => predicting && number > step;
  rows.forEach((row, index) => (row.hidden = later(index + 1)));
  for (const [element, at] of paragraphs) element.hidden = later(at.at(-1).at(-1));
  for (const line of all("[data-problem]")) line.hidden = later(Number(line.dataset.problem));
  for (const list of all(".wrong"))
    list.hidden = all("[data-problem]", list).every((line) => line.hidden);
  for (const part of all("[data-after]")) part.hidden = later(Number(part.dataset.after));
  for (const part of all(".while-predicting"))
    part.hidden = !all("[data-after]", part.parentElement).some((other) => other.hidden);
  for (const row of trackers)
    [...row.cells].forEach((cell, index) => cell.classList.toggle("unseen", later(index - 1)));
}

// Returns whether there is a question; the step is shown once it is answered, or skipped.
function askFirst(number) {
  const question = predicting && !playing && number <= last && data.predictions.steps[number - 1];
  if (!question) return false;
  const [prompt, options, right, hint, feedback] = question;
  one("h2", asking).textContent = `What will step ${labels[number - 1]} do?`;
  one("legend", asking).textContent = text(prompt);
  one(".options", asking).replaceChildren(...options.map(newOption));
  one(".hint-text", asking).textContent = text(hint);
  one(".hint-text", asking).hidden = true;
  one(".hint-button", asking).hidden = one(".skip-button", asking).hidden = false;
  one(".verdict", asking).textContent = one(".feedback", asking).textContent = "";
  one(".main", asking).textContent = "Check";
  delete asking.dataset.done;
  Object.assign(asking, { number, right, explanation: text(feedback) });
  if (!asking.open) asking.showModal();
  one("input", asking).focus();
  return true;
}

function newOption(index, place) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  const words = document.createElement("span");
  Object.assign(input, { type: "radio", name: "prediction", value: place });
  words.textContent = text(index);
  label.append(input, words);
  return label;
}

function checkPrediction() {
  const chosen = one("input:checked", asking);
  if (!chosen) return;
  const right = markAnswer(asking, asking.right, chosen);
  predicted.asked += 1;
  predicted.right += right;
  one(".feedback", asking).textContent = asking.explanation;
  one(".prediction-score", asking).textContent = `${predicted.right} of ${predicted.asked} right so far.`;
  one(".main", asking).textContent = asking.number < last ? "Next step" : "Close";
  one(".hint-button", asking).hidden = true;
  one(".skip-button", asking).textContent = "Look at the step";
  one(".main", asking).focus();
  goTo(asking.number);
}

// Closes the question; without an answer, the step is shown anyway.
function leaveQuestion() {
  asking.close();
  if (!asking.dataset.done) goTo(asking.number);
}

if (asking) {
  one("#predict").addEventListener("click", togglePredicting);
  one(".hint-button", asking).addEventListener("click", () => (one(".hint-text", asking).hidden = false));
  one(".skip-button", asking).addEventListener("click", leaveQuestion);
  asking.addEventListener("cancel", (event) => {
    event.preventDefault();
    leaveQuestion();
  });
  one("form", asking).addEventListener("submit", (event) => {
    event.preventDefault();
    if (!asking.dataset.done) checkPrediction();
    else if (!askFirst(asking.number + 1)) {
      asking.close();
      if (asking.number < last) goTo(asking.number + 1);
    }
  });
  asking.addEventListener("keydown", (event) => {
    if (event.target.type === "radio" && event.key === "ArrowRight" && asking.dataset.done) event.preventDefault();
    if (event.key === "h" && !asking.dataset.done) one(".hint-text", asking).hidden = false;
    if (event.key === "ArrowRight" && asking.dataset.done) one("form", asking).requestSubmit();
  });
}
