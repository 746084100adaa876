// Execution sample: step through the lines of one request.

function showMoment(listing) {
  if (listing.hidden) return;
  const slider = one(".moment input", listing);
  const moment = Number(slider.value);
  const returned = !rows[step - 1].classList.contains("exchange");
  let position = returned ? "the view has returned" : "before the first line";
  for (const line of all("li", one(".code", listing))) {
    const turns = line.dataset.turns ? ranges(line.dataset.turns) : [];
    const current = within(turns, moment) && !returned;
    const ran = turns.length > 0 && turns[0][0] <= moment;
    line.classList.toggle("current", current);
    line.classList.toggle("ran", ran);
    line.classList.toggle("idle", !ran);
    for (const remark of all("[data-step]", line)) {
      const moments = remark.dataset.moment;
      const applies = moments ? within(ranges(moments), moment) : ran;
      remark.hidden = !(applies && within(ranges(remark.dataset.step), step));
    }
    if (current) position = `line ${line.parentElement.start + [...line.parentElement.children].indexOf(line)}`;
  }
  one(".position", listing).textContent = `${moment} of ${listing.dataset.moments} · ${position}`;
}

function moveLine(by, listing = one(".listing:not([hidden])")) {
  const slider = listing && one(".moment input", listing);
  if (!slider) return;
  slider.value = Number(slider.value) + by;
  showMoment(listing);
}

for (const listing of all(".listing[data-moments]")) {
  one(".moment input", listing).addEventListener("input", () => showMoment(listing));
  for (const button of all("[data-line]", listing))
    button.addEventListener("click", () => moveLine(Number(button.dataset.line), listing));
}
