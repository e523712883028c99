/**
 * Reads codes with the camera and sends the form around them, one after the other:
 * <form data-scanner="address of qr-reader.js"> with [name=code], [data-scan-start], [data-scan-stop], [data-scan-view]
 * around a <video>, and [data-scan-problem] with a sentence for each of "refused", "missing", "busy" and "broken".
 */

const EVERY_MS = 150;
/** A code that stays before the camera is sent once. */
const FORGOTTEN_MS = 3000;
/** Enough for a label that fills a third of the picture, and quick to search on an old phone. */
const WIDTH = 640;

/** What browsers call the reasons why there is no picture, and which sentence tells of it. */
const PROBLEMS = { NotAllowedError: "refused", NotFoundError: "missing", NotReadableError: "busy" };

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

/** Phones that lack a part of their system offer a detector that fails when it is asked: then the library reads. */
async function detectorFor(address) {
  let own = await detectorOfBrowser().catch(() => null);
  let library = null;
  return async (video) => {
    try {
      if (own) return await own(video);
    } catch {
      own = null;
    }
    library ??= await detectorOfLibrary(address);
    return library(video);
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

  /** Says why nothing is scanned; an empty name says that all is well. The code can be typed meanwhile. */
  function say(problem) {
    form.querySelectorAll("[data-scan-problem]").forEach((words) => {
      words.hidden = words.dataset.scanProblem !== problem;
    });
  }

  async function switchOn() {
    say("");
    part("start").hidden = true;
    let stream = null;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = stream;
      show(true);
      await video.play();
      await watch(video, await detectorFor(form.dataset.scanner), send);
    } catch (error) {
      const isSwitchedOff = stream && !video.srcObject;
      switchOff();
      if (isSwitchedOff) return;
      say(PROBLEMS[error.name] ?? "broken");
      part("start").focus();
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
