/** The theme switch changes the page at once and tells the server behind it, so that no typed text is lost. */
import { applyPreference, currentPreference } from "./preference.js";

const FORM = "form.theme-toggle";

function save(form, preference) {
  const body = new FormData(form);
  body.set("theme", preference);
  return fetch(form.action, { method: "POST", body, redirect: "manual" });
}

function succeeded(response) {
  return response.ok || response.type === "opaqueredirect";
}

/** Each choice has its own button and only one is shown, so the focus moves to the one that took its place. */
function focusShownOption(form) {
  const shown = [...form.querySelectorAll("button")].find((button) => button.offsetParent);
  shown?.focus();
}

async function changeTheme(event) {
  const form = event.target.closest?.(FORM);
  if (!form || !event.submitter) return;
  event.preventDefault();
  const before = currentPreference();
  const wanted = event.submitter.value;
  applyPreference(wanted);
  focusShownOption(form);
  const response = await save(form, wanted).catch(() => null);
  if (!response || !succeeded(response)) applyPreference(before);
}

export function start() {
  document.addEventListener("submit", changeTheme);
}
