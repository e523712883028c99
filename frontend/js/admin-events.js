/** Small helps for planning in the backoffice; every page works without them. */

/** Day and time typed as 28.11.2026 and 18:00, as one comparable text; empty when either is missing. */
function comparable([day, time]) {
  const [, date, month, year] = day.value.match(/^(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})$/) ?? [];
  const [, hours, minutes] = time.value.match(/^(\d{1,2})[:.](\d{2})/) ?? [];
  if (!date || !hours) return "";
  return [year, month, date, hours, minutes].map((part) => part.padStart(4, "0")).join("");
}

/** An end that is empty or earlier follows the start. */
function follow(start, end) {
  if (!comparable(start) || (comparable(end) && comparable(end) >= comparable(start))) return;
  start.forEach((field, index) => {
    end[index].value = field.value;
  });
}

function endFollowsStart() {
  const [start, end] = ["start", "end"].map((name) => [...document.querySelectorAll(`[id^="id_${name}_"]`)]);
  if (start.length !== 2 || end.length !== 2) return;
  // The calendar fills its field without an event and then gives it the focus.
  for (const field of start) {
    for (const event of ["change", "blur"]) field.addEventListener(event, () => follow(start, end));
  }
}

/** Only a training plans the number of its participants. */
function participantsFollowKind(kind, row) {
  if (!kind || !row) return;
  const show = () => {
    row.hidden = kind.value !== "training";
  };
  kind.addEventListener("change", show);
  show();
}

export function start() {
  endFollowsStart();
  participantsFollowKind(document.querySelector(".event-form #id_kind"), document.querySelector(".field-planned_participants"));
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-submits]")) event.target.form.requestSubmit();
  });
}
