// Every screen in both themes, wide and on a phone: axe finds nothing, nothing is wider than the window, fingers hit what
// they aim at, and who wants no motion gets none.
import { violations } from '../harness/axe.mjs';
import { PHONE } from '../harness/finger.mjs';
import { test, expect } from '../harness/fixtures.mjs';
import { look } from '../harness/look.mjs';
import { date } from '../harness/week.mjs';

const WIDE = { viewport: { width: 1440, height: 900 } };

/** Somebody with a day full of events, categories, a persona and one shared event. */
async function busy(owner) {
  const work = await owner.makeCalendar('Work', 'teal');
  await owner.makeCategory('Focus', 'pink');
  for (let n = 0; n < 8; n++) await owner.makeEvent(`Booth ${n}`, `${date(2)}T10:00:00Z`, 60, { calendar: work });
  await owner.makeEvent('Fair', `${date(1)}T00:00:00Z`, 2 * 1440, { allDay: true });
}

/** Goes through all screens and tells `at` the name of each. */
async function walk(calendar, { phone }, at) {
  const { page } = calendar;
  const dialog = page.getByRole('dialog');
  const escape = async (gone) => {
    await page.keyboard.press('Escape');
    await expect(gone).toHaveCount(0);
  };
  const account = async (item) => {
    if (phone) await page.getByRole('button', { name: /^Calendars/ }).last().click();
    await page.getByRole('button', { name: /^Account / }).click();
    await expect(page.getByTestId('account-menu')).toBeVisible();
    if (item) await page.getByTestId('account-menu').getByRole('button', { name: item }).click();
  };
  for (const [key, view] of [['1', 'day'], ['2', '3days'], ['3', 'week'], ['4', 'month'], ['5', 'agenda'], ['6', 'year'], ['7', '2weeks']]) {
    await page.keyboard.press(key);
    await expect(page).toHaveURL(new RegExp(`/${view}/`));
    if (view !== 'year') await expect(page.locator('main [data-event-id]').first()).toBeVisible();
    await at(view);
  }
  await page.keyboard.press('4');
  await page.locator('.more').first().click();
  await expect(page.getByTestId('date-popover')).toBeVisible();
  await at('all events of a date');
  await escape(page.getByTestId('date-popover'));
  await page.keyboard.press('5');
  await calendar.event('Booth 1').click();
  await expect(calendar.popover).toBeVisible();
  await at('an event');
  await calendar.popover.getByRole('button', { name: 'Edit event' }).click();
  await calendar.editor.getByRole('switch', { name: 'Looked after by a persona' }).check();
  await at('the editor');
  await calendar.editor.getByRole('button', { name: 'Close editor' }).click();
  await page.getByTestId('kept').getByRole('button', { name: 'Throw it away' }).click();
  await page.keyboard.press('c');
  await expect(calendar.draft).toBeVisible();
  await calendar.draft.getByRole('button', { name: 'Starts: pick a date' }).click();
  await at('a draft with its date picker');
  await page.keyboard.press('Escape');
  await escape(calendar.draft);
  await page.keyboard.press('g');
  await expect(page.getByTestId('jump')).toBeVisible();
  await at('a date to go to');
  await escape(page.getByTestId('jump'));
  await calendar.badge.click();
  await expect(page.getByTestId('sync-panel')).toBeVisible();
  await at('the sync panel');
  await escape(page.getByTestId('sync-panel'));
  if (!phone) {
    await page.getByTestId('view').click();
    await at('the menu of views');
    await escape(page.getByRole('menu', { name: 'View' }));
  }
  await page.keyboard.press('?');
  await expect(dialog).toBeVisible();
  await at('the keys');
  await escape(dialog);
  await page.keyboard.press('Control+k');
  await expect(dialog).toBeVisible();
  await at('the palette');
  await dialog.getByRole('combobox').fill('booth tomorrow 3pm');
  await at('the palette with words');
  await escape(dialog);
  await account();
  await at('the menu of the account');
  await page.keyboard.press('Escape');
  await account('Change account');
  await expect(dialog).toBeVisible();
  await at('another account');
  await escape(dialog);
  await account('Account and password');
  await expect(dialog).toBeVisible();
  await at('the account');
  await dialog.getByRole('button', { name: 'Delete account…' }).click();
  await at('the end of the account');
  await escape(dialog);
  await account('Settings');
  for (const section of ['Profile', 'Language and time', 'Working hours', 'Calendars', 'Categories', 'Personas', 'Sync', 'Data']) {
    await dialog.getByRole('tab', { name: section, exact: true }).click();
    await at(`settings: ${section}`);
  }
  await dialog.getByRole('tab', { name: 'Calendars', exact: true }).click();
  await dialog.getByRole('button', { name: 'Delete Work' }).click();
  await at('what becomes of its events');
  // Escape takes the question back, then closes the settings.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  if (phone) await page.getByRole('button', { name: /^Calendars/ }).last().click();
  await calendar.calendars.getByRole('button', { name: 'New calendar' }).click();
  await expect(dialog).toBeVisible();
  await at('a new calendar');
  await escape(dialog);
}

