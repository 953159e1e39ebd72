// Settings, one's own view of an event, and sharing: what is entered is there on the server and on other devices.
import { readFile } from 'node:fs/promises';
import { Account } from '../harness/account.mjs';
import { violations } from '../harness/axe.mjs';
import { test, expect } from '../harness/fixtures.mjs';
import { look } from '../harness/look.mjs';
import { date, today } from '../harness/week.mjs';

async function settings(calendar, section) {
  await calendar.page.getByRole('button', { name: /^Account / }).click();
  await calendar.page.getByTestId('account-menu').getByRole('button', { name: 'Settings' }).click();
  const page = calendar.page.getByRole('dialog', { name: 'Settings' });
  await page.getByRole('tab', { name: section, exact: true }).click();
  return page;
}

test('the profile is edited, and only what changed is sent', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const page = await settings(calendar, 'Profile');
  await page.getByLabel('Name shown to others').fill('Ana B');
  await page.getByLabel('Job title').fill('Doctor');
  await page.getByLabel('Picture (address)').fill('ftp://x');
  await expect(page.getByText('begins with https://')).toBeVisible();
  await page.getByLabel('Picture (address)').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Everything is saved.')).toBeVisible();
  await page.getByRole('tab', { name: 'Working hours' }).click();
  // The chosen tab has the Tab key, arrows choose another.
  await expect(page.getByRole('tab', { name: 'Working hours', selected: true })).toBeFocused();
  await calendar.page.keyboard.press('ArrowUp');
  await expect(page.getByRole('tabpanel', { name: 'Language and time' })).toBeVisible();
  await calendar.page.keyboard.press('ArrowDown');
  await page.getByLabel('Monday from').fill('7:30');
  await page.getByLabel('Monday until').fill('4pm');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByLabel('Monday until')).toHaveValue('16:00');
  await page.getByRole('button', { name: 'Close' }).click();
  await calendar.isUpToDate();
  const [profile] = await owner.rows('user_profiles');
  expect([profile.display_name, profile.title, profile.organization]).toEqual(['Ana B', 'Doctor', null]);
  expect(profile.work_schedule.monday).toEqual([{ start: '07:30', end: '16:00' }]);
});

test('calendars are put in order, edited, and deleted with a word about their events', async ({ device, owner }) => {
  const work = await owner.makeCalendar('Work', 'teal', { position: 1 });
  await owner.makeCalendar('Play', 'red', { position: 2 });
  await owner.makeEvent('Meeting', `${date(2)}T09:00:00Z`, 60, { calendar: work });
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const page = await settings(calendar, 'Calendars');
  await page.getByRole('button', { name: 'Move Play up' }).click();
  await expect(page.locator('.managed-name')).toContainText(['Calendar', 'Play', 'Work']);
  await page.getByRole('button', { name: 'Edit Play' }).click();
  await page.getByLabel('Name').fill('Sport');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Delete Work' }).click();
  await page.getByRole('radio', { name: 'Those of my own are deleted too' }).check();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.locator('.managed-name')).toContainText(['Calendar', 'Sport']);
  await page.getByRole('button', { name: 'Close' }).click();
  await calendar.lacks('Meeting');
  await calendar.isUpToDate();
  expect(await owner.titles()).toEqual([]);
  await calendar.page.keyboard.press('Control+z');
  await calendar.shows('Meeting', 2, '09:00', '10:00');
});

