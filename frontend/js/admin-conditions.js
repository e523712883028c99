/** Conditions of an event are moved up and down with buttons; without scripts their numbers are typed. */

const ROW = ".condition:not(.empty-form)";
const MOVED = ["qualification", "minimum"];

const control = (row, end) => row.querySelector(`[name$="-${end}"]`);

/** Two rows change what stands in them and keep their places, names and keys, which the server knows them by. */
function exchange(one, other) {
  for (const end of MOVED) {
    const [here, there] = [control(one, end), control(other, end)];
    [here.value, there.value] = [there.value, here.value];
  }
}

/** The rows that will be left; one that is about to be removed has no place among them. */
function rowsAround(row) {
  const rows = [...row.closest(".conditions").querySelectorAll(ROW)];
  return rows.filter((other) => other === row || !control(other, "remove")?.checked);
}

function move(event) {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  const row = button.closest(ROW);
  const rows = rowsAround(row);
  const other = rows[rows.indexOf(row) + Number(button.dataset.move)];
  if (!other) return;
  exchange(row, other);
  other.querySelector(`[data-move="${button.dataset.move}"]`).focus();
}

export function start() {
  const group = document.querySelector(".conditions");
  if (!group) return;
  group.classList.add("is-moved-by-buttons");
  group.querySelectorAll(".condition-moves").forEach((buttons) => {
    buttons.hidden = false;
  });
  // Without a number a row has the place where it stands.
  group.querySelectorAll('[name$="-order"]').forEach((order) => {
    order.value = "";
  });
  group.addEventListener("click", move);
}
