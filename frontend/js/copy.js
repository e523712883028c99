/** A button with data-copy="#field" puts that field's text into the clipboard and says so. */

async function copy(event) {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.querySelector(button.dataset.copy);
  field.select?.();
  await navigator.clipboard.writeText(field.value ?? field.textContent.trim());
  const answer = button.querySelector("[data-copied]");
  if (answer) answer.textContent = answer.dataset.copied;
}

export function start() {
  document.addEventListener("click", copy);
}
