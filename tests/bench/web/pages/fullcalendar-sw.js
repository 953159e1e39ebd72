// Keeps the page and what it loads; answers from what is kept.
const FILES = ['/fullcalendar.html', '/fullcalendar-app.mjs', '/dexie.mjs', '/fullcalendar.js', '/fullcalendar-theme.js', '/fullcalendar.css', '/fullcalendar-theme.css', '/fullcalendar-palette.css'];

addEventListener('install', (event) => event.waitUntil(caches.open('v1').then((cache) => cache.addAll(FILES)).then(() => skipWaiting())));
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request))));
