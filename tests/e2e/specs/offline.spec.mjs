// Point 2: without the server the page still reloads, shows everything, takes edits at once and marks them as not sent.
// When the server is back they drain and the marks clear.
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Account } from '../harness/account.mjs';
import { test, expect } from '../harness/fixtures.mjs';
import { Calendar } from '../harness/calendar.mjs';
import { date } from '../harness/week.mjs';

/** Long enough for a client to try again by itself (docs/sync.md: seconds, growing with each try). */
const BY_ITSELF = { timeout: 45_000 };

const AWAY = {
  'the server is stopped': { leave: ({ server }) => server.stop(), comeBack: ({ server }) => server.start() },
  'the server is killed': { leave: ({ server }) => server.kill(), comeBack: ({ server }) => server.start() },
  'the browser is offline': { leave: ({ context }) => context.setOffline(true), comeBack: ({ context }) => context.setOffline(false) },
};

for (const [how, { leave, comeBack }] of Object.entries(AWAY)) {
  test(`while ${how} the week is shown and edited after a reload, and everything is sent afterwards`, async ({ device, server, owner }) => {
    await owner.makeEvent('Stays', `${date(0)}T09:00:00Z`, 60);
    await owner.makeEvent('Changes', `${date(1)}T09:00:00Z`, 60);
    await owner.makeEvent('Goes', `${date(2)}T09:00:00Z`, 60);
    const calendar = await device({ account: owner });
    await calendar.shows('Goes', 2, '09:00', '10:00');
    await calendar.isUpToDate();
    await calendar.isInstalled();

    await leave({ server, context: calendar.context });
    await calendar.page.reload();
    await calendar.shows('Stays', 0, '09:00', '10:00');
    await calendar.shows('Changes', 1, '09:00', '10:00');
    await expect(calendar.badge).toHaveAttribute('data-phase', 'offline');

    await calendar.create('Made offline', 3, '11:00', '12:00');
    await calendar.shows('Made offline', 3, '11:00', '12:00');
    await calendar.isMarked('Made offline', 'pending');
    await calendar.rename('Changes', 'Changed');
    await calendar.isMarked('Changed', 'pending');
    await calendar.delete('Goes');
    await calendar.lacks('Goes');
    await calendar.makeCalendar('Offline plans');
    await calendar.isMarked('Stays', 'synced');
    const pending = await calendar.countsWaiting(4);

    // Nothing of it is only in the page's memory.
    await calendar.page.reload();
    await calendar.shows('Made offline', 3, '11:00', '12:00');
    await calendar.isMarked('Made offline', 'pending');
    await calendar.isMarked('Changed', 'pending');
    await calendar.lacks('Goes');
    await expect(calendar.calendar('Offline plans')).toBeVisible();
    await calendar.isOffline(pending);

    await comeBack({ server, context: calendar.context });
    await calendar.isUpToDate(BY_ITSELF);
    await calendar.isMarked('Made offline', 'synced');
    await calendar.isMarked('Changed', 'synced');
    expect(await owner.titles()).toEqual(['Changed', 'Made offline', 'Stays']);

    const another = await device({ account: owner });
    await another.shows('Made offline', 3, '11:00', '12:00');
    await another.shows('Changed', 1, '09:00', '10:00');
    await another.lacks('Goes');
    await expect(another.calendar('Offline plans')).toBeVisible();
  });
}

test('an edit made while the connection breaks is shown at once and sent later', async ({ device, server, owner }) => {
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  await server.kill();
  const before = Date.now();
  await calendar.createAt('Right now', 2, '09:00');
  await calendar.isMarked('Right now', 'pending');
  expect(Date.now() - before, 'it does not wait for the network').toBeLessThan(3000);
  await server.start();
  await calendar.isUpToDate(BY_ITSELF);
  expect(await owner.titles()).toEqual(['Right now']);
});

test('the undo of an unsent edit leaves nothing behind', async ({ device, server, owner }) => {
  await owner.makeEvent('Original', `${date(1)}T09:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  await server.stop();
  await calendar.rename('Original', 'Typo');
  await calendar.isMarked('Typo', 'pending');
  await calendar.page.keyboard.press('Control+z');
  await calendar.shows('Original', 1, '09:00', '10:00');
  await server.start();
  await calendar.isUpToDate(BY_ITSELF);
  expect(await owner.titles()).toEqual(['Original']);
});

test('a browser killed offline starts again offline with every edit that was shown', async ({ playwright, server, owner, contextOptions, launchOptions }) => {
  const profile = await mkdtemp(join(tmpdir(), 'almanac-e2e-profile-'));
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
    await server.stop();
    await calendar.create('Survives', 2, '10:00', '11:00');
    await calendar.isMarked('Survives', 'pending');
    expect(await killBrowserOf(profile), 'processes killed').toBe(1);
    await calendar.context.close().catch(() => {});

    calendar = await start();
    await calendar.open();
    await calendar.shows('Survives', 2, '10:00', '11:00');
    await calendar.isMarked('Survives', 'pending');
    await server.start();
    await calendar.isUpToDate(BY_ITSELF);
    expect(await owner.titles()).toEqual(['Survives']);
  } finally {
    await calendar.context.close().catch(() => {});
    await rm(profile, { recursive: true, force: true });
  }
});

/** SIGKILL to the browser's main process of that profile, and only to it: its helpers go with it. How many it found. */
async function killBrowserOf(profile) {
  let killed = 0;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (words.includes(`--user-data-dir=${profile}`) && !words.some((word) => word.startsWith('--type='))) {
      process.kill(Number(pid), 'SIGKILL');
      killed += 1;
    }
  }
  return killed;
}

test('who signed out is signed out also where the browser was killed before it kept that', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.isUpToDate();
  const session = await page.evaluate(() => localStorage.getItem('almanac.session'));
  await calendar.signOut();
  await expect(page.getByLabel('Password')).toBeVisible();
  // The copy beside it has been made; localStorage is as it was on the disk.
  await expect.poll(() => page.evaluate(async () => {
    const opening = indexedDB.open('almanac-kept');
    await new Promise((done) => (opening.onsuccess = done));
    const reading = opening.result.transaction('kept').objectStore('kept').get('almanac.session');
    await new Promise((done) => (reading.onsuccess = done));
    opening.result.close();
    return reading.result;
  })).not.toContain('refresh_token');
  await page.evaluate((text) => localStorage.setItem('almanac.session', text), session);
  await page.reload();
  await expect(page.getByLabel('Password')).toBeVisible();
  expect(await page.evaluate(() => localStorage.getItem('almanac.session'))).toBeNull();
  await calendar.signIn(owner.email, Account.password);
  await calendar.isUpToDate();
});
