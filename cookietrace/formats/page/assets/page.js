"use strict";
// Shows what the page already says: which step, which mode. It decides nothing about cookies.
(() => {
  const all = (query, root = document) => [...root.querySelectorAll(query)];
  const one = (query, root = document) => root.querySelector(query);
  const root = document.documentElement;
  const data = JSON.parse(one("#data").textContent);
  const last = data.steps;
  const modes = all("main > section").map((section) => section.id);
  let step = 1;
  let mode = modes[0];
  let playing = 0;

  // --- a sign of repetition saves room in the file; here is room for the value

  for (const row of all("table.tracker tr"))
    for (const cell of row.cells)
      if (cell.textContent === "″") cell.textContent = cell.previousElementSibling.textContent;

  // --- what is seen when: "1-3 5" are runs of steps, or of moments in a listing

  const runs = (text) => text.split(" ").map((run) => run.split("-").map(Number));
  const within = (at, number) =>
    at.some(([first, end]) => first <= number && number <= (end ?? first));
  const dated = (name) =>
    all(`[data-${name}]`).map((element) => [element, runs(element.dataset[name])]);

  const timed = dated("at");
  const told = dated("tells");
  const rows = all("table.steps tbody tr");
  const lives = all("svg.life").map((life) => {
    const line = document.createElementNS(life.namespaceURI, "path");
    line.setAttribute("class", "here");
    line.setAttribute("d", "M5 0V20");
    return life.appendChild(line);
  });
  const trackers = all("table.tracker tr").filter((row) => row.cells.length > 1);

  function showStep() {
    for (const [element, at] of timed) element.hidden = !within(at, step);
    for (const [element, at] of told) mark(element, at[0][0], within(at, step));
    rows.forEach((row, index) => mark(row, index + 1, index + 1 === step));
    for (const row of trackers)
      [...row.cells].forEach((cell, index) => index && mark(cell, index - 1, index - 1 === step));
    for (const line of lives) line.setAttribute("transform", `translate(${step * 10 - 10})`);
    for (const jar of all(".client-jar")) {
      const held = all("tbody tr", jar);
      const empty = held.every((row) => row.hidden);
      for (const part of all(".scroll", jar)) part.hidden = empty;
      for (const part of all(".empty-jar", jar)) part.hidden = !empty;
      const refused = one(".refused", jar);
      if (refused) refused.hidden = all("li", refused).every((line) => line.hidden);
    }
    const words = told.find(([, at]) => within(at, step));
    const aside = one(".in-words");
    aside.hidden = !words;
    if (words) one("p", aside).textContent = one("span", words[0]).textContent;
    one(".bar .where").textContent = `Step ${step} of ${last}`;
    one(".bar .action").textContent = rows[step - 1].cells[1].textContent;
    one("#slider").value = one("#goto").value = step;
    draw();
    showSnapshot();
    all(".listing[data-moments]").forEach(showMoment);
    follow();
  }

  function mark(element, number, now) {
    element.classList.toggle("now", now);
    element.classList.toggle("later", number > step && !now);
    if (now) element.setAttribute("aria-current", "step");
    else element.removeAttribute("aria-current");
  }

  // Keep the chosen row, paragraph or column in sight.
  function follow() {
    const found = { table: "tr.now", transcript: "p.now" }[mode];
    const element = found && one(`#${mode} ${found}`);
    if (element) element.scrollIntoView({ block: "nearest" });
    const column = mode === "tracker" && one(".tracker thead .now");
    if (column) {
      const box = column.closest(".scroll");
      box.scrollLeft = column.offsetLeft - (box.clientWidth + column.offsetWidth) / 2;
    }
  }

  // --- the drawing

  const drawing = one("svg.drawing");

  function draw() {
    const now = data.drawings[step - 1];
    const said = {
      client: "Client", // unless the drawing knows better
      ...now,
      lead: data.stages[now.lead - 1],
      jar: data.jars[data.held[step - 1]],
    };
    drawing.classList.remove("runs");
    drawing.getBoundingClientRect(); // lets the animation begin anew
    for (const part of all("[data-stage]", drawing)) {
      const turn = now.beats.indexOf(Number(part.dataset.stage));
      part.classList.toggle("lit", turn >= 0);
      part.style.setProperty("--turn", Math.max(turn, 0));
    }
    for (const text of all("[data-slot]", drawing)) {
      const [, name, line] = /^([a-z]+)(\d?)$/.exec(text.dataset.slot);
      text.textContent = (line ? said[name][line] : said[name]) ?? "";
    }
    all(".lanes span").forEach((host, index) => {
      const requests = now.lanes?.[index];
      host.hidden = !requests;
      host.classList.toggle("lit", index === (now.lane ?? 0));
      one("b", host).textContent = requests;
    });
    for (const hosts of all(".lanes")) hosts.hidden = !now.lanes;
    drawing.dataset.kind = rows[step - 1].className.split(" ")[0];
    drawing.dataset.held = Math.min(now.held ?? 0, 3);
    drawing.classList.add("runs");
  }

  // --- the snapshot

  function showSnapshot() {
    all(".shown li").forEach((line, index) => {
      const [wordings, versions] = data.snapshot[index];
      const version = versions.findLast(([from]) => from <= step);
      line.hidden = !version;
      if (!version) return;
      const [, count, latest, wording] = version;
      one(".times", line).textContent = `${count}×`;
      one(".line", line).textContent = wordings[wording].replace("{}", count);
      const [first, again] = all("a", line);
      again.textContent = latest;
      again.hash = `table-${latest}`;
      one(".latest", line).hidden = first.textContent === again.textContent;
    });
  }

  // --- the listings, line by line

  function showMoment(listing) {
    if (listing.hidden) return;
    const slider = one(".moment input", listing);
    const moment = Number(slider.value);
    const returned = !rows[step - 1].classList.contains("exchange");
    let told = "before the first line";
    for (const line of all("li", one(".code", listing))) {
      const turns = line.dataset.turns ? runs(line.dataset.turns) : [];
      const current = within(turns, moment) && !returned;
      const ran = turns.length > 0 && turns[0][0] <= moment;
      line.classList.toggle("current", current);
      line.classList.toggle("ran", ran);
      line.classList.toggle("idle", !ran);
      for (const remark of all("[data-step]", line)) {
        const moments = remark.dataset.moment;
        const there = moments ? within(runs(moments), moment) : ran;
        remark.hidden = !(there && within(runs(remark.dataset.step), step));
      }
      if (current) told = `line ${line.parentElement.start + [...line.parentElement.children].indexOf(line)}`;
    }
    one(".told", listing).textContent = `${moment} of ${listing.dataset.moments} · ${told}`;
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

  // --- going about

  function goTo(wanted, { keepPlaying = false } = {}) {
    if (!last) return;
    if (!keepPlaying) pause();
    step = Math.min(Math.max(Math.round(wanted) || 1, 1), last);
    showStep();
    remember();
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
    if (last) follow();
    remember();
  }

  const remember = () => history.replaceState(null, "", `#${mode}-${step}`);

  // "#tracker-3" is a mode and a step; either may be all that is wanted.
  function readAddress() {
    const [, wanted, number] = /^#([a-z]+)(?:-(\d+))?$/.exec(location.hash) ?? [];
    const known = modes.includes(wanted);
    if (number) step = Number(number);
    goTo(step);
    showMode(known ? wanted : mode, { focus: known });
  }

  const moves = {
    first: () => goTo(1),
    back: () => goTo(step - 1),
    on: () => goTo(step + 1),
    last: () => goTo(last),
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

  // --- the quiz: the page holds the right answers, this only compares

  const questions = all(".question");

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
    one(".answer summary", question).focus({ preventScroll: true }); // what had it is gone
    showScore();
  }

  function again() {
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

  // --- light and dark

  const themes = ["auto", "light", "dark"];

  function kept(name, value) {
    try {
      if (value !== undefined) localStorage.setItem(`cookietrace-${name}`, value);
      return localStorage.getItem(`cookietrace-${name}`);
    } catch {
      return null; // a page opened where nothing may be kept works all the same
    }
  }

  function setTheme(theme) {
    root.dataset.theme = theme;
    one("#theme").textContent = `Theme: ${theme}`;
  }

  function nextTheme() {
    nameCells();
    setTheme(themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length]);
    kept("theme", root.dataset.theme);
  }

  // --- keys; those that a control has a use for stay with it

  const keys = {
    ArrowLeft: moves.back,
    ArrowRight: moves.on,
    Home: moves.first,
    End: moves.last,
    " ": moves.play,
    g: () => last && one("#goto").select(),
    t: nextTheme,
    "?": () => one("#help").showModal(),
    "[": () => mode === "sample" && moveLine(-1),
    "]": () => mode === "sample" && moveLine(1),
  };
  modes.forEach((name, index) => (keys[index + 1] = () => showMode(name, { focus: true })));

  const OWN = ["ArrowLeft", "ArrowRight", "Home", "End", " "];

  function keepsKey(target, key) {
    if (target.matches("select, input[type=number]")) return true;
    if (target.matches("input[type=range], input[type=radio]")) return OWN.includes(key);
    return key === " " && target.matches("button, summary, input");
  }

  document.addEventListener("keydown", (event) => {
    const act = Object.hasOwn(keys, event.key) && keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    if (one("#help").open || keepsKey(event.target, event.key)) return;
    if (event.key.length === 1 && !one("#keys-on").checked) return;
    event.preventDefault();
    act();
  });

  // --- and the rest

  function begin() {
    root.classList.add("scripted");
    for (const part of all("[data-needs-script]")) part.hidden = false;
    for (const part of all(".not-with-script")) part.hidden = true;
    for (const heading of all("main h2")) heading.tabIndex = -1;
    nameCells();
    setTheme(themes.includes(kept("theme")) ? kept("theme") : "auto");
    one("#theme").addEventListener("click", nextTheme);
    one("#help-button").addEventListener("click", () => one("#help").showModal());
    one("#keys-on").checked = kept("keys") !== "off";
    one("#keys-on").addEventListener("change", (event) =>
      kept("keys", event.target.checked ? "on" : "off"));
    if (questions.length) {
      one("#again").addEventListener("click", again);
      again();
    }
    for (const link of all(".modes a"))
      link.addEventListener("click", (event) => {
        event.preventDefault();
        showMode(link.dataset.mode, { focus: true });
      });
    window.addEventListener("hashchange", readAddress);
    if (last) beginStepping();
    readAddress();
  }

  // On a narrow screen rows are drawn as cards; they stay rows for those who listen.
  function nameCells() {
    const roles = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
    for (const part of all(".cards, .cards *")) {
      const role = part.tagName === "TH" ? `${part.scope === "col" ? "column" : "row"}header` : roles[part.tagName];
      if (role) part.setAttribute("role", role);
    }
  }

  function beginStepping() {
    for (const button of all("[data-go]"))
      button.addEventListener("click", () => moves[button.dataset.go]());
    one("#slider").addEventListener("input", (event) => goTo(Number(event.target.value)));
    one("#goto").addEventListener("change", (event) => goTo(Number(event.target.value)));
    one("#goto").addEventListener("keydown", (event) => {
      if (event.key === "Enter") goTo(Number(event.target.value));
      if (event.key === "Enter" || event.key === "Escape") {
        event.target.value = step;
        event.target.blur();
      }
    });
    one("#speed").addEventListener("change", () => playing && (pause(), play()));
    for (const row of rows)
      row.addEventListener("click", (event) => {
        if (!event.target.closest("a") && !String(getSelection())) goTo(rows.indexOf(row) + 1);
      });
    one("#only-changes").addEventListener("change", (event) => {
      const quiet = [...trackers[0].cells].map((_, index) =>
        index > 1 && !trackers.some((row) => row.cells[index].classList.contains("changed")));
      for (const row of trackers)
        [...row.cells].forEach((cell, index) =>
          (cell.hidden = event.target.checked && quiet[index]));
    });
  }

  begin();
})();
