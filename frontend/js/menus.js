/** Menus and confirmations are <details>; this closes them the way people expect. */

const OPEN = "details.menu[open], details.confirm[open]";

function close(details) {
  const held = details.contains(document.activeElement);
  details.open = false;
  if (held) details.querySelector("summary").focus();
}

function closeOthers(event) {
  document.querySelectorAll(OPEN).forEach((details) => {
    if (!details.contains(event.target)) details.open = false;
  });
}

/** Escape closes the innermost open one. */
function closeOnEscape(event) {
  if (event.key !== "Escape") return;
  const open = [...document.querySelectorAll(OPEN)].pop();
  if (open) close(open);
}

function closeByButton(event) {
  const button = event.target.closest("[data-close-confirm]");
  if (button) close(button.closest("details.confirm"));
}

export function start() {
  document.addEventListener("click", closeOthers);
  document.addEventListener("click", closeByButton);
  document.addEventListener("keydown", closeOnEscape);
}
