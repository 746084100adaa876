// Problems: go from one to the next, and show which one is selected.

// To the next row with a problem, or to the previous one, then around; as on the screen.
function goToProblem(by) {
  const rowsWithProblem = data.problems.filter((row) => !predicting || row <= step);
  const on = by > 0 ? rowsWithProblem.filter((row) => row > step) : rowsWithProblem.filter((row) => row < step);
  const wanted = (on.length ? on : rowsWithProblem).at(by > 0 ? 0 : -1);
  if (wanted) goTo(wanted);
}

function showProblem() {
  for (const line of all("[data-problem]")) {
    const now = Number(line.dataset.problem) === step;
    line.classList.toggle("now", now);
    if (now && line.closest("details")) line.closest("details").open = true;
  }
}
