// The main screens look as they did: seeded data, a fixed clock, three widths, both themes, compared with the pictures in
// docs/pictures/screens. `--update-snapshots` takes them anew, after a look at what has changed.
//
// Letters look different where other fonts are installed. The pictures were taken with those that `fonts.json` measures;
// elsewhere there is nothing to compare.
import { readFile, writeFile } from 'node:fs/promises';
import { test, expect } from '../harness/fixtures.mjs';
import { seed } from '../harness/demo.mjs';

const fonts = new URL('../../../docs/pictures/screens/fonts.json', import.meta.url);
const MONDAY = Date.UTC(2026, 10, 16);
const NOW = '2026-11-18T11:20:00Z';
const TOLERANCE = { maxDiffPixelRatio: 0.01, threshold: 0.25, animations: 'disabled', caret: 'hide' };

/** A date of the week of the pictures; Monday is 0. */
const date = (day) => new Date(MONDAY + day * 86_400_000).toISOString().slice(0, 10);

/** How wide some letters are, in px: the same only with the same fonts. */
async function measured(page) {
  return page.locator('.app').evaluate((app) => {
    const context = document.createElement('canvas').getContext('2d');
    return ['400', '600'].map((weight) => {
      context.font = `${weight} 100px ${getComputedStyle(app).fontFamily}`;
      return Math.round(context.measureText('Almanac mmm iii 0123456789 ÄÖÜ').width);
    });
  });
}

/** For both themes and three widths: a calendar with the seeded week, and what compares a picture of it. */
async function everywhere({ device, owner, info }, look) {
  await seed(owner, date);
  const update = info.config.updateSnapshots === 'all' || info.config.updateSnapshots === 'changed';
  for (const colorScheme of ['light', 'dark']) {
    for (const [width, height] of [[1440, 900], [1024, 768], [390, 844]]) {
      const calendar = await device({ account: owner, open: false, colorScheme, viewport: { width, height }, hasTouch: width < 720 });
      const { page } = calendar;
      await page.clock.setFixedTime(NOW);
      await page.goto(`/${width < 720 ? '3days' : 'week'}/${date(2)}`);
      await expect(page.locator('[data-event-id]').first()).toBeVisible();
      await calendar.isUpToDate();
      const here = JSON.stringify(await measured(page));
      if (update) await writeFile(fonts, `${here}\n`);
      else test.skip((await readFile(fonts, 'utf8')).trim() !== here, 'this machine has other fonts than the pictures were taken with');
      // The e-mail of the account is a new one each time.
      const mask = [page.locator('.account')];
      await look(calendar, (name) => expect(page).toHaveScreenshot(`${name}-${colorScheme}-${width}.png`, { ...TOLERANCE, mask }), width);
      await calendar.context.close();
    }
  }
}

test('the main screens look as in the pictures', async ({ device, owner }, info) => {
  test.setTimeout(300_000);
  await everywhere({ device, owner, info }, async ({ page }, compare) => {
    for (const [key, view] of [[null, 'week'], ['4', 'month'], ['5', 'agenda']]) {
      if (key) await page.keyboard.press(key);
      await expect(page.locator('main [data-event-id]').first()).toBeVisible();
      await compare(view);
    }
  });
});

test('day, year, editor and settings look as in the pictures', async ({ device, owner }, info) => {
  test.setTimeout(300_000);
  await everywhere({ device, owner, info }, async (calendar, compare, width) => {
    const { page } = calendar;
    await page.keyboard.press('1');
    await expect(page.locator('main [data-event-id]').first()).toBeVisible();
    await compare('day');
    await page.keyboard.press('6');
    await expect(page.locator('.year [data-full]').first()).toBeVisible();
    await compare('year');
    await page.goto(`/day/${date(3)}`);
    await calendar.edit('Retrospective');
    await expect(calendar.editor.getByLabel('Title')).toBeFocused();
    await compare('editor');
    await page.keyboard.press('Escape');
    if (width < 720) await page.getByRole('button', { name: /^Calendars/ }).last().click();
    await page.getByRole('button', { name: /^Account / }).click();
    await page.getByTestId('account-menu').getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('dialog').getByRole('tab', { name: 'Calendars' }).click();
    await expect(page.getByRole('dialog').getByRole('button', { name: 'New calendar' })).toBeVisible();
    await compare('settings');
  });
});
