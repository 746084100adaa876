// Concept flow: draw the selected step, and count the requests of each host.

const drawing = one("svg.drawing");

function draw() {
  const now = data.drawings[step - 1];
  const texts = {
    client: "Client", // unless the drawing names it
    ...now,
    lead: data.stages[now.lead - 1],
    jar: data.jars[data.held[step - 1]],
  };
  const classes = rows[step - 1].classList;
  drawStep(drawing, now, texts, { kind: classes[0], unsure: classes.contains("unsure") });
  all(".lanes span").forEach((host, index) => {
    const requests = now.lanes?.[index];
    host.hidden = !requests;
    host.classList.toggle("lit", index === (now.lane ?? 0));
    one("b", host).textContent = requests;
  });
  for (const hosts of all(".lanes")) hosts.hidden = !now.lanes;
  one(".drawn").textContent = `The drawing shows step ${labels[step - 1]}.`;
}
