// Where there is nothing to see it is said why, and what to do; what is not known is never called empty.
import { violations } from '../harness/axe.mjs';
import { test, expect } from '../harness/fixtures.mjs';
import { look } from '../harness/look.mjs';
import { date } from '../harness/week.mjs';

test('a new account is told what to do first, until there is an event or the hint is closed', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.isUpToDate();
  const hint = page.getByTestId('start');
  await expect(hint).toContainText('Click a free hour or press C');
  await look(calendar, 'empty-start');
  expect(await violations(page), 'an empty week').toEqual([]);
  await calendar.createAt('First', 2, '09:00');
  await expect(hint).toHaveCount(0);
  await calendar.delete('First');
  await calendar.lacks('First');
  await expect(hint).toHaveCount(0);

  // On a phone the days begin with today, whichever day of the week that is.
  const phone = await device({ account: owner, open: false, viewport: { width: 390, height: 844 }, hasTouch: true });
  await phone.open();
  await expect(phone.page.getByTestId('start')).toContainText('Tap a free hour');
  await look(phone, 'empty-start-phone');
  await phone.page.getByTestId('start').getByRole('button', { name: 'Close' }).click();
  await expect(phone.page.getByTestId('start')).toHaveCount(0);
  await phone.page.reload();
  await phone.isUpToDate();
  await expect(phone.page.getByTestId('start')).toHaveCount(0);
});

test('an agenda with nothing in it offers an event; days that are not here are not called empty', async ({ device, server, owner }) => {
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.isUpToDate();
  await page.keyboard.press('5');
  await expect(page.getByText('Nothing in these four weeks.')).toBeVisible();
  await page.locator('.agenda').getByRole('button', { name: 'New event' }).click();
  await expect(calendar.draft.getByLabel('Title')).toBeFocused();
  await page.keyboard.press('Escape');
  await server.kill();
  await calendar.isOffline(0);
  await page.goto('/agenda/2031-03-01');
  await expect(page.getByTestId('not-here')).toContainText('They come when the server can be reached.');
  await expect(page.getByText('Nothing in these four weeks.')).toHaveCount(0);
  await look(calendar, 'empty-agenda-away');
});

test('days that cannot be fetched are told of with the reason, and asked for again by a press', async ({ device, server, owner, troubles }) => {
  troubles.allow(/the server responded with a status of (40|50)/);
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.isUpToDate();
  const hint = page.getByTestId('not-here');
  const far = '2031-03-04';
  // The server answers everything but this range.
  await calendar.context.route('**/rest/v1/rpc/sync_window', (route) => route.fulfill({ status: 503, body: '' }));
  await page.goto(`/week/${far}`);
  await expect(hint).toContainText('These days are not on this device yet. They come when the server can be reached.');
  const asked = page.waitForRequest('**/rest/v1/rpc/sync_window');
  await hint.getByRole('button', { name: 'Try again' }).click();
  await asked;
  await calendar.context.unroute('**/rest/v1/rpc/sync_window');
  // It tries again by itself too: the button may be gone before it is pressed.
  await expect(async () => {
    await hint.getByRole('button', { name: 'Try again' }).click({ timeout: 1000 }).catch(() => {});
    await expect(hint).toHaveCount(0, { timeout: 2000 });
  }).toPass();
  await page.keyboard.press('j');
  await expect(page, 'the keys go on working').toHaveURL(/2031-03-11$/);

  const ended = { status: 401, contentType: 'application/json', body: JSON.stringify({ code: 'PGRST301', message: 'JWT expired' }) };
  const noRefresh = { status: 400, contentType: 'application/json', body: JSON.stringify({ code: 400, error_code: 'refresh_token_not_found', msg: 'Invalid Refresh Token: Refresh Token Not Found' }) };
  await calendar.context.route('**/rest/v1/rpc/*', (route) => route.fulfill(ended));
  await calendar.context.route('**/auth/v1/token?grant_type=refresh_token', (route) => route.fulfill(noRefresh));
  await page.goto('/week/2033-03-04');
  await expect(hint).toContainText('They cannot be fetched: Sign in again.');
  await expect(hint.getByRole('button')).toHaveCount(0);
  // Made here it is seen, and that it may not be all is said.
  await page.keyboard.press('c');
  await calendar.draft.getByLabel('Title').fill('Far away');
  await page.keyboard.press('Enter');
  await expect(calendar.event('Far away')).toBeVisible();
  await expect(hint).toContainText('Some events of these days may not be on this device yet. They cannot be fetched: Sign in again.');
});

