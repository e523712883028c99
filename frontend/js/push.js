/** „Upozornění v tomto prohlížeči“ on the profile: says what this browser can do, asks it, and sends what it answers. */

const SHORT_DIGEST = 16;

const isSupported = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function bytesOf(text) {
  const binary = window.atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function textOf(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return window.btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** By this the server's list calls a browser. */
async function digestOf({ endpoint }) {
  const digest = await window.crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.slice(0, SHORT_DIGEST);
}

function show(card, state) {
  card.querySelectorAll("[data-push-when]").forEach((part) => {
    part.hidden = part.dataset.pushWhen !== state;
  });
}

async function subscriptionOfThisBrowser() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return (await registration?.pushManager.getSubscription()) ?? null;
}

async function deviceOf(subscription) {
  return subscription && document.querySelector(`[data-push-device="${await digestOf(subscription)}"]`);
}

async function showState(card) {
  if (!isSupported()) return show(card, "unsupported");
  if (Notification.permission === "denied") return show(card, "denied");
  const device = await deviceOf(await subscriptionOfThisBrowser());
  if (device) device.querySelector("[data-push-here]").hidden = false;
  return show(card, device ? "on" : "off");
}

/** A subscription made with an older key of the server would be told nothing any more. */
function isOfKey(subscription, key) {
  const used = subscription.options?.applicationServerKey;
  return !used || textOf(used) === key;
}

async function subscribe({ pushKey, pushWorker }) {
  await navigator.serviceWorker.register(pushWorker, { scope: "/" });
  const { pushManager } = await navigator.serviceWorker.ready;
  const known = await pushManager.getSubscription();
  if (known && isOfKey(known, pushKey)) return known;
  await known?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(pushKey) });
}

function send(form, subscription) {
  form.elements.endpoint.value = subscription.endpoint;
  form.elements.p256dh.value = textOf(subscription.getKey("p256dh"));
  form.elements.auth.value = textOf(subscription.getKey("auth"));
  form.requestSubmit();
}

async function switchOn(card, button) {
  button.disabled = true;
  try {
    // Before anything else is waited for: some browsers ask only right after a touch.
    const permission = await Notification.requestPermission();
    if (permission !== "granted") return await showState(card);
    return send(button.form, await subscribe(card.dataset));
  } catch {
    return show(card, "failed");
  } finally {
    button.disabled = false;
  }
}

/** The browser is told as well when it is its own line that goes. */
async function remove(event) {
  const form = event.target.closest("[data-push-remove]");
  if (!form || !isSupported()) return;
  event.preventDefault();
  try {
    const subscription = await subscriptionOfThisBrowser();
    if (form.closest("[data-push-device]") === (await deviceOf(subscription))) await subscription?.unsubscribe();
  } finally {
    form.submit();
  }
}

export function start() {
  const card = document.querySelector("[data-push]");
  if (!card) return;
  const button = card.querySelector("[data-push-on]");
  button.addEventListener("click", () => switchOn(card, button));
  document.addEventListener("submit", remove);
  // Some private windows refuse even to be asked.
  showState(card).catch(() => show(card, "unsupported"));
}
