// Killed while writing, again and again: the browser with all it runs, and the tab's renderer alone. What was shown as
// kept is there afterwards, each edit once, and the count of what waits is true. `ALMANAC_SOAK=<n>` kills n times as often.
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, expect } from '../harness/fixtures.mjs';
import { Calendar } from '../harness/calendar.mjs';
import { date } from '../harness/week.mjs';

const ROUNDS = 10 * Number(process.env.ALMANAC_SOAK ?? 1);

/** How many tabs hold the leader's lock, and how many wait for it. */
const locks = (calendar) => calendar.page.evaluate(async () => {
  const { held, pending } = await navigator.locks.query();
  const leader = (lock) => lock.name.startsWith('almanac-leader-');
  return { held: held.filter(leader).length, waiting: pending.filter(leader).length };
});

/** All processes: their parents and their words. */
async function processes() {
  const all = new Map();
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    try {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').flatMap((word) => word.split(' '));
      all.set(Number(pid), { parent: Number(/^PPid:\s*(\d+)/m.exec(status)[1]), words });
    } catch {
      // It ended while we looked.
    }
  }
  return all;
}

/** The main process of the browser of that profile, and the renderers below it. */
async function browserOf(profile) {
  const all = await processes();
  const main = [...all].find(([, { words }]) => words.includes(`--user-data-dir=${profile}`) && !words.some((word) => word.startsWith('--type=')))?.[0];
  const isBelow = (pid) => pid === main || (all.has(pid) && isBelow(all.get(pid).parent));
  const renderers = [...all].filter(([pid, { words }]) => words.includes('--type=renderer') && isBelow(pid)).map(([pid]) => pid);
  return { main, renderers };
}

/** All events of these weeks, in a list: however many stand at the same hour, none is hidden behind a number. */
async function list(calendar) {
  await calendar.page.goto(`/agenda/${date(-7)}`);
  await expect(calendar.page.locator('.agenda')).toBeVisible();
}

const HOW = {
  'the browser': async (profile, page) => {
    const { main } = await browserOf(profile);
    const closed = new Promise((done) => page.context().once('close', done));
    process.kill(main, 'SIGKILL');
    await closed;
  },
  'the renderer': async (profile, page) => {
    const { renderers } = await browserOf(profile);
    const crashed = page.waitForEvent('crash');
    for (const pid of renderers) process.kill(pid, 'SIGKILL');
    await crashed;
  },
};

/**
 * A page in a renderer that lives. The one that Chromium keeps ready was killed with the others; given out before its end was
 * noticed, it leaves a page that crashes at once or never opens: then the next one is tried.
 */
async function freshPage(context) {
  for (let tries = 0; tries < 5; tries += 1) {
    const opening = context.newPage().catch(() => null);
    const page = await Promise.race([opening, new Promise((done) => setTimeout(done, 5_000))]);
    if (page) return page;
  }
  throw new Error('no page opens in the browser that is left');
}

for (const [what, kill] of Object.entries(HOW)) {
  test(`${what} killed while writing loses nothing that was shown as kept, ${ROUNDS} times`, async ({ playwright, server, owner, contextOptions, launchOptions }) => {
    test.setTimeout(60_000 + ROUNDS * 30_000);
    const profile = await mkdtemp(join(tmpdir(), 'almanac-e2e-kill-'));
    const start = async () => {
      const context = await playwright.chromium.launchPersistentContext(profile, { ...launchOptions, ...contextOptions, headless: true, baseURL: server.url, timezoneId: 'UTC', viewport: { width: 1280, height: 800 } });
      return new Calendar(context.pages()[0] ?? (await context.newPage()));
    };
    let calendar = await start();
    try {
      await calendar.open();
      await calendar.signIn(owner.email, owner.password);
      await calendar.isUpToDate();
      await calendar.isInstalled();
      await list(calendar);
      await server.stop();
      const kept = [];
      let rows = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        // Edits as fast as they can be typed; each is noted once the screen says that it is kept and waits.
        let stopping = false;
        let last = null;
        const { page } = calendar;
        const writing = (async () => {
          for (let number = 0; !stopping; number += 1) {
            last = `Round ${round} number ${number}`;
            await page.keyboard.press('c');
            await calendar.draft.getByLabel('Title').fill(last);
            await page.keyboard.press('Enter');
            await calendar.isMarked(last, 'pending');
            kept.push(last);
          }
        })().catch((error) => error);
        const before = kept.length;
        await expect.poll(() => kept.length, { intervals: [5] }).toBeGreaterThan(before);
        await new Promise((done) => setTimeout(done, Math.random() * 300));
        const killed = kill(profile, page);
        await killed;
        stopping = true;
        if (what === 'the browser') calendar = await start();
        else calendar = new Calendar(await freshPage(calendar.context));
        // A key pressed into a crashed page is never answered; into a closed one it fails.
        await page.close().catch(() => {});
        await writing;
        await list(calendar);
        // The edit that was being written may have made it, or not; it is not half there.
        for (const title of kept) await expect(calendar.event(title), `${title}, shown as kept`).toHaveCount(1);
        const shown = await calendar.titles();
        expect(shown.filter((title) => !kept.includes(title) && title !== last), 'nothing else is there').toEqual([]);
        if (shown.includes(last) && !kept.includes(last)) kept.push(last);
        for (const title of kept) await calendar.isMarked(title, 'pending');
        const waiting = await calendar.countsWaiting(kept.length);
        expect(waiting, 'what waits only grows').toBeGreaterThanOrEqual(rows);
        rows = waiting;
      }
      await server.start();
      await calendar.isUpToDate({ timeout: 60_000 });
      expect(await owner.titles(), 'each once on the server').toEqual([...kept].sort());
    } finally {
      await server.start();
      await calendar.context.close().catch(() => {});
      await rm(profile, { recursive: true, force: true });
    }
  });
}

test(`the tab that syncs killed, ${ROUNDS} times: each time another takes over, and every edit arrives once`, async ({ device, owner }) => {
  test.setTimeout(60_000 + ROUNDS * 30_000);
  let leader = await device({ account: owner });
  await leader.isUpToDate();
  await list(leader);
  const titles = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = new Calendar(await leader.context.newPage());
    await list(next);
    await expect.poll(() => locks(next)).toEqual({ held: 1, waiting: 1 });
    // An edit of the tab that will be left, which the dying one may be sending.
    const title = `Takeover ${round}`;
    titles.push(title);
    await next.page.bringToFront();
    await next.page.keyboard.press('c');
    await next.draft.getByLabel('Title').fill(title);
    await next.page.keyboard.press('Enter');
    const crashed = leader.page.waitForEvent('crash');
    const devtools = await leader.context.newCDPSession(leader.page);
    // It never answers: there is nobody left to do so.
    devtools.send('Page.crash').catch(() => {});
    await crashed;
    await expect.poll(() => locks(next)).toEqual({ held: 1, waiting: 0 });
    await next.isMarked(title, 'synced');
    await leader.page.close();
    leader = next;
  }
  await leader.isUpToDate();
  expect(await owner.titles()).toEqual(titles.sort());
});
