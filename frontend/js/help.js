/** Places a help text under its button where the browser cannot do that by itself. */

const GAP_PX = 6;

function place(popover) {
  const button = document.querySelector(`[popovertarget="${CSS.escape(popover.id)}"]`);
  if (!button) return;
  const anchor = button.getBoundingClientRect();
  const widest = document.documentElement.clientWidth - popover.offsetWidth - GAP_PX;
  popover.style.margin = "0";
  popover.style.left = `${Math.max(GAP_PX, Math.min(anchor.left, widest))}px`;
  popover.style.top = `${anchor.bottom + GAP_PX}px`;
}

export function start() {
  if (CSS.supports("position-area", "bottom")) return;
  document.addEventListener(
    "toggle",
    (event) => {
      if (event.newState === "open" && event.target.matches(".help-text")) place(event.target);
    },
    { capture: true },
  );
}
