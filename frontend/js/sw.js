/** Runs beside the pages, also when none is open: shows notifications, and opens what they are about. */

const NAME = "MedCover";

function read(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {}; // a browser demands that something is shown for every message
  }
}

/** The address to open; nothing that was sent leads away from this site. */
function addressOf(path) {
  const address = new URL(path || "/", self.location.origin);
  return address.origin === self.location.origin ? address.href : `${self.location.origin}/`;
}

function show({ title, body, path, tag, lang }) {
  return self.registration.showNotification(title || NAME, { body, tag, lang, data: { path }, renotify: Boolean(tag) });
}

async function open(address) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const found = windows.find(({ url }) => url.split("#")[0] === address);
  return found ? found.focus() : self.clients.openWindow(address);
}

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("push", (event) => event.waitUntil(show(read(event.data))));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(addressOf(event.notification.data?.path)));
});
