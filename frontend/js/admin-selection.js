/** Rows chosen for an action: the box in the heading shows when only some are chosen, and one button chooses none. */

export function start() {
  const all = document.getElementById("action-toggle");
  const clear = document.querySelector(".clear-selection");
  const boxes = [...document.querySelectorAll("tr input.action-select")];
  if (!all || !clear || !boxes.length) return;
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
    clear.hidden = chosen === 0;
  };
  // The admin's own script listens further in and has done its part when these are told.
  document.addEventListener("change", show);
  window.addEventListener("pageshow", () => window.setTimeout(show));
  clear.addEventListener("click", () => {
    all.checked = true;
    all.click();
    all.focus();
  });
}
