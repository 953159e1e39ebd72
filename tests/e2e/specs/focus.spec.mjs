// The focus is never lost: where it was goes away or moves, and the next key still does what it should.
import { Account } from '../harness/account.mjs';
import { test, expect } from '../harness/fixtures.mjs';
import { date } from '../harness/week.mjs';

/** What the browser writes about an answer that is no success. */
const REFUSAL = /the server responded with a status of 4\d\d/;

/** Presses keys one after the other; the element of what each should lead to has the focus. */
async function walk(page, element, steps) {
  for (const [key, to] of steps) {
    await page.keyboard.press(key);
    await expect(element(to), `${key} to ${to}`).toBeFocused();
  }
}

/** The keys of the page work. */
async function keysWork(calendar) {
  await calendar.page.keyboard.press('c');
  await expect(calendar.draft.getByLabel('Title')).toBeFocused();
  await calendar.page.keyboard.press('Escape');
  await expect(calendar.draft).toBeHidden();
}

/** Events are refused; the calendar comes with one that was. */
async function refused(calendar, title) {
  await calendar.isUpToDate();
  await calendar.context.route('**/rest/v1/rpc/sync_push', async (route) => {
    const sent = route.request().postDataJSON();
    const bad = sent.p_entries.filter((entry) => entry.row.title === title);
    const answer = await route.fetch({ postData: JSON.stringify({ ...sent, p_entries: sent.p_entries.filter((entry) => !bad.includes(entry)) }) });
    const body = await answer.json();
    for (const entry of bad) body.results.push({ table: entry.table, key: entry.key, generation: entry.generation, status: 'refused', code: 'forbidden', message: 'not yours', row: null });
    await route.fulfill({ response: answer, json: body });
  });
  await calendar.createAt(title, 2, '09:00');
  await calendar.isMarked(title, 'stuck');
}

test('arrows go over the edge of a month or of some weeks, and back', async ({ device, owner }) => {
  const { page } = await device({ account: owner, open: false });
  const cell = (date) => page.locator(`.month-day[data-date="${date}"]`);
  const go = async (path) => {
    await page.goto(path);
    await expect(page.locator('.frame')).toBeFocused();
  };
  await go('/month/2027-03-28');
  await cell('2027-03-28').focus();
  // Some of the dates are shown by both months, at other places.
  await walk(page, cell, [
    ['ArrowDown', '2027-04-04'], ['ArrowUp', '2027-03-28'], ['ArrowDown', '2027-04-04'], ['ArrowLeft', '2027-04-03'], ['ArrowRight', '2027-04-04'],
    ['PageDown', '2027-05-04'], ['PageUp', '2027-04-04'], ['ArrowUp', '2027-03-28'], ['Home', '2027-03-22'], ['Home', '2027-03-22'], ['ArrowRight', '2027-03-23'],
  ]);
  await go('/2weeks/2027-03-14');
  await cell('2027-03-14').focus();
  await walk(page, cell, [['ArrowRight', '2027-03-15'], ['ArrowLeft', '2027-03-14'], ['ArrowDown', '2027-03-21'], ['ArrowDown', '2027-03-28'], ['ArrowUp', '2027-03-21'], ['PageUp', '2027-02-21']]);
});

test('arrows go over the edge of the month in a small calendar, and back', async ({ device, owner }) => {
  const { page } = await device({ account: owner, open: false });
  await page.goto('/week/2026-11-25');
  await expect(page.locator('.frame')).toBeFocused();
  await page.keyboard.press('g');
  const day = (name) => page.getByTestId('jump').getByRole('button', { name, exact: true });
  await expect(day('Wednesday, 25 November 2026')).toBeFocused();
  await walk(page, day, [
    ['ArrowDown', 'Wednesday, 2 December 2026'], ['ArrowUp', 'Wednesday, 25 November 2026'],
    ['PageDown', 'Friday, 25 December 2026'], ['PageUp', 'Wednesday, 25 November 2026'], ['PageDown', 'Friday, 25 December 2026'],
  ]);
});

test('an event moved by keys past others of its day keeps the focus, and takes it from nothing later', async ({ device, owner }) => {
  for (const [title, time] of [['First', '09:00'], ['Second', '09:30'], ['Third', '10:00']]) await owner.makeEvent(title, `${date(2)}T${time}:00Z`, 60);
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await expect(calendar.event('Third')).toBeVisible();
  for (const [title, key, starts] of [
    ['Third', 'Alt+ArrowUp', ['09:45', '09:30', '09:15', '09:00', '08:45']],
    ['Third', 'Alt+ArrowDown', ['09:00', '09:15', '09:30', '09:45']],
    ['First', 'Alt+ArrowDown', ['09:15', '09:30', '09:45', '10:00']],
  ]) {
    await calendar.event(title).focus();
    for (const start of starts) {
      await page.keyboard.press(key);
      await expect(calendar.event(title)).toHaveAccessibleName(new RegExp(start));
      await expect(calendar.event(title), `${title} at ${start}`).toBeFocused();
    }
  }
  await page.keyboard.press('j');
  await calendar.lacks('First');
  await page.keyboard.press('k');
  await expect(calendar.event('First')).toBeVisible();
  await expect(calendar.event('First')).not.toBeFocused();
  await keysWork(calendar);
});

test('unfolding and folding the lane hands the focus from one button to the other', async ({ device, owner }) => {
  for (let n = 0; n < 6; n++) await owner.makeEvent(`Fair ${n}`, `${date(2)}T00:00:00Z`, 1440, { allDay: true });
  const calendar = await device({ account: owner });
  const { page } = calendar;
  const more = page.locator('.lane .more');
  const less = page.getByRole('button', { name: 'less', exact: true });
  await more.focus();
  await page.keyboard.press('Enter');
  await expect(less).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(more).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(less).toBeFocused();
  await keysWork(calendar);
});