test('where all calendars are hidden it says so, and one press shows them', async ({ device, owner }) => {
  await owner.makeEvent('Review', `${date(2)}T09:00:00Z`, 60);
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.isUpToDate();
  const [{ name }] = await owner.rows('user_calendars');
  await calendar.showCalendar(name, false);
  await calendar.lacks('Review');
  await expect(page.getByTestId('hidden')).toContainText('in calendars or categories that are hidden');
  await look(calendar, 'empty-hidden');
  await page.getByTestId('hidden').getByRole('button', { name: 'Show all' }).click();
  await calendar.shows('Review', 2, '09:00', '10:00');
  await expect(page.getByTestId('hidden')).toHaveCount(0);
  // The keys go on working.
  await page.keyboard.press('c');
  await expect(calendar.draft.getByLabel('Title')).toBeFocused();
});

test('search says that it found nothing, and offline that the rest comes later', async ({ device, server, owner }) => {
  await owner.makeEvent('Zebra crossing', '2019-05-02T09:00:00Z', 60);
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.isUpToDate();
  await server.stop();
  await calendar.isOffline(0);
  await page.keyboard.press('/');
  const palette = page.getByTestId('palette');
  await palette.getByRole('combobox').fill('zebra');
  await expect(palette).toContainText('No event found. Searched: ');
  const all = palette.getByRole('button', { name: 'Fetch all events' });
  await all.click();
  await expect(palette).toContainText('They come when the server can be reached.');
  await expect(all).toBeFocused();
  await look(calendar, 'empty-search');
  await server.start();
  await expect(palette.getByRole('option', { name: /Zebra crossing/ })).toBeVisible({ timeout: 45_000 });
  await expect(palette).toContainText('Everything was searched.');
  await expect(palette).not.toContainText('No event found');
});

test('lists without anything say what they are for, online and offline', async ({ device, server, owner }) => {
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.isUpToDate();
  const [{ name }] = await owner.rows('user_calendars');
  await server.stop();
  await calendar.isOffline(0);
  await calendar.deleteCalendar(name);
  await expect(calendar.calendars).toContainText('No calendar yet.');
  await page.getByRole('button', { name: /^Account / }).click();
  await page.getByTestId('account-menu').getByRole('button', { name: 'Settings' }).click();
  const settings = page.getByRole('dialog', { name: 'Settings' });
  for (const [tab, words] of [['Calendars', 'No calendar yet.'], ['Categories', 'No category yet'], ['Personas', 'No persona yet.']]) {
    await settings.getByRole('tab', { name: tab }).click();
    await expect(settings).toContainText(words);
  }
  await look(calendar, 'empty-personas');
  expect(await violations(page), 'an empty list').toEqual([]);
  await settings.getByRole('button', { name: 'New persona' }).click();
  await settings.getByLabel('Name').fill('Aide');
  await settings.getByRole('button', { name: 'Save' }).click();
  await expect(settings).not.toContainText('No persona yet.');
  await settings.getByRole('tab', { name: 'Data' }).click();
  await settings.getByRole('button', { name: 'Fetch all events' }).click();
  await expect(settings).toContainText('They come when the server can be reached.');
  await server.start();
  await expect(settings).toContainText('All events there are.', { timeout: 45_000 });
});
