
for (const output of document.querySelectorAll("[data-document-cookie]")) {
  output.textContent = document.cookie || "(nothing)";
}
for (const button of document.querySelectorAll("[data-fetch]")) {
  button.addEventListener("click", async () => {
    const output = document.getElementById(button.dataset.output);
    try {
      const answer = await fetch(button.dataset.fetch, { credentials: button.dataset.credentials });
      const told = await answer.json();
      output.textContent = told.came.length ? told.came.join(", ") : "(nothing came along)";
    } catch (error) {
      output.textContent = "The browser gave the script no answer.";
    }
  });
}
