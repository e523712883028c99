/**
 * Runs before the first paint: turns the person's preference into the theme that is shown.
 *
 * The preference comes with the page (an attribute of <html>, or a meta element in the backoffice); pages without a
 * person (login, errors) take the one that this browser saw last. "auto" follows the system, also while the page is open.
 */
import { applyPreference, currentPreference } from "./preference.js";

document.documentElement.classList.add("js");
applyPreference(currentPreference());

window
  .matchMedia("(prefers-color-scheme: dark)")
  .addEventListener("change", () => applyPreference(currentPreference()));
