// A new version of the app is offered, never forced; and a tab whose database was taken by a newer one says so.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { violationsInBothThemes } from '../harness/axe.mjs';
import { test as base, expect } from '../harness/fixtures.mjs';
import { Server, programs } from '../harness/server.mjs';

/** A server whose web app can be replaced while it runs. */
const test = base.extend({
  app: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'almanac-e2e-app-'));
    await cp(programs.web, folder, { recursive: true });
    await use({
      folder,
      /** Publishes the same app as another version: its service worker differs in its version alone. */
      publish: async (version) => {
        const file = join(folder, 'sw.js');
        const text = await readFile(file, 'utf8');
        const next = text.replace(/const VERSION = "[^"]*"/, `const VERSION = "${version}"`);
        expect(next).not.toBe(text);
        await writeFile(file, next);
        for (const packed of ['br', 'gz']) await rm(`${file}.${packed}`, { force: true });
      },
    });
    await rm(folder, { recursive: true, force: true });
  },
  server: async ({ app }, use) => {
    const server = await Server.create({ webDir: app.folder });
    await use(server);
    await server.dispose();
  },
});

const caches = (page) => page.evaluate(async () => (await window.caches.keys()).filter((name) => name.startsWith('almanac-')));
const looks = (page) => page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration()).update()));

test('a new version waits until the person takes it; nothing is reloaded under them', async ({ device, owner, app }) => {
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  await calendar.isInstalled();
  const { page } = calendar;
  const other = await calendar.newTab();
  await page.bringToFront();
  for (const tab of [page, other.page]) await tab.evaluate(() => (window.sameDocument = true));
  await page.keyboard.press('c');
  await calendar.draft.getByLabel('Title').fill('Half written');

  await app.publish('of-tomorrow');
  await looks(page);
  const offer = page.getByText('An update is ready.');
  await expect(offer).toBeVisible();
  // Two tabs of the old version are open: both are told, and both still are what they were.
  await expect(other.page.getByText('An update is ready.')).toBeVisible();
  expect(await page.evaluate(() => window.sameDocument)).toBe(true);
  await expect(calendar.draft.getByLabel('Title')).toHaveValue('Half written');
  expect(await caches(page)).toContain('almanac-of-tomorrow');
  expect(await caches(page), 'the version that runs is still whole').toHaveLength(2);
  await page.keyboard.press('Enter');
  await calendar.isMarked('Half written', 'synced');

  await offer.locator('..').getByRole('button', { name: 'Reload' }).click();
  await expect.poll(() => page.evaluate(() => window.sameDocument).catch(() => true)).toBe(undefined);
  await calendar.isShown();
  await calendar.event('Half written').waitFor();
  await expect.poll(() => caches(page)).toEqual(['almanac-of-tomorrow']);
  expect(await other.page.evaluate(() => window.sameDocument), 'the other tab is not reloaded').toBe(true);
  await other.event('Half written').waitFor();
});

test('a tab whose database a newer version takes offers to reload, and what it wrote is kept', async ({ device, owner, troubles }) => {
  // Of the page that plays the newer version.
  troubles.allow(/favicon\.ico/);
  troubles.allow(/the local database did not open/);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  await calendar.isInstalled();
  const { page } = calendar;
  await calendar.createAt('Written before', 2, '09:00');
  await calendar.isMarked('Written before', 'synced');
  // What a newer version in another tab does: it opens the database with a greater schema.
  const other = await calendar.context.newPage();
  await other.goto('/almanac.json');
  const taken = await other.evaluate(async () => {
    const found = (await indexedDB.databases()).find(({ name }) => name.startsWith('almanac'));
    return new Promise((done, failed) => {
      const request = indexedDB.open(found.name, found.version + 1);
      request.onsuccess = () => { request.result.close(); done(true); };
      request.onerror = () => failed(request.error);
      // The browser may say once that it is blocked: it tells the old tab's two connections one after the other.
      setTimeout(() => done(`still blocked: ${request.readyState}`), 20_000);
    });
  });
  expect(taken, 'the old tab lets go').toBe(true);
  const offer = page.getByText('An update is ready.');
  await expect(offer).toBeVisible();
  // The version that runs here does not know the newer schema: it says so, and touches nothing.
  await offer.locator('..').getByRole('button', { name: 'Reload' }).click();
  await expect(page.getByText('Reload or update the app. Your data is untouched.')).toBeVisible();
  expect(await violationsInBothThemes(page), 'the trouble').toEqual([]);
  expect(await owner.titles()).toEqual(['Written before']);
});
