/** A form is sent once: a second click while the first is under way does nothing. */

const SENDING = "sending";
/** An answer that is a download leaves the page standing, and its form must work again. */
const GIVE_UP_AFTER_MS = 5000;

function release(form) {
  delete form.dataset[SENDING];
  form.removeAttribute("aria-busy");
}

/** Another script kept the form from being sent, and not in order to send it by itself. */
function wasStopped(event) {
  return event.defaultPrevented && !event.target.matches("[hx-post], [hx-put], [hx-delete]");
}

function holdBack(event) {
  const form = event.target;
  if (form.method !== "post" || form.matches(".theme-toggle")) return;
  if (form.dataset[SENDING]) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset[SENDING] = "true";
  form.setAttribute("aria-busy", "true");
  window.setTimeout(() => wasStopped(event) && release(form));
  window.setTimeout(release, GIVE_UP_AFTER_MS, form);
}

function releaseAll() {
  document.querySelectorAll("form[data-sending]").forEach(release);
}

export function start() {
  document.addEventListener("submit", holdBack, { capture: true });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form[data-sending]");
    if (form) release(form);
  });
  // A page taken from the back-forward cache still carries the marks of the form that left it.
  window.addEventListener("pageshow", releaseAll);
}
