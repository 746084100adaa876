// Navigation: to a step, to a mode, by the address, and by playing.

let opened = false; // at first, the top of the page stays in view, except on a phone

function goTo(wanted, { keepPlaying = false } = {}) {
  if (!last) return;
  if (!keepPlaying) pause();
  step = Math.min(Math.max(Math.round(wanted) || 1, 1), last);
  showStep();
  updateAddress();
}

// To the step with a number, or the one nearest to it: a narrow focus leaves numbers out.
function goToNumber(wanted) {
  const away = numbers.map((number) => Math.abs(number - wanted));
  goTo(away.indexOf(Math.min(...away)) + 1);
}

function showMode(wanted, { focus = false } = {}) {
  mode = wanted;
  for (const name of modes) one(`#${name}`).hidden = name !== mode;
  for (const link of all(".modes a")) {
    if (link.dataset.mode === mode) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const current = one(".modes a[aria-current]");
  const strip = one(".modes ol");
  strip.scrollLeft = current.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
  window.scrollTo(0, 0);
  if (focus) one(`#${mode} h2`).focus({ preventScroll: true });
  if (last) showPanel();
  if (last) scrollToStep();
  updateAddress();
}

// An address that names the row would scroll to it while the page loads.
const updateAddress = () =>
  opened && history.replaceState(null, "", `#${mode}-${labels[step - 1] ?? 1}`);

// "#tracker-3" names a mode and a step; either can stand alone.
function readAddress() {
  const [, wanted, label] = /^#([a-z]+)(?:-(\d+[a-z]*))?$/.exec(location.hash) ?? [];
  const known = modes.includes(wanted);
  opened ||= Boolean(label);
  if (labels.includes(label)) goTo(labels.indexOf(label) + 1);
  else if (label) goToNumber(parseInt(label, 10));
  else goTo(step);
  showMode(known ? wanted : mode, { focus: known });
  opened = true;
}

const moves = {
  first: () => goTo(1),
  previous: () => goTo(step - 1),
  next: () => askFirst(step + 1) || goTo(step + 1),
  last: () => goTo(last),
  "previous-problem": () => goToProblem(-1),
  "next-problem": () => goToProblem(1),
  play: () => (playing ? pause() : play()),
};

function play() {
  if (!last) return;
  if (step === last) goTo(1);
  playing = setInterval(() => {
    goTo(step + 1, { keepPlaying: true });
    if (step === last) pause();
  }, Number(one("#speed").value));
  showPlaying();
}

function pause() {
  clearInterval(playing);
  playing = 0;
  showPlaying();
}

function showPlaying() {
  const button = one("[data-go=play]");
  if (button) button.setAttribute("aria-pressed", String(Boolean(playing)));
}
