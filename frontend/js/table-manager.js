/** The table of events in the backoffice: its dialog, its filter, and rows that find their place after a change. */
const DONE = new Set(["completed", "cancelled"]);

const table = () => document.getElementById("table-manager");
const dialog = () => document.getElementById("table-dialog");

let lastKey = null;

/** Colours come as data, because the content security policy knows no styles inside elements. */
function tint(root) {
  for (const element of root.querySelectorAll("[data-tint]")) element.style.setProperty("--tint", element.dataset.tint);
  if (root.dataset?.tint) root.style.setProperty("--tint", root.dataset.tint);
}

function sortRows() {
  const rows = [...table().tBodies].filter((body) => body.dataset.order);
  rows.sort((a, b) => (a.dataset.order < b.dataset.order ? -1 : 1));
  const inPlace = rows.every((body, index) => table().tBodies[index] === body);
  if (!inPlace) table().append(...rows);
  markDays(rows);
}

function markDays(rows) {
  let day = null;
  for (const body of rows.filter((row) => !row.hidden)) {
    body.classList.toggle("is-new-day", body.dataset.day !== day);
    day = body.dataset.day;
  }
}

function pressed(kind) {
  const buttons = document.querySelectorAll(`[data-filter="${kind}"][aria-pressed="true"]`);
  return new Set([...buttons].map((button) => button.dataset.value));
}

function applyFilter() {
  const statuses = pressed("status");
  const kinds = pressed("kind");
  const rows = [...table().tBodies].filter((body) => body.dataset.order);
  for (const body of rows) body.hidden = !(statuses.has(body.dataset.status) && kinds.has(body.dataset.kind));
  markDays(rows);
}

function toggle(button) {
  button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") === "true" ? "false" : "true");
  applyFilter();
}

function resetFilter() {
  for (const button of document.querySelectorAll("[data-filter]")) {
    button.setAttribute("aria-pressed", DONE.has(button.dataset.value) ? "false" : "true");
  }
  applyFilter();
}

function flash(body) {
  if (!body || window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  body.animate([{ outline: "3px solid var(--mc-focus)" }, { outline: "3px solid transparent" }], { duration: 1200 });
}

/** The button that was used is gone with its row; the new one of the same name takes the focus. */
function refocus(body) {
  const key = lastKey && CSS.escape(lastKey);
  const again = key && body.querySelector(`[data-key="${key}"]`);
  (again && !again.disabled ? again : body.querySelector("a, button"))?.focus({ preventScroll: true });
}

function remember(event) {
  const button = event.target.closest("[data-key]");
  if (button && table().contains(button)) lastKey = button.dataset.key;
}

function afterSwap(event) {
  const target = event.detail.target;
  if (target === dialog()) {
    tint(dialog());
    if (!dialog().open) dialog().showModal();
    dialog().querySelector("[autofocus]")?.focus();
    return;
  }
  if (!target?.id?.startsWith("event-")) return;
  dialog().close();
  const body = document.getElementById(target.id);
  for (const row of table().tBodies) tint(row);
  applyFilter();
  sortRows();
  if (!body) return;
  body.hidden = false; // what has just been changed stays in sight
  flash(body);
  refocus(body);
}

function onClick(event) {
  remember(event);
  const filter = event.target.closest("[data-filter]");
  if (filter) toggle(filter);
  if (event.target.closest("[data-filter-reset]")) resetFilter();
  if (event.target.closest("[data-close-dialog]") && dialog().open) {
    event.preventDefault();
    dialog().close();
  }
  if (event.target === dialog()) dialog().close(); // the backdrop belongs to the dialog
}

/** Links that act as buttons answer to the space bar as buttons do. */
function onKey(event) {
  if (event.key !== " " || !event.target.matches?.('a[role="button"]')) return;
  event.preventDefault();
  event.target.click();
}

export function start() {
  if (!table()) return;
  document.querySelector("[data-table-filter]").hidden = false;
  for (const row of table().tBodies) tint(row);
  applyFilter();
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.body.addEventListener("htmx:afterSettle", afterSwap);
}
