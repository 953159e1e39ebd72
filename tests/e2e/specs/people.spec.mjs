// Who may do what on a shared event, told before one tries; what is one's own stays one's own; private events are private.
import { Account } from '../harness/account.mjs';
import { violations } from '../harness/axe.mjs';
import { PHONE, touch } from '../harness/finger.mjs';
import { test, expect } from '../harness/fixtures.mjs';
import { look } from '../harness/look.mjs';
import { date } from '../harness/week.mjs';

/** Two people with an event of the first one, shared as `role`; the calendar of the second. */
async function shared({ device, server, owner }, role) {
  const guest = await Account.create(server);
  const [profile] = await owner.rows('user_profiles');
  await owner.push([['user_profiles', { id: profile.id, first_name: null, last_name: null, display_name: 'Ana Host' }, ['names']]]);
  const event = await owner.makeEvent('Dinner', `${date(3)}T18:00:00Z`, 120);
  await owner.shareWith(guest, event, role);
  const calendar = await device({ account: guest });
  await calendar.shows('Dinner', 3, '18:00', '20:00');
  await calendar.isUpToDate();
  return { guest, calendar, event };
}

async function details(calendar, button = 'Edit event') {
  await calendar.peek('Dinner');
  await calendar.popover.getByRole('button', { name: button }).click();
  await expect(calendar.editor).toBeVisible();
}

test('a viewer is told why nothing moves, by keyboard and in the popover; nothing is refused later', async ({ device, server, owner }) => {
  const { calendar } = await shared({ device, server, owner }, 'viewer');
  await calendar.event('Dinner').focus();
  for (const key of ['Delete', 'Alt+ArrowDown', 'Alt+Shift+ArrowDown']) {
    await calendar.page.keyboard.press(key);
    await expect(calendar.toast, key).toContainText('This event belongs to somebody else');
    await calendar.toast.getByRole('button', { name: 'Dismiss' }).click();
    await expect(calendar.toast).toHaveCount(0);
    await calendar.event('Dinner').focus();
  }
  await calendar.shows('Dinner', 3, '18:00', '20:00');
  await calendar.peek('Dinner');
  await expect(calendar.popover).toContainText('You can view this event');
  await expect(calendar.popover.getByRole('button', { name: 'Delete event' })).toHaveCount(0);
  await expect(calendar.badge).toHaveAttribute('data-stuck', '0');
});

test('a viewer who drags is told why nothing moves; Alt still drags a copy', async ({ device, server, owner }) => {
  const { calendar, guest } = await shared({ device, server, owner }, 'viewer');
  const { page } = calendar;
  const pull = async (by) => {
    await calendar.event('Dinner').scrollIntoViewIfNeeded();
    const { x, y, width } = await calendar.event('Dinner').boundingBox();
    await page.mouse.move(x + width / 2, y + 20);
    await page.mouse.down();
    await page.mouse.move(x + width / 2, y + 20 + by / 2, { steps: 3 });
    await page.mouse.move(x + width / 2, y + 20 + by, { steps: 3 });
  };
  await pull(-120);
  await expect(calendar.toast).toContainText('This event belongs to somebody else');
  await expect(page.getByTestId('drag-ghost')).toHaveCount(0);
  await page.mouse.up();
  // Letting go over free room neither moves it nor makes another.
  await calendar.shows('Dinner', 3, '18:00', '20:00');
  await expect(calendar.draft).toHaveCount(0);
  expect(await guest.titles()).toEqual(['Dinner']);
  // The same words said again are a new toast, with its whole time.
  await calendar.toast.evaluate((toast) => { toast.dataset.first = ''; });
  await pull(-120);
  await page.mouse.up();
  await expect(page.locator('[data-testid="toast"]:not([data-first])')).toBeVisible();
  await expect(page.locator('[data-testid="toast"]')).toHaveCount(1);
  await page.keyboard.down('Alt');
  await pull(-240);
  await expect(page.getByTestId('drag-ghost')).toBeVisible();
  await page.mouse.up();
  await page.keyboard.up('Alt');
  await expect(calendar.event('Dinner')).toHaveCount(2);
  await calendar.isUpToDate();
  expect(await guest.titles()).toEqual(['Dinner', 'Dinner']);
  expect(await owner.titles()).toEqual(['Dinner']);
});

