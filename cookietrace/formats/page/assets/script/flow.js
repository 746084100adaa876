// Concept flow: light the stages of the step, and set the texts of the drawing.

const drawing = one("svg.drawing");

function draw() {
  const now = data.drawings[step - 1];
  const texts = {
    client: "Client", // unless the drawing names it
    ...now,
    lead: data.stages[now.lead - 1],
    jar: data.jars[data.held[step - 1]],
  };
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
  all(".lanes span").forEach((host, index) => {
    const requests = now.lanes?.[index];
    host.hidden = !requests;
    host.classList.toggle("lit", index === (now.lane ?? 0));
    one("b", host).textContent = requests;
  });
  for (const hosts of all(".lanes")) hosts.hidden = !now.lanes;
  one(".drawn").textContent = `The drawing shows step ${labels[step - 1]}.`;
  drawing.dataset.kind = rows[step - 1].className.split(" ")[0];
  drawing.dataset.unsure = rows[step - 1].classList.contains("unsure");
  drawing.dataset.stays = now.stays ?? 0;
  drawing.dataset.held = Math.min(now.held ?? 0, 3);
  drawing.classList.add("runs");
}