test("categories and personas are made, given to an event, and are only one's own", async ({ device, owner }) => {
  await owner.makeEvent('Review', `${date(2)}T09:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const page = await settings(calendar, 'Categories');
  await page.getByRole('button', { name: 'New category' }).click();
  await page.getByLabel('Name').fill('Focus');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('tab', { name: 'Personas' }).click();
  await page.getByRole('button', { name: 'New persona' }).click();
  await page.getByLabel('Name').fill('Aide');
  await page.getByLabel('What the persona is told').fill('Be brief.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.managed-name')).toContainText(['Aide']);
  await page.getByRole('button', { name: 'Close' }).click();

  await calendar.edit('Review');
  const { editor } = calendar;
  await editor.getByLabel('Category').selectOption('Focus');
  await editor.getByLabel('Show as').selectOption('Out of office');
  await editor.getByLabel('Defend the time').selectOption('Hard block');
  await editor.getByLabel('As its calendar').uncheck();
  await editor.getByLabel('10 min before').check();
  await editor.getByLabel('Looked after by a persona').check();
  await editor.getByLabel('Persona', { exact: true }).selectOption('Aide');
  await editor.getByLabel('What the persona should know').fill('Bring the numbers.');
  await calendar.save();
  await expect(calendar.event('Review')).toHaveAccessibleName(/Out of office, Hard block, Looked after by a persona/);
  await expect(calendar.event('Review').locator('.event-marks .icon'), 'a lock and a spark').toHaveCount(2);
  await calendar.isUpToDate();
  const [overlay] = await owner.rows('event_details_personal');
  const [category] = await owner.rows('user_categories');
  const [persona] = await owner.rows('ai_personas');
  expect(overlay).toMatchObject({
    category_id: category.id, persona_id: persona.id, show_time_as: 'oof', time_defense_level: 'hard_block', reminders: [10], ai_managed: true, ai_instructions: 'Bring the numbers.',
  });
});

test('new events get the default category, and a hidden one takes its events along', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  await calendar.create('Alone', 1, '09:00', '10:00');
  const page = await settings(calendar, 'Categories');
  await page.getByRole('button', { name: 'New category' }).click();
  await page.getByLabel('Name').fill('Focus');
  await page.getByRole('switch', { name: 'New events get this category' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.managed-name')).toHaveText(['Focus · default']);
  await page.getByRole('button', { name: 'Close' }).click();
  await calendar.create('Review', 2, '09:00', '10:00');
  await expect(calendar.event('Review')).toHaveAccessibleName(/, Focus/);
  await calendar.peek('Review');
  await expect(calendar.popover).toContainText('· Focus');
  await calendar.page.keyboard.press('Escape');
  // In words too.
  await calendar.page.keyboard.press('/');
  await calendar.page.getByRole('combobox').fill(`Call ${date(3)} 9:00`);
  await calendar.page.getByRole('option', { name: /^New event: Call/ }).click();
  await expect(calendar.event('Call')).toHaveAccessibleName(/, Focus/);
  await calendar.isUpToDate();
  const [category] = await owner.rows('user_categories');
  expect(category).toMatchObject({ is_default: true, visible: true });
  expect((await owner.rows('event_details_personal')).map((own) => own.category_id).filter(Boolean)).toEqual([category.id, category.id]);

  const list = calendar.page.getByRole('region', { name: 'Categories' });
  await expect(list.getByRole('listitem')).toHaveText(/Focus.*default/);
  await look(calendar, 'categories-in-the-rail');
  await list.getByRole('checkbox', { name: 'Focus' }).uncheck();
  await calendar.lacks('Review');
  await expect(calendar.event('Alone')).toBeVisible();
  await calendar.create('Unseen', 4, '09:00', '10:00');
  await expect(calendar.toast).toContainText('“Focus” is hidden');
  await calendar.delete('Alone');
  await calendar.page.getByTestId('hidden').getByRole('button').click();
  await expect(list.getByRole('checkbox', { name: 'Focus' })).toBeChecked();
  await expect(calendar.event('Unseen')).toBeVisible();
  // There need not be a default one.
  await list.getByRole('button', { name: 'Change categories' }).click();
  await page.getByRole('button', { name: 'Edit Focus' }).click();
  await page.getByRole('switch', { name: 'New events get this category' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.managed-name')).toHaveText(['Focus']);
});

test('an invitation waits, is accepted, and the guest sees, answers and leaves', async ({ device, server, owner }) => {
  const guest = await Account.create(server);
  await owner.makeEvent('Dinner', `${date(3)}T18:00:00Z`, 120);
  const [profile] = await owner.rows('user_profiles');
  await owner.push([['user_profiles', { id: profile.id, first_name: null, last_name: null, display_name: 'Ana Host' }, ['names']]]);
  const host = await device({ account: owner });
  await host.isUpToDate();
  await host.edit('Dinner');
  const people = host.page.getByTestId('people');
  await people.getByLabel('Invite by e-mail').fill('nonsense');
  await people.getByRole('button', { name: 'Invite' }).click();
  await expect(people.getByRole('alert')).toBeVisible();
  await people.getByLabel('Invite by e-mail').fill(guest.email);
  await people.getByRole('button', { name: 'Invite' }).click();
  await expect(people.getByText('waiting until accepted')).toBeVisible();
  await look(host, 'people');

  const other = await device({ account: guest });
  await other.isUpToDate();
  // It says what it is to and from whom, also offline; the event itself is not there yet.
  const invitations = other.page.getByTestId('invitations');
  await expect(invitations).toContainText('Dinner');
  await expect(invitations).toContainText('18:00 – 20:00');
  await expect(invitations).toContainText('Ana Host invites you, as Viewer.');
  expect(await violations(other.page), 'an invitation').toEqual([]);
  await look(other, 'invitation');
  await other.lacks('Dinner');
  await server.stop();
  await other.page.reload();
  await expect(invitations).toContainText('Dinner');
  await server.start();
  await invitations.getByRole('button', { name: 'Accept' }).click();
  await other.shows('Dinner', 3, '18:00', '20:00');
  await expect(people.getByText('waiting until accepted')).toHaveCount(0);
  await expect(people.getByText('Yes', { exact: true }).first()).toBeVisible();

  // The guest may look, answer and follow; what they may not do is disabled, and says why.
  await other.peek('Dinner');
  await other.popover.getByRole('button', { name: 'Open details' }).click();
  await expect(other.editor.getByTestId('reason')).toContainText('You can view this event');
  await expect(other.editor.getByLabel('Title')).toBeDisabled();
  await expect(other.editor.getByLabel('Show as')).toBeEnabled();
  expect(await violations(other.page), "a guest's editor").toEqual([]);
  await look(other, 'guest');
  await other.page.getByTestId('people').getByRole('button', { name: 'Perhaps' }).click();
  await expect(people.getByText('Perhaps').nth(1)).toBeVisible();
  await other.page.getByTestId('people').getByRole('button', { name: 'Leave the event' }).click();
  await other.lacks('Dinner');
  await other.isUpToDate();
  expect(await guest.titles()).toEqual([]);
});

for (const [name, options] of [
  ['light', { colorScheme: 'light', viewport: { width: 1440, height: 900 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1440, height: 900 } }],
  ['dark-phone', { colorScheme: 'dark', viewport: { width: 390, height: 844 }, hasTouch: true }],
]) {
  test(`nobody is shut out of the settings and the editor (${name})`, async ({ device, owner }) => {
    await owner.makeEvent('Review', `${today()}T09:00:00Z`, 60);
    const calendar = await device({ account: owner, ...options, open: false });
    await calendar.open('/');
    await calendar.isUpToDate();
    if (name.endsWith('phone')) await calendar.page.getByRole('button', { name: 'Calendars' }).last().click();
    for (const section of ['Profile', 'Language and time', 'Working hours', 'Calendars', 'Sync', 'Data']) {
      const page = section === 'Profile' ? await settings(calendar, section) : calendar.page.getByRole('dialog', { name: 'Settings' });
      await page.getByRole('tab', { name: section, exact: true }).click();
      expect(await violations(calendar.page), section).toEqual([]);
      await look(calendar, `${name}-${section.replaceAll(' ', '-')}`);
    }
    await calendar.page.keyboard.press('Escape');
    await calendar.edit('Review');
    await expect(calendar.page.getByTestId('people')).toBeVisible();
    expect(await violations(calendar.page), 'the editor').toEqual([]);
    await look(calendar, `${name}-editor`);
  });
}

test('search finds as one types and jumps there, the palette runs commands, and words become an event', async ({ device, owner }) => {
  await owner.makeEvent('Dentist', `${date(1)}T09:00:00Z`, 60, { location: 'Harbour Street', notes: 'bring the card' });
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const { page } = calendar;
  await page.keyboard.press('/');
  const palette = page.getByTestId('palette');
  // The focus stays in the field; what is chosen is always in sight.
  await page.keyboard.press('ArrowUp');
  const last = palette.getByRole('option').last();
  await expect(last).toHaveAttribute('aria-selected', 'true');
  await expect(last).toBeInViewport({ ratio: 0.9 });
  await expect(palette.getByRole('combobox')).toBeFocused();
  await palette.getByRole('combobox').fill('harbour');
  await expect(palette.getByRole('option').first()).toContainText('Dentist');
  await expect(palette).toContainText('Searched:');
  expect(await violations(page), 'the palette').toEqual([]);
  await look(calendar, 'palette');
  await page.keyboard.press('Enter');
  await expect(calendar.popover).toContainText('Harbour Street');
  await page.keyboard.press('Escape');

  await page.keyboard.press('Control+k');
  await palette.getByRole('combobox').fill('lunch with Ana 2026-12-24 1pm 45m');
  await expect(palette.getByRole('option').first()).toContainText('New event: lunch with Ana');
  await expect(palette.getByRole('option').first()).toContainText('13:00 – 13:45');
  await page.keyboard.press('Enter');
  await expect(calendar.event('lunch with Ana')).toBeVisible();
  await calendar.isUpToDate();
  expect(await owner.titles()).toEqual(['Dentist', 'lunch with Ana']);

  await page.keyboard.press('Control+k');
  await palette.getByRole('combobox').fill('working');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Monday from')).toBeVisible();
});

test('an event of a hidden calendar is found and opened, and who makes one there is told', async ({ device, owner }) => {
  await owner.makeEvent('Dentist', `${date(1)}T09:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const { page } = calendar;
  await calendar.calendar('Calendar').getByRole('checkbox').uncheck();
  await calendar.lacks('Dentist');
  await page.keyboard.press('Escape');
  await page.locator('.frame').focus();
  await page.keyboard.press('/');
  await page.getByTestId('palette').getByRole('combobox').fill('dentist');
  await expect(page.getByTestId('palette').getByRole('option').first()).toContainText('Dentist');
  await page.keyboard.press('Enter');
  await expect(calendar.popover).toContainText('Dentist');
  await page.keyboard.press('Delete');
  await expect(calendar.toast).toContainText('Event deleted');
  await page.keyboard.press('c');
  await calendar.draft.getByLabel('Title').fill('Checkup');
  await page.keyboard.press('Enter');
  await expect(calendar.toast).toContainText('“Calendar” is hidden');
  await calendar.isUpToDate();
  expect(await owner.titles()).toEqual(['Checkup']);
});

test('all my data is one JSON file, with what was not sent yet', async ({ device, owner, server }) => {
  await owner.makeEvent('Review', `${date(2)}T09:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  await server.kill();
  await calendar.createAt('שלום <script> 🏠', 3, '09:00');
  await calendar.isMarked('שלום <script> 🏠', 'pending');
  const page = await settings(calendar, 'Data');
  const saved = calendar.page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export as JSON' }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/^almanac-\d{4}-\d\d-\d\d\.json$/);
  const all = JSON.parse(await readFile(await file.path(), 'utf8'));
  expect(all.tables.events.map((event) => event.title).sort()).toEqual(['Review', 'שלום <script> 🏠'].sort());
  expect(Object.keys(all.tables)).toHaveLength(8);
  expect(all).toMatchObject({ account: owner.email, complete: false });
  expect(all.unsent).toBeGreaterThan(0);
  await expect(page.getByTestId('exported')).toContainText('Saved to your downloads');
});
