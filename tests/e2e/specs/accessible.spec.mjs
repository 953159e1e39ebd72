// axe-core finds nothing on any screen, in light and dark, wide and narrow; and the keyboard is enough.
import { violations } from '../harness/axe.mjs';
import { test, expect } from '../harness/fixtures.mjs';
import { date, today } from '../harness/week.mjs';

const LOOKS = [
  { name: 'light', options: { colorScheme: 'light' } },
  { name: 'dark', options: { colorScheme: 'dark' } },
  { name: 'light, on a phone', options: { colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true } },
  { name: 'dark, on a phone', options: { colorScheme: 'dark', viewport: { width: 390, height: 844 }, hasTouch: true } },
];

for (const { name, options } of LOOKS) {
  test(`nobody is shut out of signing in, the week, an event and its editor (${name})`, async ({ device, owner }) => {
    const signIn = await device(options);
    await expect(signIn.page.getByLabel('E-mail')).toBeVisible();
    expect(await violations(signIn.page), 'signing in').toEqual([]);

    const work = await owner.makeCalendar('Work', 'teal');
    const red = await owner.makeCalendar('Red', 'red');
    await owner.makeEvent('Busy', `${today()}T09:00:00Z`, 90, { calendar: work, location: 'Room 4' });
    await owner.makeEvent('Beside it', `${today()}T09:30:00Z`, 60, { calendar: red, showAs: 'tentative' });
    await owner.makeEvent('Away', `${today()}T13:00:00Z`, 60, { calendar: red, showAs: 'oof' });
    await owner.makeEvent('Free', `${today()}T15:00:00Z`, 30, { calendar: work, showAs: 'free' });
    await owner.makeEvent('All day', `${today()}T00:00:00Z`, 1440, { calendar: work, allDay: true });
    const calendar = await device({ account: owner, open: false, ...options });
    await calendar.open('/');
    await expect(calendar.event('Busy')).toBeVisible();
    await calendar.isMarked('Busy', 'synced');
    await expect(calendar.badge).toHaveAttribute('data-phase', 'up-to-date');
    expect(await violations(calendar.page), 'the week').toEqual([]);

    await calendar.peek('Busy');
    expect(await violations(calendar.page), 'the popover').toEqual([]);
    await calendar.popover.getByRole('button', { name: 'Edit event' }).click();
    await expect(calendar.editor).toBeVisible();
    expect(await violations(calendar.page), 'the editor').toEqual([]);
  });
}

test('the other dialogs and the month have no violation either', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  await calendar.badge.click();
  expect(await violations(calendar.page), 'the sync panel').toEqual([]);
  await calendar.page.keyboard.press('Escape');
  await calendar.page.keyboard.press('c');
  await expect(calendar.draft).toBeVisible();
  expect(await violations(calendar.page), 'a draft').toEqual([]);
  await calendar.page.keyboard.press('Escape');
  await calendar.page.keyboard.press('?');
  await expect(calendar.page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  expect(await violations(calendar.page), 'the keys').toEqual([]);
  await calendar.page.keyboard.press('Escape');
  await calendar.calendars.getByRole('button', { name: 'New calendar' }).click();
  expect(await violations(calendar.page), 'a new calendar').toEqual([]);
  await calendar.page.keyboard.press('Escape');
  await calendar.page.keyboard.press('4');
  await expect(calendar.page.getByTestId('title')).toHaveText(/^\w+ \d{4}$/);
  expect(await violations(calendar.page), 'the month').toEqual([]);
});

test('an event is made, opened, changed and deleted by the keyboard alone, and the focus is never lost', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const { page } = calendar;
  await page.keyboard.press('c');
  await expect(calendar.draft.getByLabel('Title')).toBeFocused();
  await page.keyboard.type('By hand');
  await page.keyboard.press('Enter');
  await expect(calendar.event('By hand')).toBeVisible();

  await calendar.event('By hand').focus();
  await page.keyboard.press('Enter');
  await expect(calendar.popover).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(calendar.popover).toBeHidden();
  await expect(calendar.event('By hand')).toBeFocused();

  await page.keyboard.press('e');
  await expect(calendar.editor.getByLabel('Title')).toBeFocused();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('By heart');
  await page.keyboard.press('Control+Enter');
  await expect(calendar.event('By heart')).toBeVisible();

  await calendar.event('By heart').focus();
  await page.keyboard.press('Delete');
  await calendar.lacks('By heart');
  // The next key works: the focus is still inside of the page.
  await page.keyboard.press('c');
  await expect(calendar.draft.getByLabel('Title')).toBeFocused();
});

