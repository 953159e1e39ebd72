// Timers that wait until they are let go, so that a test can do something before one has fired, however slow the machine is.

const HELD = 'e2e.held';

/** Loads the page again; its timers of so many ms fire only when the returned function is called, later ones as ever. */
export async function reloadHolding(page, length) {
  await page.addInitScript((name) => {
    const length = Number(sessionStorage.getItem(name));
    if (!length) return;
    // For this load only.
    sessionStorage.removeItem(name);
    const { setTimeout, clearTimeout } = globalThis;
    const held = new Map();
    let holds = true;
    globalThis.setTimeout = (work, ms, ...values) => {
      const timer = setTimeout(work, holds && ms === length ? 2 ** 31 - 1 : ms, ...values);
      if (holds && ms === length) held.set(timer, () => work(...values));
      return timer;
    };
    globalThis.clearTimeout = (timer) => {
      held.delete(timer);
      clearTimeout(timer);
    };
    globalThis.letTimersGo = () => {
      holds = false;
      for (const [timer, work] of held) {
        clearTimeout(timer);
        setTimeout(work, 0);
      }
      held.clear();
    };
  }, HELD);
  await page.evaluate(([name, length]) => sessionStorage.setItem(name, length), [HELD, length]);
  await page.reload();
  return () => page.evaluate(() => globalThis.letTimersGo());
}
