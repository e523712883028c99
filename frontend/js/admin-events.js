/** Small helps for planning in the backoffice; every page works without them. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Day and time typed as 28.11.2026 and 18:00, as a number to compare and add to; NaN when they are no moment. */
function momentOf([day, time]) {
  const [, date, month, year] = day.value.match(/^\s*(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})\s*$/) ?? [];
  const [, hours, minutes] = time.value.match(/^\s*(\d{1,2})[:.](\d{2})/) ?? [];
  if (!date || !hours) return NaN;
  // What the clock on the wall shows, whatever the zone: that is what is typed.
  const moment = new Date(Date.UTC(year, month - 1, date, hours, minutes));
  return moment.getUTCDate() === Number(date) && moment.getUTCHours() === Number(hours) ? moment.getTime() : NaN;
}

function write([day, time], moment) {
  const [date, clock] = new Date(moment).toISOString().split("T");
  day.value = date.split("-").reverse().join(".");
  time.value = clock.slice(0, 5);
}

/**
 * A start that leaves no room before the end takes the end along, and goes on doing so until somebody types an end: the
 * event stays as long as it was, and lasts an hour as long as nobody has said how long it is.
 */
function endFollowsStart() {
  const [start, end] = ["start", "end"].map((name) => [...document.querySelectorAll(`[id^="id_${name}_"]`)]);
  if (start.length !== 2 || end.length !== 2) return;
  let [length, written] = [HOUR, NaN];
  const look = (event) => {
    const [begins, ends] = [momentOf(start), momentOf(end)];
    const follows = ends === written || !(ends > begins);
    if (start.includes(event?.target) && follows && !Number.isNaN(begins)) {
      written = begins + length;
      write(end, written);
    } else if (ends > begins) length = ends - begins;
  };
  look();
  // The calendar fills its field without an event and then gives it the focus.
  for (const field of [...start, ...end]) {
    for (const event of ["change", "blur"]) field.addEventListener(event, look);
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
