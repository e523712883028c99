/** A button beside a field for a day and a time that fills in this moment, on the clock of the device. */

function now() {
  const moment = new Date();
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, "YYYY-MM-DDThh:mm".length);
}

export function start() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill-now]");
    const field = button && document.getElementById(button.dataset.fillNow);
    if (!field) return;
    field.value = now();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