test('an event is moved and made longer by the keyboard alone, keeps the focus, and each change is spoken', async ({ device, owner }) => {
  await owner.makeEvent('Board', `${date(2)}T09:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const { page } = calendar;
  const said = page.getByTestId('said');
  await calendar.event('Board').focus();
  for (const [key, day, from, to] of [
    ['Alt+ArrowDown', 2, '09:15', '10:15'],
    ['Alt+ArrowDown', 2, '09:30', '10:30'],
    ['Alt+ArrowRight', 3, '09:30', '10:30'],
    ['Alt+ArrowUp', 3, '09:15', '10:15'],
    ['Alt+Shift+ArrowDown', 3, '09:15', '10:30'],
    ['Alt+Shift+ArrowDown', 3, '09:15', '10:45'],
    ['Alt+Shift+ArrowUp', 3, '09:15', '10:30'],
  ]) {
    await page.keyboard.press(key);
    await calendar.shows('Board', day, from, to);
    await expect(said).toContainText(`${from} – ${to}`);
    await expect(calendar.event('Board'), `after ${key}`).toBeFocused();
  }
  await calendar.isUpToDate();
  const [event] = await owner.rows('events');
  expect([Date.parse(event.start_time), event.duration]).toEqual([Date.parse(`${date(3)}T09:15:00Z`), 75]);
  // And back again, step by step, as far as it goes.
  const steps = [[3, '09:15', '10:45'], [3, '09:15', '10:30'], [3, '09:15', '10:15'], [3, '09:30', '10:30'], [2, '09:30', '10:30'], [2, '09:15', '10:15'], [2, '09:00', '10:00']];
  for (const [day, from, to] of steps) {
    await page.keyboard.press('Control+z');
    await calendar.shows('Board', day, from, to);
    await expect(calendar.event('Board'), `back at ${from}`).toBeFocused();
  }
  for (const [day, from, to] of [...steps.slice(0, -1).reverse(), [3, '09:15', '10:30']]) {
    await page.keyboard.press('Control+Shift+z');
    await calendar.shows('Board', day, from, to);
    await expect(calendar.event('Board'), `again at ${from}`).toBeFocused();
  }
  await expect(calendar.toast).toHaveCount(0);
});

test('the keys go on working when what has the focus is deleted elsewhere', async ({ device, owner }) => {
  for (const title of ['Board', 'Panel']) await owner.makeEvent(title, `${date(title === 'Board' ? 1 : 2)}T09:00:00Z`, 60);
  const [calendar, other] = [await device({ account: owner }), await device({ account: owner })];
  await calendar.isUpToDate();
  await calendar.isLive();
  await calendar.event('Board').focus();
  await other.delete('Board');
  await calendar.lacks('Board');
  const { page } = calendar;
  await page.keyboard.press('c');
  await expect(calendar.draft.getByLabel('Title'), 'the event had the focus').toBeFocused();
  await page.keyboard.press('Escape');
  await calendar.peek('Panel');
  await other.delete('Panel');
  await expect(calendar.popover).toBeHidden();
  await page.keyboard.press('c');
  await expect(calendar.draft.getByLabel('Title'), 'its popover had the focus').toBeFocused();
});

test('the keys go on working when the page is turned under what has the focus', async ({ device, owner }) => {
  await owner.makeEvent('Board', `${date(2)}T09:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const { page } = calendar;
  const home = async () => {
    await page.goto(`/week/${date(2)}`);
    await expect(calendar.event('Board')).toBeVisible();
  };
  const works = async (what) => {
    const before = page.url();
    await page.keyboard.press('j');
    await expect(page, what).not.toHaveURL(before);
  };
  for (const key of ['j', 't', '1', '2', '4', '5', '6', '7']) {
    await home();
    await calendar.event('Board').focus();
    const before = page.url();
    await page.keyboard.press(key);
    // Today may be what is shown.
    if (key !== 't') await expect(page).not.toHaveURL(before);
    await works(`after ${key}`);
  }
  await home();
  const start = page.url();
  await page.keyboard.press('j');
  await expect(page).not.toHaveURL(start);
  await page.locator('.day-head').first().focus();
  await page.goBack();
  await expect(calendar.event('Board')).toBeVisible();
  await works('after going back');
  for (const [view, what] of [['week', '.day-head'], ['month', '.month-number'], ['agenda', '.agenda-date'], ['year', '.year .mini-day']]) {
    await page.goto(`/${view}/${date(2)}`);
    await page.locator(what).first().click();
    await expect(page).toHaveURL(/\/day\//);
    await works(`after a click on a date of the ${view}`);
  }
  // The keys of the month are not those of an event that had the focus before.
  await home();
  await calendar.event('Board').focus();
  await page.keyboard.press('4');
  const cell = (day) => page.locator(`.month-day[data-date="${date(day)}"]`);
  await cell(2).focus();
  await page.keyboard.press('ArrowRight');
  await expect(cell(3)).toBeFocused();
  // Between the dates of the month the focus stays with the date.
  await page.goto('/month/2027-03-14');
  await page.locator('.month').getByRole('gridcell', { name: /^Sunday, 14 March 2027/ }).focus();
  await page.keyboard.press('PageDown');
  await expect(page.locator('.month').getByRole('gridcell', { name: /^Wednesday, 14 April 2027/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/day\/2027-04-14$/);
  await works('after Enter on a date');
});
