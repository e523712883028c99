/**
 * Lists on a small desk begin without the bar of all pages beside them, so that their tables have its width.
 *
 * The admin's own script, which runs after this one, remembers what somebody has chosen for all pages; until then it
 * opens the bar everywhere. It is told otherwise for the moment in which it looks, and nothing stays behind.
 */

const CHOICE = "django.admin.navSidebarIsOpen";
const SMALL = "(max-width: 1439px)";

export function start() {
  const isList = document.body.classList.contains("change-list");
  if (!isList || localStorage.getItem(CHOICE) !== null || !window.matchMedia(SMALL).matches) return;
  localStorage.setItem(CHOICE, "false");
  document.addEventListener("DOMContentLoaded", () => localStorage.removeItem(CHOICE), { once: true });
}
