// The views, the address they stand in, and getting about in them by keys.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test, expect } from '../harness/fixtures.mjs';
import { date, today } from '../harness/week.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function violations(page) {
  const found = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ['violations'] })`);
  return found.violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join('\n')}`);
}

/** Opens an address below the server's root. */
async function at(device, owner, path, options = {}) {
  const calendar = await device({ account: owner, open: false, ...options });
  await calendar.page.goto(path);
  await expect(calendar.page.getByTestId('title')).toBeVisible();
  return calendar;
}

test.describe('view and date stand in the address', () => {
  test('an address opens its view; back and forward follow the steps', async ({ device, owner }) => {
    const calendar = await at(device, owner, '/month/2027-03-14');
    const { page } = calendar;
    await expect(page.getByTestId('title')).toHaveText('March 2027');
    await page.keyboard.press('j');
    await expect(page).toHaveURL(/\/month\/2027-04-14$/);
    await page.keyboard.press('3');
    await expect(page).toHaveURL(/\/week\/2027-04-14$/);
    await page.goBack();
    await expect(page.getByTestId('title')).toHaveText('April 2027');
    await expect(page.getByRole('grid', { name: 'Month: April 2027' })).toBeVisible();
    await page.goBack();
    await expect(page.getByTestId('title')).toHaveText('March 2027');
    await page.goForward();
    await expect(page.getByTestId('title')).toHaveText('April 2027');
    await page.reload();
    await expect(page.getByTestId('title')).toHaveText('April 2027');
  });

  test('what is no place is today, and nothing breaks', async ({ device, owner }) => {
    for (const path of ['/', '/week/2026-13-45', '/nowhere/at/all', '/week/99999-01-01']) {
      const calendar = await at(device, owner, path);
      await expect(calendar.page.locator(`[data-date="${today()}"]`)).toBeVisible();
      await expect(calendar.page).toHaveURL(/\/week\/\d{4}-\d\d-\d\d$/);
      await calendar.context.close();
    }
  });

  test('the hour one looked at stays through weeks and views', async ({ device, owner }) => {
    const calendar = await at(device, owner, '/week/2027-03-14');
    const { page } = calendar;
    const scroller = page.locator('.scroller');
    await scroller.evaluate((element) => element.scrollTo(0, 300));
    await page.keyboard.press('j');
    await expect(page).toHaveURL(/2027-03-21$/);
    expect(await scroller.evaluate((element) => element.scrollTop)).toBe(300);
    await page.keyboard.press('4');
    await expect(scroller).toHaveCount(0);
    await page.keyboard.press('3');
    await expect.poll(() => scroller.evaluate((element) => element.scrollTop)).toBe(300);
  });

  test('the agenda is left and found where one was, each of its pages for itself', async ({ device, owner }) => {
    for (let day = 0; day < 28; day++) {
      for (const hour of ['08', '11', '15']) await owner.makeEvent(`Visit ${day}`, `${date(day)}T${hour}:00:00Z`, 30);
    }
    const calendar = await at(device, owner, `/agenda/${date(0)}`);
    const { page } = calendar;
    const list = page.locator('.agenda');
    const top = () => list.evaluate((element) => element.scrollTop);
    await expect(list.locator('[data-event-id]')).toHaveCount(84);
    await list.evaluate((element) => element.scrollTo(0, 900));
    await page.keyboard.press('3');
    await expect(list).toHaveCount(0);
    await page.keyboard.press('5');
    await expect.poll(top, 'after another view').toBe(900);
    await page.keyboard.press('j');
    await expect.poll(top, 'what comes after begins at its top').toBe(0);
    // The address comes a moment after what is seen there.
    await expect(page).toHaveURL(new RegExp(`/agenda/${date(28)}$`));
    await page.goBack();
    await expect.poll(top, 'a step back').toBe(900);
    await page.keyboard.press('c');
    await calendar.draft.getByRole('button', { name: 'More' }).click();
    await expect(calendar.editor).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(calendar.editor).toBeHidden();
    expect(await top(), 'after the editor').toBe(900);
  });

  for (const [view, path, selector] of [['year', '/year/2027-03-14', '.year'], ['month in a low window', '/month/2027-03-14', '.month']]) {
    test(`the ${view} stays where one scrolled to, through its pages and other views`, async ({ device, owner }) => {
      const calendar = await at(device, owner, path, { viewport: { width: 900, height: 400 } });
      const { page } = calendar;
      const list = page.locator(selector);
      const top = () => list.evaluate((element) => element.scrollTop);
      await list.evaluate((element) => element.scrollTo(0, 40));
      await page.keyboard.press('j');
      await expect(page).not.toHaveURL(/2027-03-14$/);
      expect(await top()).toBe(40);
      await page.keyboard.press('1');
      await expect(list).toHaveCount(0);
      await expect(page).toHaveURL(/\/day\//);
      await page.goBack();
      await expect.poll(top).toBe(40);
    });
  }
});

test('each view has a key and stands in the menu, and none shuts anyone out', async ({ device, owner }) => {
  for (let n = 0; n < 12; n++) await owner.makeEvent(`Booth ${n}`, `${date(2)}T10:${String(n).padStart(2, '0')}:00Z`, 60);
  const calendar = await at(device, owner, `/day/${date(2)}`);
  const { page } = calendar;
  await expect(page.locator('[data-event-id]')).toHaveCount(12);
  const events = page.locator('main [data-event-id]');
  for (const [key, view] of [['1', 'day'], ['2', '3days'], ['3', 'week'], ['4', 'month'], ['5', 'agenda'], ['6', 'year'], ['7', '2weeks'], ['7', '3weeks']]) {
    await page.keyboard.press(key);
    await expect(page).toHaveURL(new RegExp(`/${view}/${date(2)}$`));
    if (view === 'year') await expect(page.getByRole('button', { name: /, 12 events$/ })).toHaveAttribute('data-full', '3');
    else await expect(events.first()).toBeVisible();
    expect(await violations(page), view).toEqual([]);
  }
  await page.getByTestId('view').click();
  const menu = page.getByRole('menu', { name: 'View' });
  await expect(menu.getByRole('menuitemradio', { name: 'Day', exact: true })).toBeFocused();
  expect(await violations(page), 'the menu').toEqual([]);
  await page.keyboard.press('a');
  await expect(menu.getByRole('menuitemradio', { name: 'Agenda' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/agenda\//);
  await expect(menu).toHaveCount(0);
});

test('a crowd is one calm sign, with all of them behind it', async ({ device, owner }) => {
  for (let n = 0; n < 12; n++) await owner.makeEvent(`Booth ${n}`, `${date(2)}T10:00:00Z`, 60);
  const calendar = await at(device, owner, `/week/${date(2)}`);
  const { page } = calendar;
  await expect(page.locator('.crowd')).toBeVisible();
  const shown = await page.locator('.column [data-event-id]').count();
  await expect(page.locator('.crowd')).toHaveText(new RegExp(`^\\+${12 - shown}`));
  for (const box of await page.locator('.column [data-event-id]').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width))) expect(box).toBeGreaterThan(24);
  await page.locator('.crowd').click();
  const all = page.getByTestId('date-popover');
  await expect(all.locator('[data-event-id]')).toHaveCount(12);
  await all.getByRole('button', { name: /Booth 11/ }).click();
  await expect(calendar.popover).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('4');
  await page.locator('.more').click();
  await expect(page.getByTestId('date-popover').locator('[data-event-id]')).toHaveCount(12);
});

test('the month is a grid for the keyboard', async ({ device, owner }) => {
  const calendar = await at(device, owner, '/month/2027-03-14');
  const { page } = calendar;
  const cell = (name) => page.locator('.month').getByRole('gridcell', { name });
  await cell(/^Sunday, 14 March 2027, 0 events$/).focus();
  await page.keyboard.press('ArrowRight');
  await expect(cell(/^Monday, 15 March 2027/)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Home');
  await expect(cell(/^Monday, 8 March 2027/)).toBeFocused();
  await page.keyboard.press('PageDown');
  await expect(cell(/^Thursday, 8 April 2027/)).toBeFocused();
  await expect(page.getByTestId('title')).toHaveText('April 2027');
  await expect(page).toHaveURL(/\/month\/2027-04-08$/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/day\/2027-04-08$/);
});

test('one jumps to a date from the heading', async ({ device, owner }) => {
  const calendar = await at(device, owner, '/week/2027-03-14');
  const { page } = calendar;
  await page.keyboard.press('g');
  const jump = page.getByTestId('jump');
  await expect(jump.getByRole('button', { name: 'Sunday, 14 March 2027' })).toBeFocused();
  await page.keyboard.press('PageDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(jump).toHaveCount(0);
  await expect(page).toHaveURL(/\/week\/2027-04-21$/);
});

test('weeks and hours are as the browser has them until somebody chooses, and then as they were chosen', async ({ device, owner }) => {
  await owner.makeEvent('Lunch', '2027-03-16T12:00:00Z', 60);
  const american = await at(device, owner, '/week/2027-03-16', { locale: 'en-US' });
  const { page } = american;
  const first = page.locator('[data-date]').first();
  await expect(first).toHaveAttribute('data-date', '2027-03-14');
  await expect(american.event('Lunch')).toHaveAccessibleName(/ pm/);
  await page.getByRole('button', { name: /^Account / }).click();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('tab', { name: 'Language and time' }).click();
  await expect(page.getByLabel('Weeks begin on')).toHaveValue('Sunday');
  await page.getByLabel('Clock').selectOption('24');
  await page.keyboard.press('Escape');
  await expect(american.event('Lunch')).toHaveAccessibleName(/12:00 – 13:00/);
  await expect(first, 'what was a habit is chosen with it').toHaveAttribute('data-date', '2027-03-14');
  await american.isUpToDate();
  const british = await at(device, owner, '/week/2027-03-16');
  await expect(british.page.locator('[data-date]').first()).toHaveAttribute('data-date', '2027-03-14');
});

test('the app speaks the language of the browser, or the one chosen', async ({ device, owner }) => {
  const calendar = await at(device, owner, '/week/2027-03-14', { locale: 'de-AT' });
  const { page } = calendar;
  await expect(page.getByTestId('title')).toHaveText('März 2027');
  await expect(page.locator('.app')).toHaveAttribute('lang', 'de');
  await expect(page.getByRole('button', { name: 'Neuer Termin' }).first()).toBeVisible();
  await page.getByRole('button', { name: /^Konto / }).click();
  await page.getByRole('button', { name: 'Einstellungen' }).click();
  await page.getByRole('tab', { name: 'Sprache und Zeit' }).click();
  await page.getByLabel('Sprache', { exact: true }).selectOption('English');
  await expect(page.getByLabel('Language', { exact: true })).toHaveValue('en');
  await page.getByLabel('Theme').selectOption('Dark');
  await expect(page.locator('.app')).toHaveAttribute('data-theme', 'dark');
  await page.getByLabel('Density').selectOption('Compact');
  await page.reload();
  await expect(page.getByTestId('title')).toHaveText('March 2027');
  await expect(page.locator('.app')).toHaveAttribute('data-theme', 'dark');
  await expect(page.locator('.app')).toHaveAttribute('data-density', 'compact');
  expect(await page.locator('.columns').evaluate((element) => element.getBoundingClientRect().height)).toBe(960);
});

test.describe('the hours', () => {
  test('show the present minute, the number of the week, and what is outside of the working hours of the profile', async ({ device, owner }) => {
    const [profile] = await owner.rows('user_profiles');
    const work_schedule = { monday: [{ start: '07:30', end: '12:00' }, { start: '14:00', end: '18:00' }], sunday: [] };
    await owner.push([['user_profiles', { id: profile.id, work_schedule }, ['work_schedule']]]);
    const calendar = await device({ account: owner, open: false });
    const { page } = calendar;
    await page.clock.setFixedTime('2026-11-18T11:20:00Z');
    await page.goto('/week/2026-11-18');
    await expect(page.locator('.bar-week')).toHaveText('Week 47');
    await expect(page.locator('.now-label')).toHaveText('11:20');
    const part = (locator) => locator.evaluateAll((all) => {
      const grid = document.querySelector('.columns').getBoundingClientRect();
      return all.map((one) => one.getBoundingClientRect()).map((box) => [box.top, box.bottom].map((y) => Math.round(((y - grid.top) / grid.height) * 1440)));
    });
    expect((await part(page.locator('.now')))[0][0]).toBe(680);
    const today = await page.locator('[data-date="2026-11-18"]').boundingBox();
    const line = await page.locator('.now-today').boundingBox();
    expect(Math.abs(line.x - today.x)).toBeLessThan(2);
    const off = (day) => part(page.locator(`.column[data-date="${day}"] .off`));
    await expect.poll(() => off('2026-11-16')).toEqual([[0, 450], [720, 840], [1080, 1440]]);
    expect(await off('2026-11-22')).toEqual([[0, 1440]]);
    await page.keyboard.press('j');
    await expect(page.locator('.now')).toHaveCount(0);
  });

  test('hold forty events of a day: all of them are reached, none is narrower than a word', async ({ device, owner }) => {
    for (let n = 0; n < 40; n++) {
      const start = 7 * 60 + n * 20;
      const hour = (minute) => String(Math.floor(minute / 60)).padStart(2, '0') + ':' + String(minute % 60).padStart(2, '0');
      await owner.makeEvent(`Slot ${n}`, `${date(2)}T${hour(start)}:00Z`, 75);
    }
    const calendar = await at(device, owner, `/week/${date(2)}`);
    const { page } = calendar;
    const blocks = page.locator('.column [data-event-id]');
    await expect(blocks.first()).toBeVisible();
    await expect.poll(async () => {
      const behind = await page.locator('.crowd').evaluateAll((all) => all.reduce((sum, one) => sum + Number(/\d+/.exec(one.textContent)[0]), 0));
      return (await blocks.count()) + behind;
    }).toBe(40);
    for (const width of await blocks.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width))) expect(width).toBeGreaterThan(24);
    // The day has room for all.
    await page.keyboard.press('1');
    await expect(blocks).toHaveCount(40);
    expect(await violations(page), 'forty').toEqual([]);
  });
});

test('on paper stands the calendar alone, with every hour, whatever the theme', async ({ device, owner }) => {
  await owner.makeEvent('Late', `${date(2)}T22:00:00Z`, 60);
  const calendar = await at(device, owner, `/week/${date(2)}`, { colorScheme: 'dark' });
  const { page } = calendar;
  await expect(calendar.event('Late')).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.rail')).toBeHidden();
  await expect(page.getByRole('button', { name: 'New event' })).toBeHidden();
  await expect(page.getByTestId('title')).toBeVisible();
  const { height, scrolled } = await page.locator('.scroller').evaluate((one) => ({ height: one.clientHeight, scrolled: one.scrollHeight }));
  expect(height, 'nothing is behind a scroll bar').toBeGreaterThanOrEqual(scrolled);
  expect(await page.locator('.app').evaluate((app) => getComputedStyle(app).backgroundColor)).toMatch(/oklch\(1 |rgb\(255/);
  expect((await page.pdf({ format: 'A4', landscape: true })).length).toBeGreaterThan(1000);
});

test('today is marked alike in its own month and in that before, which shows it too', async ({ device, owner }) => {
  const { page } = await device({ account: owner, open: false });
  await page.clock.setFixedTime('2026-12-01T11:20:00Z');
  const colours = async (path) => {
    await page.goto(path);
    const today = page.locator('.month-number[data-today]');
    await expect(today).toBeVisible();
    return today.evaluate((number) => [getComputedStyle(number).color, getComputedStyle(number).backgroundColor]);
  };
  expect(await colours('/month/2026-11-15')).toEqual(await colours('/month/2026-12-15'));
});
