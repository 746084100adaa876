// Concept snapshot: what each line says as of the selected step.

function showSnapshot() {
  all(".snapshot li").forEach((line, index) => {
    const [wordings, versions] = data.snapshot[index];
    const version = versions.findLast(([from]) => from <= step);
    line.hidden = !version;
    if (!version) return;
    const [, count, latest, wording] = version;
    one(".times", line).textContent = `${count}×`;
    one(".line", line).textContent = wordings[wording].replace("{}", count);
    const [first, again] = all("a", line);
    again.textContent = labels[latest - 1];
    again.hash = `table-${labels[latest - 1]}`;
    one(".latest", line).hidden = first.textContent === again.textContent;
  });
}
