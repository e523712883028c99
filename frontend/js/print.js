/** A button with data-print prints the page. */

function print(event) {
  if (event.target.closest("[data-print]")) window.print();
}

export function start() {
  document.addEventListener("click", print);
}
