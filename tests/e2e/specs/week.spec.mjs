// Point 1: sign up in the browser, see this week, make, change and delete events and calendars.
import { test, expect } from '../harness/fixtures.mjs';
import { Account } from '../harness/account.mjs';
import { date, dates } from '../harness/week.mjs';

test('someone new signs up, sees this week, and their events are there after a reload', async ({ device, server }) => {
  const calendar = await device();
  const email = Account.freshEmail();
  await calendar.signUp(email, Account.password);

  await calendar.isShown();
  for (const day of dates()) await expect(calendar.page.locator(`[data-date="${day}"]`)).toBeVisible();
  await calendar.isUpToDate();

  await calendar.create('Swim', 1, '07:00', '08:00');
  await calendar.shows('Swim', 1, '07:00', '08:00');
  await calendar.isMarked('Swim', 'synced');
  await calendar.isUpToDate();

  await calendar.page.reload();
  await calendar.shows('Swim', 1, '07:00', '08:00');
  const account = await Account.of(server, email);
  expect(await account.titles()).toEqual(['Swim']);
});

test.describe('an event', () => {
  test('is made by a click on a free hour', async ({ device, owner }) => {
    const calendar = await device({ account: owner });
    await calendar.createAt('Dentist', 2, '09:00');
    await calendar.shows('Dentist', 2, '09:00', '10:00');
    await calendar.isMarked('Dentist', 'synced');
    expect(await owner.titles()).toEqual(['Dentist']);
  });

  test('is renamed and moved in its editor', async ({ device, owner }) => {
    await owner.makeEvent('Standup', `${date(0)}T09:00:00Z`, 30);
    const calendar = await device({ account: owner });
    await calendar.edit('Standup');
    await calendar.editor.getByLabel('Title').fill('Weekly');
    await calendar.editor.getByLabel('Location').fill('Room 4');
    await calendar.editor.getByLabel('Notes').fill('Bring numbers');
    await calendar.save();
    await calendar.reschedule('Weekly', 3, '14:15', '15:00');
    await calendar.shows('Weekly', 3, '14:15', '15:00');
    await calendar.lacks('Standup');
    await calendar.isUpToDate();
    const [event] = await owner.rows('events');
    expect(event).toMatchObject({ title: 'Weekly', location: 'Room 4', notes: 'Bring numbers', duration: 45, start_time: `${date(3)}T14:15:00.000000Z` });
  });

  test('is dragged to another day and time, keeping its length', async ({ device, owner }) => {
    await owner.makeEvent('Review', `${date(1)}T10:00:00Z`, 90);
    const calendar = await device({ account: owner });
    await calendar.drag('Review', 3, '13:00');
    await calendar.shows('Review', 3, '13:00', '14:30');
    await calendar.isUpToDate();
    const [event] = await owner.rows('events');
    expect(event).toMatchObject({ start_time: `${date(3)}T13:00:00.000000Z`, duration: 90 });
  });

  test('is moved and resized with the keyboard', async ({ device, owner }) => {
    await owner.makeEvent('Walk', `${date(1)}T12:00:00Z`, 60);
    const calendar = await device({ account: owner });
    await calendar.event('Walk').focus();
    await calendar.page.keyboard.press('Alt+ArrowRight');
    await calendar.shows('Walk', 2, '12:00', '13:00');
    await calendar.event('Walk').focus();
    await calendar.page.keyboard.press('Alt+ArrowDown');
    await calendar.shows('Walk', 2, '12:15', '13:15');
    await calendar.event('Walk').focus();
    await calendar.page.keyboard.press('Alt+Shift+ArrowDown');
    await calendar.shows('Walk', 2, '12:15', '13:30');
  });

  test('lasts all day and stands above the hours', async ({ device, owner }) => {
    const calendar = await device({ account: owner });
    await calendar.page.keyboard.press('c');
    await calendar.draft.getByLabel('Title').fill('Holiday');
    await calendar.draft.getByLabel('All day').check();
    await calendar.draft.locator('#start-date').fill(date(3));
    await calendar.draft.locator('#end-date').fill(date(4));
    await calendar.draft.getByRole('button', { name: 'Save' }).click();
    const lane = calendar.page.getByRole('group', { name: 'All-day events' });
    await expect(lane.getByRole('button', { name: /^Holiday/ })).toBeVisible();
    await calendar.isUpToDate();
    const [event] = await owner.rows('events');
    expect(event).toMatchObject({ all_day: true, start_time: `${date(3)}T00:00:00.000000Z`, duration: 2 * 1440 });
  });

  test('is deleted, and comes back by undo', async ({ device, owner }) => {
    await owner.makeEvent('Mistake', `${date(2)}T10:00:00Z`, 60);
    const calendar = await device({ account: owner });
    await calendar.delete('Mistake');
    await calendar.lacks('Mistake');
    await calendar.isUpToDate();
    await expect.poll(() => owner.titles()).toEqual([]);
    await calendar.page.keyboard.press('Control+z');
    await calendar.shows('Mistake', 2, '10:00', '11:00');
    await calendar.isUpToDate();
    await expect.poll(() => owner.titles()).toEqual(['Mistake']);
  });

  test('is deleted, and comes back by the notice, whatever was done meanwhile', async ({ device, owner }) => {
    for (const [title, day] of [['Mistake', 2], ['Other', 3]]) await owner.makeEvent(title, `${date(day)}T10:00:00Z`, 60);
    const calendar = await device({ account: owner });
    await calendar.delete('Mistake');
    await calendar.lacks('Mistake');
    await calendar.event('Other').focus();
    await calendar.page.keyboard.press('Alt+ArrowDown');
    await calendar.shows('Other', 3, '10:15', '11:15');
    await calendar.toast.getByRole('button', { name: 'Undo' }).click();
    await calendar.shows('Mistake', 2, '10:00', '11:00');
    await calendar.shows('Other', 3, '10:15', '11:15');
    await expect(calendar.toast).toHaveCount(0);
  });

  test('is deleted from its editor when its days are no longer shown, too', async ({ device, owner }) => {
    await owner.makeEvent('Mistake', `${date(2)}T10:00:00Z`, 60);
    const calendar = await device({ account: owner });
    const { page, editor } = calendar;
    await calendar.edit('Mistake');
    await page.getByRole('button', { name: 'Next week' }).click();
    await calendar.lacks('Mistake');
    await editor.getByRole('button', { name: 'Delete' }).click();
    await expect(editor).toBeHidden();
    await expect(page.getByTestId('said')).toHaveText('Deleted: Mistake');
    await expect(calendar.toast).toContainText('Event deleted');
    await expect.poll(() => owner.titles()).toEqual([]);
    await calendar.toast.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Previous week' }).click();
    await calendar.shows('Mistake', 2, '10:00', '11:00');
  });

  test('whose end lies before its start is not saved, and the field says so', async ({ device, owner }) => {
    const calendar = await device({ account: owner });
    await calendar.page.keyboard.press('c');
    await calendar.draft.getByLabel('Title').fill('Backwards');
    await calendar.draft.locator('#start-time').fill('10:00');
    await calendar.draft.locator('#end-time').fill('09:00');
    await expect(calendar.draft.getByText('The end lies before the start.')).toBeVisible();
    await expect(calendar.draft.getByRole('button', { name: 'Save' })).toBeDisabled();
  });

  test('with markup for a title shows it as text', async ({ device, owner }) => {
    const title = '<img src=x onerror=alert(1)> & “ünïcödé” 日本';
    await owner.makeEvent(title, `${date(2)}T10:00:00Z`, 60);
    const calendar = await device({ account: owner });
    await expect(calendar.event(title)).toBeVisible();
  });

  test('overlapping another stands beside it, both readable', async ({ device, owner }) => {
    await owner.makeEvent('Left', `${date(2)}T10:00:00Z`, 60);
    await owner.makeEvent('Right', `${date(2)}T10:00:00Z`, 60);
    const calendar = await device({ account: owner });
    const boxes = await Promise.all(['Left', 'Right'].map((title) => calendar.event(title).boundingBox()));
    boxes.sort((a, b) => a.x - b.x);
    expect(boxes[0].x + boxes[0].width).toBeLessThanOrEqual(boxes[1].x + 1);
  });
});

