
for (const output of document.querySelectorAll("[data-document-cookie]")) {
  output.textContent = document.cookie || "(nothing)";
}
for (const button of document.querySelectorAll("[data-fetch]")) {
  button.addEventListener("click", async () => {
    const output = document.getElementById(button.dataset.output);
    try {
      const response = await fetch(button.dataset.fetch, { credentials: button.dataset.credentials });
      const { received } = await response.json();
      output.textContent = received.length ? received.join(", ") : "(nothing)";
    } catch (error) {
      output.textContent = "The browser did not let the script read the response.";
    }
  });
}
