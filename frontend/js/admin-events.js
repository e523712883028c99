/** Small helps for planning in the backoffice; every page works without them. */

/** The moment as the clock of the site shows it, in the form that the browser's own control takes. */
function localMoment(zone) {
  const options = { timeZone: zone, dateStyle: "short", timeStyle: "short" };
  return new Intl.DateTimeFormat("sv-SE", options).format(new Date()).replace(" ", "T");
}

function addNow(input) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "step-button moment-now";
  button.textContent = input.dataset.now;
  button.addEventListener("click", () => {
    input.value = localMoment(input.dataset.zone);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.after(button);
}

/** An end that is empty or earlier follows the start. */
function endFollowsStart(start, end) {
  start.addEventListener("change", () => {
    if (start.value && (!end.value || end.value < start.value)) end.value = start.value;
  });
}

/** Only a training plans the number of its participants. */
function participantsFollowKind(kind, row) {
  const show = () => {
    row.hidden = kind.value !== "training";
  };
  kind.addEventListener("change", show);
  show();
}

function both(first, second, help) {
  const [one, other] = [document.querySelector(first), document.querySelector(second)];
  if (one && other) help(one, other);
}

export function start() {
  document.querySelectorAll("input[type=datetime-local][data-now]").forEach(addNow);
  both("#id_start", "#id_end", endFollowsStart);
  both("#id_kind", ".field-planned_participants", participantsFollowKind);
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-submits]")) event.target.form.requestSubmit();
  });
}
