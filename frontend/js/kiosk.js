/** The board on a screen that nobody touches: everything fits, and it is loaded anew every minute. */

const EVERY_MS = 60_000;
const SETTLED_MS = 150;
/** So often the range of possible scales is halved. */
const STEPS = 8;

const content = document.querySelector("[data-kiosk]");
/** In the hand nothing could be read any more, and a finger scrolls. */
const hanging = window.matchMedia("(min-width: 48rem)");

function scaleTo(scale) {
  content.style.width = `${window.innerWidth / scale}px`;
  content.style.transform = scale < 1 ? `scale(${scale})` : "none";
}

/** Laid out as wide as it may become, so that smaller cards stand in more columns and fill the screen. */
function fits(scale) {
  scaleTo(scale);
  return content.scrollHeight * scale <= window.innerHeight && content.scrollWidth * scale <= window.innerWidth + 1;
}

/** Never enlarged. */
function fit() {
  document.body.classList.toggle("is-fitted", hanging.matches);
  if (!hanging.matches) {
    content.removeAttribute("style");
    return;
  }
  if (fits(1)) return;
  let [small, large] = [0, 1];
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (small + large) / 2;
    if (fits(middle)) small = middle;
    else large = middle;
  }
  scaleTo(small || 1 / 2 ** STEPS);
}

/** Ask first: a browser that loads a page while the network is away shows its own error for ever. */
async function loadAnew() {
  const answer = await fetch(window.location.href, { cache: "no-store" }).catch(() => null);
  if (answer?.ok) window.location.reload();
}

let settling = 0;
window.addEventListener("resize", () => {
  window.clearTimeout(settling);
  settling = window.setTimeout(fit, SETTLED_MS);
});
window.addEventListener("load", fit);
document.fonts?.ready.then(fit);
window.setInterval(loadAnew, EVERY_MS);
fit();
