/** Cards of the board of repairs are moved by dragging, by arrows and in a dialog; without scripts on their own page. */
import Sortable from "sortablejs";

const board = () => document.getElementById("repair-board");
const columns = () => [...board().querySelectorAll("[data-board-column]")];
const cardAt = (element) => element.closest("[data-board-card]");

const dialog = document.getElementById("move-dialog");
const form = dialog.querySelector("form");

/** What puts a card back when its move could not even be sent. */
let undo = null;
/** Where the focus returns to: cards are new when they come, so that it cannot stay by itself. */
let pressed = null;

/** Fill in the form that all cards share; the address for moving lies below that of the repair. */
function choose(card, status) {
  form.action = new URL("move/", card.querySelector("a").href).href;
  form.elements.version.value = card.dataset.version;
  form.elements.status.value = status;
}

/** Send it; the answer is the board as it is then, so a refused card is back where it belongs. */
function move(card, status) {
  choose(card, status);
  form.querySelector("[type=submit]").click();
}

/** htmx has read the address when the page came, and it is another one for each card. */
function direct(event) {
  event.detail.path = form.action;
}

function dropped({ item, from, to, oldIndex }) {
  if (from === to) return;
  undo = () => from.insertBefore(item, from.children[oldIndex] ?? null);
  move(item, to.dataset.boardColumn);
}

function remember(card, part) {
  pressed = `[data-board-card="${card.dataset.boardCard}"] [${part}]`;
}

function moveByArrow(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const grip = event.target.closest?.("[data-grip]");
  if (!step || !grip) return;
  event.preventDefault();
  const card = cardAt(grip);
  const all = columns();
  const target = all[all.indexOf(card.parentElement) + step];
  if (!target) return;
  remember(card, "data-grip");
  move(card, target.dataset.boardColumn);
}

function ask(event) {
  const opener = event.target.closest?.("[data-move]");
  // Opened in another tab, the page of the repair is what was asked for.
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const card = cardAt(opener);
  choose(card, card.parentElement.dataset.boardColumn);
  document.getElementById("move-title").textContent = card.querySelector("[data-grip]").getAttribute("aria-label");
  remember(card, "data-move");
  dialog.showModal();
}

function closed() {
  if (!form.dataset.sending) pressed = null;
}

function putBack() {
  undo?.();
  undo = null;
  pressed = null;
}

function prepare() {
  undo = null;
  board()
    .querySelectorAll("[data-grip]")
    .forEach((grip) => {
      grip.hidden = false;
    });
  if (pressed) board().querySelector(pressed)?.focus();
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
document.addEventListener("click", ask);
form.addEventListener("htmx:configRequest", direct);
form.addEventListener("submit", () => dialog.close());
dialog.addEventListener("close", closed);
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
document.addEventListener("htmx:responseError", putBack);
document.addEventListener("htmx:sendError", putBack);
document.addEventListener("htmx:afterSwap", (event) => event.detail.target.id === "repair-board" && prepare());
