// Keeps the whole app on this device, so that it starts without network. Data never passes through here: that is the
// local database's and the sync engine's.

const VERSION = "__VERSION__";
const FILES = /*PRECACHE*/[];
const CACHE = `almanac-${VERSION}`;

self.addEventListener("install", (event) => {
  // All or nothing: a version that is only half here is never used.
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })))));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("almanac-") && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

const SERVER = ["/auth/", "/rest/", "/realtime/", "/almanac.json", "/health", "/metrics"];

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = url.origin === self.location.origin && event.request.method === "GET";
  if (!ours || SERVER.some((path) => url.pathname.startsWith(path))) return;
  // The page will want the database at once, and opening it is slow the first time: it is woken while the page loads.
  if (event.request.mode === "navigate") indexedDB.databases?.().catch(() => {});
  // Every page of the app is the same document.
  const wanted = event.request.mode === "navigate" ? "/" : event.request;
  event.respondWith((async () => {
    const cache = await caches.open(CACHE);
    return (await cache.match(wanted)) ?? fetch(event.request);
  })());
});