test('a viewer whose finger holds an event still is told why it does not move', async ({ device, server, owner }) => {
  const guest = await Account.create(server);
  const event = await owner.makeEvent('Dinner', `${date(1)}T10:00:00Z`, 120);
  await owner.shareWith(guest, event, 'viewer');
  const calendar = await device({ account: guest, open: false, ...PHONE });
  const { page } = calendar;
  await page.goto(`/3days/${date(0)}`);
  await calendar.shows('Dinner', 1, '10:00', '12:00');
  const { x, y, width } = await calendar.event('Dinner').boundingBox();
  const finger = await touch(page);
  await finger.down({ x: x + width / 2, y: y + 20 });
  await expect(calendar.toast).toContainText('This event belongs to somebody else');
  await expect(page.getByTestId('drag-ghost')).toHaveCount(0);
  await finger.move({ x: x + width / 2, y: y + 90 });
  await finger.up();
  await calendar.shows('Dinner', 1, '10:00', '12:00');
  await expect(calendar.draft).toHaveCount(0);
  expect(await guest.titles()).toEqual(['Dinner']);
});

test('on a phone a mark says that an invitation waits behind the calendars', async ({ device, server, owner }) => {
  const guest = await Account.create(server);
  const event = await owner.makeEvent('Dinner', `${date(1)}T10:00:00Z`, 120);
  await owner.push([['event_invites', { event_id: event, email: guest.email, role: 'viewer' }, ['role']]]);
  const calendar = await device({ account: guest, open: false, ...PHONE });
  const { page } = calendar;
  await page.goto(`/3days/${date(0)}`);
  const tab = page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: /^Calendars/ });
  await expect(tab).toHaveAccessibleName('Calendars 1 Invitations');
  expect(await violations(page), 'the mark').toEqual([]);
  await tab.tap();
  await expect(page.getByTestId('invitations')).toBeInViewport({ ratio: 1 });
  expect(await violations(page), 'the invitation').toEqual([]);
  await page.getByTestId('invitations').getByRole('button', { name: 'Accept' }).tap();
  await expect(tab).toHaveAccessibleName('Calendars');
});

test('in a wide window a mark says that an invitation waits in the rail that is folded away', async ({ device, server, owner }) => {
  const guest = await Account.create(server);
  const event = await owner.makeEvent('Dinner', `${date(1)}T10:00:00Z`, 120);
  await owner.push([['event_invites', { event_id: event, email: guest.email, role: 'viewer' }, ['role']]]);
  const calendar = await device({ account: guest });
  const { page } = calendar;
  const fold = page.getByRole('banner').getByRole('button', { name: /^Calendars/ });
  const mark = page.getByRole('banner').locator('.tab-mark');
  await expect(page.getByTestId('invitations')).toBeVisible();
  await expect(fold).toHaveAccessibleName('Calendars');
  await expect(mark, 'the rail says it itself').toHaveCount(0);
  await fold.click();
  await expect(fold).toHaveAccessibleName('Calendars 1 Invitations');
  await expect(mark).toHaveText('1');
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    expect(await violations(page), `the mark, ${colorScheme}`).toEqual([]);
  }
  await look(calendar, 'rail-mark');
  await fold.click();
  await page.getByTestId('invitations').getByRole('button', { name: 'Accept' }).click();
  await expect(page.getByTestId('invitations')).toHaveCount(0);
  await fold.click();
  await expect(fold).toHaveAccessibleName('Calendars');
});

test('a contributor changes the content, but may not delete it, share it or make it private', async ({ device, server, owner }) => {
  const { calendar, guest } = await shared({ device, server, owner }, 'contributor');
  await calendar.event('Dinner').focus();
  await calendar.page.keyboard.press('Delete');
  await expect(calendar.toast).toContainText('This event belongs to somebody else');
  await details(calendar);
  await expect(calendar.editor.getByTestId('reason')).toContainText('You can change the content');
  await expect(calendar.editor.getByRole('switch', { name: 'Private' })).toBeDisabled();
  await expect(calendar.editor.getByRole('button', { name: 'Delete' })).toHaveCount(0);
  await expect(calendar.editor.getByLabel('Invite by e-mail')).toHaveCount(0);
  await expect(calendar.page.getByTestId('people')).toContainText('Ana Host');
  expect(await violations(calendar.page), "a contributor's editor").toEqual([]);
  await calendar.editor.getByLabel('Title').fill('Supper');
  await calendar.save();
  // Not the badge: for a moment it still says what was true before the change.
  await expect.poll(() => owner.titles()).toEqual(['Supper']);
  await calendar.isUpToDate();
  expect(await guest.titles()).toEqual(['Supper']);
});