test('where working hours are taken away the focus stays on their day', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.isUpToDate();
  await page.getByRole('button', { name: /^Account / }).click();
  await page.getByTestId('account-menu').getByRole('button', { name: 'Settings' }).click();
  const settings = page.getByRole('dialog', { name: 'Settings' });
  await settings.getByRole('tab', { name: 'Working hours' }).click();
  const monday = settings.getByRole('group', { name: 'Monday' });
  const remove = monday.getByRole('button', { name: 'Remove these hours on Monday' });
  await monday.getByRole('button', { name: 'Add hours on Monday' }).click();
  await expect(remove).toHaveCount(2);
  // The second takes the place of the first, and its button has the focus.
  await remove.first().focus();
  await page.keyboard.press('Enter');
  await expect(remove).toHaveCount(1);
  await expect(remove).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(remove).toHaveCount(0);
  await expect(monday).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(monday.getByRole('switch', { name: 'Monday' })).toBeFocused();
});

test('one invites by Enter, one after the other; taking an invitation back leaves the focus in the list', async ({ device, owner }) => {
  await owner.makeEvent('Dinner', `${date(3)}T18:00:00Z`, 120);
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.edit('Dinner');
  const people = page.getByTestId('people');
  const email = people.getByLabel('Invite by e-mail');
  await expect(calendar.editor.getByLabel('Title')).toBeFocused();
  await email.focus();
  for (const [index, address] of ['ana@example.org', 'ben@example.org'].entries()) {
    await page.keyboard.type(address);
    await page.keyboard.press('Enter');
    await expect(email).toHaveValue('');
    await expect(email).toBeFocused();
    await expect(people.locator('.guest-list li')).toHaveCount(index + 1);
  }
  await people.getByRole('button', { name: 'Take back the invitation of ana@example.org' }).focus();
  await page.keyboard.press('Enter');
  await expect(people.locator('.guest-list li')).toHaveCount(1);
  await expect(people.locator('.guest-list')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(calendar.editor).toBeHidden();
  await keysWork(calendar);
});

test('a guest sent away leaves the focus in the list', async ({ device, server, owner }) => {
  const guest = await Account.create(server);
  const event = await owner.makeEvent('Dinner', `${date(3)}T18:00:00Z`, 120);
  await owner.shareWith(guest, event, 'viewer');
  const calendar = await device({ account: owner });
  await calendar.edit('Dinner');
  const list = calendar.page.getByTestId('people').locator('.guest-list');
  await list.getByRole('button', { name: /^Remove / }).focus();
  await calendar.page.keyboard.press('Enter');
  await expect(list.locator('li')).toHaveCount(0);
  await expect(list).toBeFocused();
});

for (const answer of ['Accept', 'Decline']) {
  test(`the keys work after an invitation was answered: ${answer}`, async ({ device, server, owner }) => {
    const guest = await Account.create(server);
    const event = await owner.makeEvent('Dinner', `${date(3)}T18:00:00Z`, 120);
    await owner.push([['event_invites', { event_id: event, email: guest.email, role: 'viewer' }, ['role']]]);
    const calendar = await device({ account: guest });
    await calendar.page.getByTestId('invitations').getByRole('button', { name: answer }).focus();
    await calendar.page.keyboard.press('Enter');
    await expect(calendar.page.getByTestId('invitations')).toHaveCount(0);
    await keysWork(calendar);
  });
}

test('a refused change that is discarded or tried again leaves the focus in its panel, or in the settings', async ({ device, owner, troubles }) => {
  troubles.allow(REFUSAL);
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await refused(calendar, 'Refused');
  await calendar.badge.click();
  const panel = page.getByTestId('sync-panel');
  await panel.getByRole('button', { name: 'Try again' }).first().focus();
  await page.keyboard.press('Enter');
  await expect(panel).toBeFocused();
  await calendar.isMarked('Refused', 'stuck');
  await panel.getByRole('button', { name: 'All about sync' }).click();
  const settings = page.getByRole('dialog', { name: 'Settings' });
  const discard = settings.getByRole('button', { name: 'Discard mine' });
  await expect(discard.first()).toBeVisible();
  // What belongs to the event may be refused with it.
  await expect(async () => {
    if (await discard.count()) {
      await discard.first().focus({ timeout: 1000 });
      await page.keyboard.press('Enter');
      await expect(settings).toBeFocused({ timeout: 5000 });
    }
    expect(await discard.count()).toBe(0);
  }).toPass();
  await page.keyboard.press('Escape');
  await expect(settings).toHaveCount(0);
  await calendar.lacks('Refused');
  await keysWork(calendar);
});

test('a pointer at rest takes nothing from what the palette has chosen', async ({ device, owner }) => {
  for (let n = 0; n < 6; n++) await owner.makeEvent(`Visit ${n}`, `${date(n)}T09:00:00Z`, 60);
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.isUpToDate();
  await page.keyboard.press('/');
  const options = page.getByTestId('palette').getByRole('option');
  const { x, y, width, height } = await options.nth(2).boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await expect(options.nth(2)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.type('visit');
  for (const index of [0, 2]) await expect(options.nth(index)).toContainText('Visit');
  // The browser tells what is below the pointer now, a moment later.
  await page.waitForTimeout(300);
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  await page.mouse.move(x + width / 2 + 3, y + height / 2);
  await expect(options.first()).toHaveAttribute('aria-selected', 'false');
});
