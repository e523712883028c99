/** Fields with data-screen tell the size of the window and of the screen they were filled in on. */

function described() {
  const density = Math.round((window.devicePixelRatio || 1) * 100) / 100;
  return `${window.innerWidth} × ${window.innerHeight} (${screen.width} × ${screen.height}, ${density}×)`;
}

export function start() {
  for (const field of document.querySelectorAll("[data-screen]")) field.value = described();
}