test('a delegate also invites and deletes', async ({ device, server, owner }) => {
  const { calendar } = await shared({ device, server, owner }, 'delegate_full');
  await details(calendar);
  const people = calendar.page.getByTestId('people');
  await people.getByLabel('Invite by e-mail').fill('third@example.org');
  await people.getByRole('button', { name: 'Invite' }).click();
  await expect(people.getByText('waiting until accepted')).toBeVisible();
  await calendar.editor.getByRole('button', { name: 'Delete' }).click();
  await calendar.lacks('Dinner');
  await calendar.isUpToDate();
  await expect.poll(() => owner.titles()).toEqual([]);
});

test("what is one's own on a shared event the others neither see nor lose; answers and following are kept", async ({ device, server, owner }) => {
  const { calendar, guest, event } = await shared({ device, server, owner }, 'viewer');
  const evening = await guest.makeCalendar('Evenings', 'pink');
  await details(calendar, 'Open details');
  const { editor } = calendar;
  await editor.getByLabel('Calendar', { exact: true }).selectOption('Evenings');
  await editor.getByLabel('Show as').selectOption('Free');
  await calendar.save();
  await expect(calendar.event('Dinner')).toHaveAccessibleName(/Evenings/);
  await details(calendar, 'Open details');
  const people = calendar.page.getByTestId('people');
  await people.getByRole('button', { name: 'Yes', exact: true }).click();
  await expect(people.getByRole('button', { name: 'Yes', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await people.getByRole('switch', { name: 'Follow changes' }).uncheck();
  await calendar.page.keyboard.press('Escape');
  await calendar.isUpToDate();
  expect(await guest.rows('event_details_personal')).toMatchObject([{ event_id: event, calendar_id: evening, show_time_as: 'free' }]);
  expect(await owner.rows('event_details_personal')).toEqual([]);
  const role = (await owner.rows('event_user_roles')).find((row) => row.user_id === guest.id);
  expect(role).toMatchObject({ rsvp: 'accepted', following: false, role: 'viewer' });
});

test('going on with what was kept, the editor has the people of that event', async ({ device, server, owner }) => {
  const guest = await Account.create(server);
  const dinner = await owner.makeEvent('Dinner', `${date(3)}T10:00:00Z`, 120);
  await owner.shareWith(guest, dinner, 'viewer');
  await owner.makeEvent('Lunch', `${date(1)}T12:00:00Z`, 60);
  const calendar = await device({ account: owner });
  const { page, editor } = calendar;
  await calendar.isUpToDate();
  const people = page.getByTestId('people');
  const listed = people.locator('.guest-list li');
  await details(calendar);
  await expect(listed).not.toHaveCount(0);
  const guests = await listed.count();
  await editor.getByLabel('Notes').fill('bring cake');
  await page.keyboard.press('Escape');
  await expect(editor).toBeHidden();
  await calendar.edit('Lunch');
  await expect(people).toBeVisible();
  await expect(listed).toHaveCount(0);
  await people.getByLabel('Invite by e-mail').fill('for-lunch@example.org');
  await page.getByTestId('kept').getByRole('button', { name: 'Go on' }).click();
  await expect(editor.getByLabel('Title')).toHaveValue('Dinner');
  await expect(listed).toHaveCount(guests);
  await expect(people.getByLabel('Invite by e-mail'), 'typed for the other one').toHaveValue('');
  await people.getByLabel('Invite by e-mail').fill('third@example.org');
  await people.getByRole('button', { name: 'Invite' }).click();
  await expect(listed).toHaveCount(guests + 1);
  await calendar.save();
  const invited = async () => (await owner.rows('event_invites')).filter((row) => row.email === 'third@example.org').map((row) => row.event_id);
  await expect.poll(invited).toEqual([dinner]);
});

test('an event made private is gone for those who may only view or change it, and comes back', async ({ device, server, owner }) => {
  const { calendar } = await shared({ device, server, owner }, 'contributor');
  const host = await device({ account: owner });
  await host.isUpToDate();
  await host.edit('Dinner');
  await host.editor.getByRole('switch', { name: 'Private' }).check();
  await host.save();
  await calendar.lacks('Dinner');
  await host.edit('Dinner');
  await host.editor.getByRole('switch', { name: 'Private' }).uncheck();
  await host.save();
  await calendar.shows('Dinner', 3, '18:00', '20:00');
});
