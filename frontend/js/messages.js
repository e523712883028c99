/** The message region: dismissing, and saying that a background request failed. */

const region = () => document.getElementById("messages");

function dismiss(event) {
  const button = event.target.closest("[data-dismiss]");
  if (!button) return;
  button.closest(".message").remove();
  document.getElementById("main")?.focus({ preventScroll: true });
}

/** Shows the sentence prepared in the page's <template>, once. */
export function showRequestFailed() {
  const template = document.getElementById("request-failed");
  if (!template || region()?.querySelector(".message-request-failed")) return;
  region().append(template.content.cloneNode(true));
  region().scrollIntoView({ block: "nearest" });
}

export function start() {
  document.addEventListener("click", dismiss);
}