for (const colorScheme of ['light', 'dark']) {
  for (const [form, options] of [['wide', WIDE], ['phone', PHONE]]) {
    test(`no screen shuts anyone out (${colorScheme}, ${form})`, async ({ device, owner }) => {
      test.setTimeout(240_000);
      await busy(owner);
      const calendar = await device({ account: owner, open: false, colorScheme, ...options });
      await calendar.page.goto(`/week/${date(2)}`);
      await calendar.isUpToDate();
      const found = [];
      await walk(calendar, { phone: form === 'phone' }, async (screen) => {
        found.push(...(await violations(calendar.page)).map((one) => `${screen}: ${one}`));
        await look(calendar, `screens-${colorScheme}-${form}-${screen.replaceAll(/\W+/g, '-')}`);
      });
      expect(found).toEqual([]);
    });
  }
}

/** What a person must reach and that lies outside of the window, or makes it scroll sideways. */
const outside = (page) => page.evaluate(() => {
  const all = document.scrollingElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : [];
  for (const one of document.querySelectorAll('header *, nav.tabs *, .popover *, .dialog *, .inspector *')) {
    if (!one.matches('button, input, select, textarea, [role=tab]') || one.closest('.settings-nav') || !one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const { left, right } = one.getBoundingClientRect();
    if (left < -1 || right > innerWidth + 1) all.push(`${one.getAttribute('aria-label') ?? one.id ?? one.textContent}: ${Math.round(left)}–${Math.round(right)}`);
  }
  return all;
});

for (const [what, options] of [['360 px wide', { ...PHONE, viewport: { width: 360, height: 740 } }], ['at 200 % zoom', { viewport: { width: 640, height: 416 }, deviceScaleFactor: 2 }]]) {
  test(`every screen works ${what}`, async ({ device, owner }) => {
    test.setTimeout(120_000);
    await busy(owner);
    const calendar = await device({ account: owner, open: false, ...options });
    await calendar.page.goto(`/week/${date(2)}`);
    await calendar.isUpToDate();
    const found = [];
    await walk(calendar, { phone: true }, async (screen) => {
      found.push(...(await outside(calendar.page)).map((one) => `${screen}: ${one}`));
      await look(calendar, `screens-${what.replaceAll(/\W+/g, '-')}-${screen.replaceAll(/\W+/g, '-')}`);
    });
    expect(found).toEqual([]);
  });
}

/** Controls that a finger aims at and that are lower than 44 px; dates to pick and colours also those that are narrower. Events are as large as their time. */
const small = (page) => page.evaluate(() => [...document.querySelectorAll('header button, nav.tabs button, .popover button, .dialog button, .inspector button, input:not([type=radio], [type=checkbox]), select, .mini-day, .swatch')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches('.event'))
  .map((one) => [one, one.getBoundingClientRect()])
  .map(([one, { width, height }]) => [one, one.matches('.mini-day, .swatch') ? Math.min(width, height) : height])
  .filter(([, size]) => size > 0 && size < 43.5)
  .map(([one, size]) => `${one.getAttribute('aria-label') ?? (one.textContent || one.id)}: ${Math.round(size)}`));

test('on a phone controls are as large as a finger needs', async ({ device, owner }) => {
  test.setTimeout(120_000);
  await busy(owner);
  const calendar = await device({ account: owner, open: false, ...PHONE });
  await calendar.page.goto(`/week/${date(2)}`);
  await calendar.isUpToDate();
  const found = new Set();
  const measure = async (screen) => (await small(calendar.page)).forEach((one) => found.add(`${screen}: ${one}`));
  await walk(calendar, { phone: true }, measure);
  const calendars = calendar.page.getByRole('button', { name: /^Calendars/ }).last();
  // The walk may have left them open.
  if ((await calendars.getAttribute('aria-expanded')) !== 'true') await calendars.click();
  await expect(calendar.page.locator('.rail .mini-day').first()).toBeVisible();
  await measure('the calendars');
  expect([...found]).toEqual([]);
});

test('who wants no motion gets none', async ({ device, owner }) => {
  test.setTimeout(120_000);
  await busy(owner);
  const calendar = await device({ account: owner, open: false, ...WIDE, reducedMotion: 'reduce' });
  const { page } = calendar;
  await page.goto(`/week/${date(2)}`);
  await calendar.isUpToDate();
  const found = new Set();
  const moves = () => page.evaluate(() => [...document.querySelectorAll('.app, .app *')].flatMap((one) => ['', '::before', '::after'].flatMap((part) => {
    const { transitionDuration, animationName } = getComputedStyle(one, part || null);
    // Clocks in the shape of animations, in which nothing moves.
    const animates = !['none', 'linger', 'late'].includes(animationName);
    return /[1-9]/.test(transitionDuration) || animates ? [`${one.className}${part}: ${transitionDuration} ${animationName}`] : [];
  })));
  await walk(calendar, { phone: false }, async () => (await moves()).forEach((one) => found.add(one)));
  expect([...found]).toEqual([]);
});
