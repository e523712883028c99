/** A button with data-copy="#field" puts that field's text into the clipboard and says so. */

/** The old way, for addresses without TLS and for browsers that refuse the new one; needs a field that can be selected. */
function copySelected(field) {
  field.focus();
  field.select?.();
  return document.execCommand("copy");
}

async function put(field) {
  try {
    await navigator.clipboard.writeText(field.value ?? field.textContent.trim());
    return true;
  } catch {
    return copySelected(field);
  }
}

async function copy(event) {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.querySelector(button.dataset.copy);
  field.select?.();
  const answer = button.querySelector("[data-copied]");
  if ((await put(field)) && answer) answer.textContent = answer.dataset.copied;
}

export function start() {
  document.addEventListener("click", copy);
}
