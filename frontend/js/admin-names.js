/** Gives names to the controls that Django's admin leaves without one, so that a screen reader can say them. */

/** The words of the column in which a table cell stands. */
function columnTitle(control) {
  const cell = control.closest("td");
  const table = control.closest("table");
  if (!cell || !table?.tHead) return "";
  const byName = [...cell.classList].find((name) => name.startsWith("field-"));
  const selector = byName ? `.${byName.replace("field-", "column-")}` : cell.matches(".delete") && "th:last-child";
  const header = selector && table.tHead.querySelector(selector);
  return header?.textContent.trim() ?? "";
}

function title(control) {
  return control.labels?.[0]?.textContent.trim() || columnTitle(control);
}

/** A search-as-you-type field: its own <select> is hidden and what stands in its place has no label. */
function nameAutocomplete(select) {
  const shown = select.nextElementSibling;
  if (!shown?.classList.contains("select2")) return;
  const name = title(select);
  shown.querySelector(".select2-search__field")?.setAttribute("aria-label", name);
  const value = shown.querySelector(".select2-selection__rendered");
  const box = shown.querySelector(".select2-selection");
  if (box.classList.contains("select2-selection--multiple")) {
    box.setAttribute("aria-label", name);
    return;
  }
  const spoken = document.createElement("span");
  spoken.className = "visually-hidden";
  spoken.id = `${value.id}-name`;
  spoken.textContent = name;
  box.before(spoken);
  value.removeAttribute("role");
  value.removeAttribute("aria-readonly");
  box.setAttribute("aria-labelledby", `${spoken.id} ${value.id}`);
}

function nameCell(control) {
  if (control.labels?.length || control.ariaLabel || !columnTitle(control)) return;
  control.setAttribute("aria-label", columnTitle(control));
}

function nameAll(root) {
  root.querySelectorAll("select.admin-autocomplete").forEach(nameAutocomplete);
  root.querySelectorAll("#result_list tbody td, .tabular tbody td").forEach((cell) => {
    cell.querySelectorAll("input:not([type=hidden]), select, textarea").forEach(nameCell);
  });
}

export function start() {
  // The admin's scripts build their fields when jQuery finds the document ready, which may be after the page has loaded.
  const ready = window.django?.jQuery ?? ((then) => then());
  ready(() => nameAll(document));
  document.addEventListener("formset:added", (event) => window.setTimeout(nameAll, 0, event.target));
}
