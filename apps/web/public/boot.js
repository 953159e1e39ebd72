// Starts the app and its service worker. A file of its own because the page's policy allows no inline script.

import { keep, restored } from "/kept.js";

const boot = document.getElementById("boot");
const { js, wasm } = boot.dataset;

// Under `dx serve` the placeholders are still there: it brings its own loader.
if (!js.startsWith("%")) {
  // Fetched and compiled while the rest goes on; nothing of it runs before what was kept is there.
  const module = WebAssembly.compileStreaming(fetch(wasm));
  const app = import(js);
  await restored;
  window.addEventListener("almanac-kept", () => keep().catch(() => {}));
  const [{ default: start }, module_or_path] = await Promise.all([app, module]);
  await start({ module_or_path });
}

// Where there is no service worker a plain reload brings the new version.
let takeUpdate = () => window.location.reload();
window.addEventListener("almanac-take-update", () => takeUpdate());

if ("serviceWorker" in navigator && !js.startsWith("%")) {
  const registration = await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });

  // A new version waits until the person takes it; the app shows that it is there.
  const tell = () => window.dispatchEvent(new Event("almanac-update"));
  const watch = (worker) => worker?.addEventListener("statechange", () => {
    if (worker.state === "installed" && navigator.serviceWorker.controller) tell();
  });
  if (registration.waiting && navigator.serviceWorker.controller) tell();
  watch(registration.installing);
  registration.addEventListener("updatefound", () => watch(registration.installing));
  const reload = takeUpdate;
  takeUpdate = () => {
    if (!registration.waiting) return reload();
    navigator.serviceWorker.addEventListener("controllerchange", reload, { once: true });
    registration.waiting.postMessage("take over");
  };
  const HOUR = 3600_000;
  setInterval(() => registration.update().catch(() => {}), HOUR);
}
