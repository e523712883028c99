/** Cards of the board of repairs are moved by dragging and by arrows; without scripts each has a form. */
import Sortable from "sortablejs";

const board = () => document.getElementById("repair-board");
const columns = () => [...board().querySelectorAll("[data-board-column]")];

/** What puts a card back when its move could not even be sent. */
let undo = null;
/** The grip that was pressed: new ones are hidden when they come, so that the focus cannot stay by itself. */
let pressed = null;

/** Send the card's own form; the answer is the board as it is then, so a refused card is back where it belongs. */
function move(card, status) {
  const form = card.querySelector("form");
  form.elements.status.value = status;
  form.querySelector("button").click();
}

function dropped({ item, from, to, oldIndex }) {
  if (from === to) return;
  undo = () => {
    from.insertBefore(item, from.children[oldIndex] ?? null);
    item.querySelector("form").reset();
  };
  move(item, to.dataset.boardColumn);
}

function moveByArrow(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const grip = event.target.closest?.("[data-grip]");
  if (!step || !grip) return;
  event.preventDefault();
  const card = grip.closest("[data-board-card]");
  const all = columns();
  const target = all[all.indexOf(card.parentElement) + step];
  if (!target) return;
  pressed = grip.id;
  move(card, target.dataset.boardColumn);
}

function putBack() {
  undo?.();
  undo = null;
}

function prepare() {
  undo = null;
  board()
    .querySelectorAll("[data-grip]")
    .forEach((grip) => {
      grip.hidden = false;
    });
  if (pressed) document.getElementById(pressed)?.focus();
  pressed = null;
  for (const column of columns()) {
    Sortable.create(column, {
      group: "repairs",
      sort: false, // the order within a column is how long a card has been there
      handle: "[data-grip]",
      draggable: "[data-board-card]",
      forceFallback: true, // one way for mouse and finger alike, instead of the browser's own for the mouse
      animation: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
      onEnd: dropped,
    });
  }
}

prepare();
document.addEventListener("keydown", moveByArrow);
document.addEventListener("htmx:responseError", putBack);
document.addEventListener("htmx:sendError", putBack);
document.addEventListener("htmx:afterSwap", (event) => event.detail.target.id === "repair-board" && prepare());
