// When something is painted: the second animation frame after it stands in the page and is visible. Runs inside pages: give it
// to `addInitScript` before anything else.
export function painted() {
  const next = () => new Promise((done) => requestAnimationFrame(done));
  /** Resolves with the time, ms since the page began to load, when it is painted. */
  globalThis.untilPainted = async (ready) => {
    const begun = performance.now();
    while (!ready()) {
      await next();
      if (performance.now() - begun > 60_000) throw new Error(`never as wanted; the page shows ${globalThis.numbers().slice(0, 20)} at ${location.pathname}`);
    }
    await next();
    await next();
    return performance.now();
  };
  /** The events in the page: their numbers, by their titles (`Planning 4711`). */
  globalThis.numbers = () =>
    [...document.querySelectorAll('[data-event-id]')].map((chip) => Number(/Planning (\d+)/.exec((chip.querySelector('.event-title') ?? chip).textContent)?.[1] ?? NaN));
  /** At least `least` events are shown, and all of them are of this range. */
  globalThis.showsOnly = (first, after, least) => {
    const shown = globalThis.numbers();
    return shown.length >= least && shown.every((number) => number >= first && number < after);
  };
  addEventListener('keydown', (event) => (globalThis.keyAt = event.timeStamp), true);
}
