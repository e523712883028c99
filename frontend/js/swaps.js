/** htmx under our content security policy, and how its answers appear. */
import htmx from "htmx.org";

import { showRequestFailed } from "./messages.js";

const FADE_MS = 150;

function configure() {
  Object.assign(htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    includeIndicatorStyles: false,
    inlineStyleNonce: document.querySelector('meta[name="csp-nonce"]')?.content ?? "",
    selfRequestsOnly: true,
    // New content answers from the moment it is seen: a key pressed in between would send its form the plain way.
    defaultSettleDelay: 0,
    // Pages hold personal data, so none is kept in the browser's storage; "back" asks the server.
    historyCacheSize: 0,
    refreshOnHistoryMiss: true,
    // A refused form comes back as its own page part with 409 (stale or lost race) or 422 (invalid).
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "(409|422)", swap: true },
      { code: "[45]..", swap: false, error: true },
    ],
  });
}

function wantsStillness() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function fadeIn(event) {
  if (wantsStillness()) return;
  event.detail.elt.animate?.([{ opacity: 0.3 }, { opacity: 1 }], { duration: FADE_MS, easing: "ease-out" });
}

/** A request answered by the login page means that the session is over: go there instead of pasting it in. */
function leaveForLogin(event) {
  const login = document.body.dataset.loginUrl;
  const answered = new URL(event.detail.xhr.responseURL || window.location.href);
  if (!login || answered.pathname !== login) return;
  event.detail.shouldSwap = false;
  const next = encodeURIComponent(window.location.pathname + window.location.search);
  window.location.assign(`${login}?next=${next}`);
}

export function start() {
  configure();
  document.addEventListener("htmx:afterSwap", fadeIn);
  document.addEventListener("htmx:beforeSwap", leaveForLogin);
  document.addEventListener("htmx:responseError", showRequestFailed);
  document.addEventListener("htmx:sendError", showRequestFailed);
}
