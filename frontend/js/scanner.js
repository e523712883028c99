/**
 * Reads codes with the camera and sends the form around them, one after the other:
 * <form data-scanner="address of qr-reader.js"> with [name=code], [data-scan-start], [data-scan-stop], [data-scan-view]
 * around a <video>, and [data-scan-problem].
 */

const EVERY_MS = 150;
/** A code that stays before the camera is sent once. */
const FORGOTTEN_MS = 3000;
/** Enough for a label that fills a third of the picture, and quick to search on an old phone. */
const WIDTH = 640;

async function detectorOfBrowser() {
  if (!("BarcodeDetector" in window)) return null;
  const formats = await window.BarcodeDetector.getSupportedFormats();
  if (!formats.includes("qr_code")) return null;
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? "";
}

async function detectorOfLibrary(address) {
  const { default: read } = await import(address);
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    canvas.width = Math.min(WIDTH, video.videoWidth);
    canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth);
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    return read(context.getImageData(0, 0, canvas.width, canvas.height));
  };
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Looks at the picture until the camera is switched off, and tells each new code once. */
async function watch(video, detect, tell) {
  let last = "";
  let seen = 0;
  while (video.srcObject) {
    const code = video.videoWidth ? await detect(video) : "";
    const now = performance.now();
    if (code && (code !== last || now - seen > FORGOTTEN_MS) && video.srcObject) tell(code);
    if (code) [last, seen] = [code, now];
    await pause(EVERY_MS);
  }
}

function connect(form) {
  const part = (name) => form.querySelector(`[data-scan-${name}]`);
  const field = form.elements.code;
  const video = part("view").querySelector("video");

  function show(isOn) {
    part("view").hidden = !isOn;
    part("start").hidden = isOn;
  }

  function switchOff() {
    video.srcObject?.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
    show(false);
  }

  function send(code) {
    navigator.vibrate?.(60);
    field.value = code;
    form.requestSubmit();
  }

  async function switchOn() {
    part("problem").hidden = true;
    part("start").hidden = true;
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      show(true);
      await video.play();
      await watch(video, (await detectorOfBrowser()) ?? (await detectorOfLibrary(form.dataset.scanner)), send);
    } catch {
      part("problem").hidden = false;
      switchOff();
    }
  }

  part("start").addEventListener("click", switchOn);
  part("stop").addEventListener("click", () => {
    switchOff();
    part("start").focus();
  });
  form.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.elt === form && detail.successful) field.value = "";
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) switchOff();
  });
  part("start").hidden = false;
}

export function start() {
  // Without a secure connection browsers have no camera to offer.
  if (!navigator.mediaDevices?.getUserMedia) return;
  document.querySelectorAll("form[data-scanner]").forEach(connect);
}
