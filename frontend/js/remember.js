/** Fields with data-remember keep what was typed in this browser, for the next time the page is opened. */

export function start() {
  for (const field of document.querySelectorAll("[data-remember]")) {
    const key = `medcover-${field.dataset.remember}`;
    try {
      if (!field.value) field.value = localStorage.getItem(key) ?? "";
      field.addEventListener("change", () => localStorage.setItem(key, field.value));
    } catch {
      // The browser keeps nothing; then it is typed again.
    }
  }
}
