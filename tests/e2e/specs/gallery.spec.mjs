// The gallery (`/gallery` of debug builds) as the example of crates/ui renders it: every primitive and every screen with
// fixed data, without an app behind it. The bundle that is shipped has none of it.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { violations } from '../harness/axe.mjs';

const run = promisify(execFile);
const WIDTH = 1440;
let folder;
let pages;

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'almanac-e2e-gallery-'));
  await run(process.env.ALMANAC_GALLERY_BIN, [folder, String(WIDTH)]);
  pages = (await readdir(folder)).map((file) => file.replace(/\.html$/, '')).sort();
});

test.afterAll(async () => rm(folder, { recursive: true, force: true }));

/** What hangs over an edge of the window, or is cut off without saying so. */
const spilled = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

for (const colorScheme of ['light', 'dark']) {
  test(`every page of the gallery is drawn, shuts no one out and fits its window (${colorScheme})`, async ({ browser }) => {
    expect(pages).toEqual(expect.arrayContaining(['primitives', 'week', 'editor', 'peek', 'year']));
    const context = await browser.newContext({ colorScheme, viewport: { width: WIDTH, height: 900 } });
    const page = await context.newPage();
    for (const name of pages) {
      await page.goto(`file://${folder}/${name}.html`);
      await expect(page.locator('.app').first(), name).toBeVisible();
      expect(await violations(page), `${name}, ${colorScheme}`).toEqual([]);
      expect(await spilled(page), `${name}, ${colorScheme}: px beyond the window`).toBeLessThanOrEqual(0);
      if (process.env.ALMANAC_LOOK) {
        await mkdir(process.env.ALMANAC_LOOK, { recursive: true });
        await page.screenshot({ path: `${process.env.ALMANAC_LOOK}/gallery-${colorScheme}-${name}.png`, fullPage: true });
      }
    }
    await context.close();
  });
}

/** What an event of each state says to its style. */
const STATES = {
  busy: {}, free: { show: 'free' }, tentative: { show: 'tentative' }, 'out of office': { show: 'oof' }, elsewhere: { show: 'working_elsewhere' },
  declined: { rsvp: 'declined' }, past: { past: '' }, 'not sent': { state: 'pending' }, refused: { state: 'stuck' },
};

/** How many pixels of two pictures differ in brightness by more than an eye overlooks. */
const differing = (page, pictures) => page.evaluate(async (pictures) => {
  const greys = await Promise.all(pictures.map(async (picture) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
    const context = Object.assign(document.createElement('canvas'), { width: bitmap.width, height: bitmap.height }).getContext('2d');
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
  }));
  const grey = (data, i) => 0.2126 * data[i] + 0.7152 * data[i + 1] + 0.0722 * data[i + 2];
  let count = 0;
  for (let i = 0; i < greys[0].length; i += 4) if (Math.abs(grey(greys[0], i) - grey(greys[1], i)) > 10) count += 1;
  return count;
}, pictures.map((picture) => picture.toString('base64')));

for (const colorScheme of ['light', 'dark']) {
  for (const [name, selector, title] of [['week', '.event', 'Deep work'], ['month', '.chip', 'Stand-up'], ['agenda', '.line', 'Deep work']]) {
    test(`without any colour each state of an event is told from the others in the ${name} (${colorScheme})`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: WIDTH, height: 900 });
      await page.goto(`file://${folder}/${name}.html`);
      const event = page.locator(`main ${selector}`).filter({ hasText: title }).first();
      const pictures = {};
      // In a dot of 7 px two states at once are not told from each other.
      const more = name === 'week' ? { 'past, out of office': { show: 'oof', past: '' } } : {};
      for (const [state, { show = 'busy', rsvp, past, state: sent = 'synced' }] of Object.entries({ ...STATES, ...more })) {
        await event.evaluate((element, attributes) => {
          for (const [key, value] of Object.entries(attributes)) {
            if (value === null) delete element.dataset[key];
            else element.dataset[key] = value;
          }
        }, { show, rsvp: rsvp ?? null, past: past ?? null, state: sent });
        pictures[state] = await event.screenshot({ animations: 'disabled' });
      }
      for (const [a, b] of Object.keys(pictures).flatMap((a, i, all) => all.slice(i + 1).map((b) => [a, b]))) {
        expect(await differing(page, [pictures[a], pictures[b]]), `px that tell “${a}” from “${b}”`).toBeGreaterThan(10);
      }
    });
  }
}