test.describe('a calendar', () => {
  test('is made, renamed, hidden, shown and deleted; its events move to another', async ({ device, owner }) => {
    const calendar = await device({ account: owner });
    await calendar.makeCalendar('Choir', 'Green');
    await expect(calendar.calendar('Choir')).toBeVisible();
    await calendar.isUpToDate();
    const choir = (await owner.rows('user_calendars')).find((row) => row.name === 'Choir');
    await owner.makeEvent('Rehearsal', `${date(3)}T18:00:00Z`, 90, { calendar: choir.id });
    await calendar.shows('Rehearsal', 3, '18:00', '19:30');

    await calendar.renameCalendar('Choir', 'Singing');
    await expect(calendar.calendar('Singing')).toBeVisible();
    await expect(calendar.calendar('Choir')).toHaveCount(0);

    await calendar.showCalendar('Singing', false);
    await calendar.lacks('Rehearsal');
    await calendar.isUpToDate();
    await calendar.page.reload();
    await calendar.isShown();
    await expect(calendar.calendar('Singing').getByRole('checkbox')).not.toBeChecked();
    await calendar.lacks('Rehearsal');
    await calendar.showCalendar('Singing', true);
    await calendar.shows('Rehearsal', 3, '18:00', '19:30');

    await calendar.deleteCalendar('Singing');
    await expect(calendar.calendar('Singing')).toHaveCount(0);
    await calendar.shows('Rehearsal', 3, '18:00', '19:30');
    await calendar.isUpToDate();
    await calendar.page.reload();
    await calendar.shows('Rehearsal', 3, '18:00', '19:30');
    await expect(calendar.calendar('Singing')).toHaveCount(0);
    expect((await owner.rows('user_calendars')).map((row) => row.name)).not.toContain('Singing');
  });

  test('gives its events its colour', async ({ device, owner }) => {
    const red = await owner.makeCalendar('Red', '#d03030');
    await owner.makeEvent('Fire drill', `${date(1)}T11:00:00Z`, 60, { calendar: red });
    const calendar = await device({ account: owner });
    await expect(calendar.event('Fire drill')).toHaveAccessibleName(/Red/);
    const colour = await calendar.event('Fire drill').evaluate((element) => getComputedStyle(element).getPropertyValue('--c').trim());
    expect(colour).toBe('#d03030');
  });
});

test('signing out empties this device, and signing in again brings everything back', async ({ device, owner }) => {
  await owner.makeEvent('Kept', `${date(1)}T11:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  await calendar.signOut();
  await expect(calendar.page.getByLabel('E-mail')).toBeVisible();
  await calendar.lacks('Kept');
  await calendar.page.reload();
  await calendar.signIn(owner.email, owner.password);
  await calendar.shows('Kept', 1, '11:00', '12:00');
});

test('what one person has another does not see in the same browser', async ({ device, owner, server }) => {
  await owner.makeEvent('Secret', `${date(1)}T11:00:00Z`, 60);
  const other = await Account.create(server);
  await other.makeEvent('Mine', `${date(1)}T15:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.shows('Secret', 1, '11:00', '12:00');
  await calendar.isUpToDate();
  await calendar.signOut();
  await calendar.signIn(other.email, other.password);
  await calendar.shows('Mine', 1, '15:00', '16:00');
  await calendar.lacks('Secret');
});
