/** A file that the server would refuse for its size is refused before it is sent: <input data-max-bytes data-too-large>. */

function check(event) {
  const field = event.target;
  if (!field.matches?.("input[type=file][data-max-bytes]")) return;
  const isTooLarge = [...field.files].some((file) => file.size > Number(field.dataset.maxBytes));
  field.setCustomValidity(isTooLarge ? field.dataset.tooLarge : "");
  field.reportValidity();
}

export function start() {
  document.addEventListener("change", check);
}
