/** Blocks of the digest find their place by dragging and by arrows; without scripts the arrows send the order. */
import htmx from "htmx.org";
import Sortable from "sortablejs";

const list = () => document.querySelector("[data-digest-blocks]");
const blocks = () => [...list().querySelectorAll("[data-block]")];

/** The first cannot go up and the last cannot go down. */
function markEnds() {
  const all = blocks();
  all.forEach((block, place) => {
    block.querySelector('[data-move="-1"]').disabled = place === 0;
    block.querySelector('[data-move="1"]').disabled = place === all.length - 1;
  });
}

function save() {
  markEnds();
  const form = document.getElementById("digest-order");
  htmx.ajax("POST", form.action, {
    source: form,
    target: "#digest-status",
    swap: "innerHTML",
    values: {
      csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
      order: blocks().map((block) => block.dataset.block).join(","),
    },
  });
}

function move(event) {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  event.preventDefault();
  const block = button.closest("[data-block]");
  const all = blocks();
  const other = all[all.indexOf(block) + Number(button.dataset.move)];
  if (!other) return;
  if (button.dataset.move === "-1") other.before(block);
  else other.after(block);
  save();
  // A button at the end of its way cannot hold the focus.
  (button.disabled ? block.querySelector("[data-move]:not(:disabled)") : button)?.focus();
}

/** The same form is replaced by the answer, and with it the button that was pressed. */
function keepFocus(event) {
  const form = event.detail.target?.closest?.(".digest-switch");
  if (form) document.querySelector(`#${form.id} button`)?.focus({ preventScroll: true });
}

export function start() {
  if (!list()) return;
  document.querySelectorAll("[data-grip]").forEach((grip) => {
    grip.hidden = false;
  });
  Sortable.create(list(), {
    handle: "[data-grip]",
    draggable: "[data-block]",
    forceFallback: true, // one way for mouse and finger alike, instead of the browser's own for the mouse
    animation: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
    onEnd: (event) => event.oldIndex !== event.newIndex && save(),
  });
  list().addEventListener("click", move);
  document.addEventListener("htmx:afterSwap", keepFocus);
}
