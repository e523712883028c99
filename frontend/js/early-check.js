/** A field with data-invalid="sentence" is checked when it is left, and cleared as soon as it is right again. */

const NOTE = "early-note";

function noteOf(field) {
  return field.parentElement.querySelector(`.${NOTE}`);
}

function clear(field) {
  if (!noteOf(field)) return;
  noteOf(field).remove();
  field.classList.remove("is-invalid");
  field.removeAttribute("aria-invalid");
}

function tell(field) {
  if (noteOf(field)) return;
  const note = document.createElement("div");
  note.className = `${NOTE} invalid-feedback`;
  note.setAttribute("role", "alert");
  note.textContent = field.dataset.invalid;
  field.after(note);
  field.classList.add("is-invalid");
  field.setAttribute("aria-invalid", "true");
}

function check(event) {
  const field = event.target.closest?.("input[data-invalid]");
  if (!field || !field.value.trim()) return;
  if (field.validity.valid) clear(field);
  else tell(field);
}

function forgive(event) {
  const field = event.target.closest?.("input[data-invalid]");
  if (field && (field.validity.valid || !field.value.trim())) clear(field);
}

export function start() {
  document.addEventListener("focusout", check);
  document.addEventListener("input", forgive);
}
