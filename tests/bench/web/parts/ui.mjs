// The web app beside FullCalendar on Dexie, both with 20,000 events in their own database (a hundred a week over four years),
// each in a Chromium of its own, taking turns. Times are from the key's own time to the second frame after the chips of the
// wanted dates, and no others, stand in the page. The month is shown in a window so tall that every chip is there in both.
import { readdir, readFile } from 'node:fs/promises';
import { brotliCompressSync } from 'node:zlib';
import { Account } from '../lib/account.mjs';
import { records, signIn } from '../lib/app.mjs';
import { Browser } from '../lib/browser.mjs';
import { painted } from '../lib/painted.mjs';
import { LIBRARIES } from '../lib/site.mjs';
import { Table, median, percentile } from '../lib/table.mjs';

const WEEK = { width: 1280, height: 800 };
/** A frame that a person sees as a stutter, ms. */
const LONG = 50;
const MONTH = { width: 1280, height: 3600 };

export default async function ui({ site, pick }) {
  const count = pick(2000, 20_000);
  const account = await Account.start({ webDir: process.env.ALMANAC_WEB_DIR });
  await account.fill('even', count);
  const middle = Math.floor(count / 200);
  const sides = { ours: await open(account.url), theirs: await open(`${site.origin}/fullcalendar.html`) };
  await signIn(sides.ours.browser, account);
  await Promise.all(Object.values(sides).map(({ browser, address }) => browser.page.goto(address)));
  await fetchAll(sides.ours.browser.page, account, count);
  await sides.theirs.browser.page.evaluate((n) => globalThis.fill(n), count);
  const table = new Table('ui');
  const beside = 'FullCalendar on Dexie';
  const row = (what, figures, goal, unit = 'ms') => {
    table.line(what, median(figures.ours), median(figures.theirs), { goal, beside, unit });
    if (figures.ours.length >= 10) {
      table.line(`${what}, p95`, percentile(figures.ours, 0.95), percentile(figures.theirs, 0.95), { goal, beside, unit });
    }
  };

  // Everything from the start, with nothing in memory.
  await both(sides, async (side) => {
    await side.browser.page.goto(side.address);
    await shown(side.browser.page, middle, middle + 1);
  });
  const weeks = { ours: [], theirs: [] };
  for (let step = 1; step <= pick(2, 20); step += 1) {
    await both(sides, async (side, name) => weeks[name].push(await pressed(side.browser.page, 'j', middle + step, middle + step + 1, 100)));
  }
  row('key to painted: next week', weeks, 0.6);

  // Each in a week of its own: of many events at one time not all are shown.
  const created = { ours: [], theirs: [] };
  const last = middle + pick(2, 20);
  for (let number = 0; number < pick(1, 20); number += 1) {
    await both(sides, async (side, name) => {
      const week = last - 1 - number;
      await pressed(side.browser.page, 'k', week, week + 1, 100);
      created[name].push(await create(side.browser.page, `Planning ${900_000 + number}`));
    });
  }
  row('create to chip painted', created, 0.6);

  const frames = { ours: [], theirs: [] };
  for (let round = 0; round < pick(1, 5); round += 1) {
    await both(sides, async (side, name) => frames[name].push(...(await dragged(side.browser.page))));
  }
  const long = (list) => (100 * list.filter((ms) => ms > LONG).length) / list.length;
  table.line('frames while an event is dragged, p95', percentile(frames.ours, 0.95), percentile(frames.theirs, 0.95), { beside, goal: 1.2 });
  table.line(`frames longer than ${LONG} ms while dragging`, long(frames.ours), long(frames.theirs), { beside, unit: '%' });

  await both(sides, async ({ browser: { page } }) => {
    await page.setViewportSize(MONTH);
    await page.keyboard.press('4');
    await page.evaluate(() => globalThis.untilPainted(() => globalThis.numbers().length >= 400));
  });
  const months = { ours: [], theirs: [] };
  for (let step = 0; step < pick(1, 12); step += 1) {
    await both(sides, async (side, name) => months[name].push(await nextMonth(side.browser.page)));
  }
  row('next month, all chips', months, 0.3);

  const memory = { ours: [], theirs: [] };
  const cold = { ours: [], theirs: [] };
  await both(sides, async ({ browser: { page } }) => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
  });
  for (let round = 0; round < pick(1, 7); round += 1) {
    await both(sides, async (side, name) => {
      await side.browser.close({ keep: true });
      side.browser = await Browser.start({ profile: side.browser.profile, viewport: WEEK });
      await side.browser.context.addInitScript(painted);
      await side.browser.context.setOffline(true);
      await side.browser.page.goto(side.address);
      cold[name].push(await shown(side.browser.page, middle, middle + 1, 901_000));
      // What is left when the first work is done.
      await side.browser.page.evaluate(() => new Promise((done) => requestIdleCallback(done, { timeout: 5000 })));
      memory[name].push(await side.browser.memory());
    });
  }
  row('offline cold start to events painted', cold, 1.0);
  row('memory of the page, one week shown', memory, 1.2, 'MB');
  table.line('download, brotli', await appSize(), await peerSize(), { unit: 'KB', beside: `${beside}, without sync, accounts, editing; goal: 700 KB` });
  await Promise.all(Object.values(sides).map(({ browser }) => browser.close()));
  await account.stop();
  return table;
}

async function open(address) {
  const browser = await Browser.start({ viewport: WEEK });
  await browser.context.addInitScript(painted);
  return { browser, address };
}

/** Once on each side. */
async function both(sides, work) {
  for (const [name, side] of Object.entries(sides)) await work(side, name);
}

/** All events are in the app's own database: it fetches what is looked at, so all years are. */
async function fetchAll(page, account, count) {
  await shown(page, -1, Infinity);
  await page.keyboard.press('6');
  const years = Math.ceil(count / 100 / 52 / 2) + 1;
  for (const key of [...Array(years).fill('k'), ...Array(2 * years).fill('j')]) {
    await page.keyboard.press(key);
    await page.waitForTimeout(300);
    await page.locator('[data-testid=sync-badge][data-phase=up-to-date]').waitFor({ timeout: 60_000 });
  }
  for (let tries = 0; (await records(page, account)) < count; tries += 1) {
    if (tries > 100) throw new Error(`only ${await records(page, account)} records were fetched`);
    await page.waitForTimeout(200);
  }
  await page.keyboard.press('t');
  await page.keyboard.press('3');
}

/** When the events of these weeks, and no others, are painted; ms since the page began to load. `also` is the first number that may be there besides. */
function shown(page, first, after, also = null) {
  return page.evaluate(
    ([from, to, more]) => globalThis.untilPainted(() => {
      const numbers = globalThis.numbers().filter((number) => more === null || number < 900_000);
      return numbers.length > 0 && numbers.every((number) => number >= from && number < to);
    }),
    [first * 100, after * 100, also],
  );
}

/** Presses a key; ms from its own time until only the events of these weeks are painted, at least so many. */
async function pressed(page, key, first, after, least) {
  await page.evaluate(
    ([from, to, least]) => {
      globalThis.waiting = globalThis.untilPainted(() => globalThis.showsOnly(from, to, least));
    },
    [first * 100, after * 100, least],
  );
  await page.keyboard.press(key);
  return page.evaluate(async () => (await globalThis.waiting) - globalThis.keyAt);
}

/** A month later: all chips are others, or of the weeks that both months show. */
async function nextMonth(page) {
  await page.evaluate(() => {
    const before = Math.max(...globalThis.numbers().filter((number) => number < 900_000));
    const lowest = Math.min(...globalThis.numbers());
    globalThis.waiting = globalThis.untilPainted(() => {
      const numbers = globalThis.numbers().filter((number) => number < 900_000);
      return numbers.length >= 400 && Math.min(...numbers) > lowest && Math.max(...numbers) > before && new Set(numbers).size % 100 === 0;
    });
  });
  await page.keyboard.press('j');
  return page.evaluate(async () => (await globalThis.waiting) - globalThis.keyAt);
}

/** Drags an event over the week and lets it be; how long each frame lasted meanwhile, ms. */
async function dragged(page) {
  const from = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll('[data-event-id]')].map((chip) => chip.getBoundingClientRect());
    const { x, y, width, height } = boxes.find((box) => box.height > 20 && box.y > 200 && box.y + box.height < 600);
    return { x: x + width / 2, y: y + height / 2 };
  });
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 8, from.y + 8, { steps: 2 });
  await page.evaluate(() => {
    globalThis.frames = [];
    const tick = (at) => {
      globalThis.frames.push(at);
      globalThis.ticking = requestAnimationFrame(tick);
    };
    globalThis.ticking = requestAnimationFrame(tick);
  });
  for (let step = 1; step <= 120; step += 1) {
    await page.mouse.move(from.x + 300 * Math.sin(step / 20), from.y + 150 * Math.sin(step / 9));
  }
  const frames = await page.evaluate(() => {
    cancelAnimationFrame(globalThis.ticking);
    return globalThis.frames;
  });
  await page.keyboard.press('Escape');
  await page.mouse.up();
  return frames.slice(1).map((at, index) => at - frames[index]);
}

/** Makes an event by the keyboard; ms from Enter until its chip is painted. */
async function create(page, title) {
  const field = page.getByLabel('Title').first();
  // That of the one before has gone.
  await field.waitFor({ state: 'hidden' });
  await page.keyboard.press('c');
  await field.fill(title);
  await page.evaluate((text) => {
    globalThis.waiting = globalThis.untilPainted(() => [...document.querySelectorAll('[data-event-id]')].some((chip) => chip.textContent.includes(text)));
  }, title);
  await field.press('Enter');
  return page.evaluate(async () => (await globalThis.waiting) - globalThis.keyAt);
}

/** KB of the first visit. */
async function appSize() {
  const folder = process.env.ALMANAC_WEB_DIR;
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = new Set(files.map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`));
  const sizes = [...paths].filter((path) => !paths.has(`${path}.br`)).map(async (path) => (await readFile(path)).length);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) / 1024;
}

/** The same of the peer. */
async function peerSize() {
  const here = new URL('../', import.meta.url).pathname;
  const own = ['fullcalendar.html', 'fullcalendar-app.mjs', 'fullcalendar-sw.js'].map((name) => `${here}pages/${name}`);
  const libraries = Object.entries(LIBRARIES).filter(([address]) => address !== '/supabase.js').map(([, path]) => `${here}../node_modules/${path}`);
  const sizes = await Promise.all([...own, ...libraries].map(async (path) => brotliCompressSync(await readFile(path)).length));
  return sizes.reduce((sum, size) => sum + size, 0) / 1024;
}
