// What people type and paste into fields: each mistake is told at its field, nothing typed is lost, and text stays text.
import { Account } from '../harness/account.mjs';
import { test, expect } from '../harness/fixtures.mjs';
import { date } from '../harness/week.mjs';

/** An attack in each field: were any of it taken for markup, it would leave a trace. */
const SCRIPT = '<script>window.taken = 1</script><img src=x onerror="window.taken = 1">';

/** A field of the editor, and the message at it. */
function field(form, label) {
  const input = form.getByLabel(label, { exact: true });
  return { input, message: async () => form.page().locator(`#${await input.getAttribute('aria-describedby')}`) };
}

async function openSettings(page) {
  await page.getByRole('button', { name: /^Account / }).click();
  await page.getByTestId('account-menu').getByRole('button', { name: 'Settings' }).click();
  return page.getByRole('dialog', { name: 'Settings' });
}

async function says(form, label, words) {
  const { input, message } = field(form, label);
  await expect(input).toHaveAttribute('aria-invalid', 'true');
  await expect(await message()).toHaveText(words);
  await expect(form.getByRole('button', { name: 'Save' })).toBeDisabled();
}

async function isFine(form, label) {
  await expect(field(form, label).input).not.toHaveAttribute('aria-invalid', 'true');
}

test('a title of 10,000 characters is told at the field, and kept until it is short enough', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  await calendar.page.keyboard.press('c');
  const title = calendar.draft.getByLabel('Title');
  await title.fill('x'.repeat(10_000));
  await says(calendar.draft, 'Title', '10000 characters; 2000 is the most.');
  // Neither Enter nor a slip beside it nor Escape loses it.
  await calendar.page.keyboard.press('Enter');
  await expect(calendar.draft).toBeVisible();
  await calendar.page.keyboard.press('Escape');
  await expect(calendar.draft).toBeHidden();
  await calendar.page.getByTestId('kept').getByRole('button', { name: 'Go on' }).click();
  const kept = calendar.editor.getByLabel('Title');
  await expect(kept).toHaveValue('x'.repeat(10_000));
  await kept.fill('y'.repeat(2000));
  await isFine(calendar.editor, 'Title');
  await calendar.page.keyboard.press('Control+Enter');
  await expect(calendar.editor).toBeHidden();
  await calendar.isUpToDate();
  expect(await owner.titles()).toEqual(['y'.repeat(2000)]);
});

test('an end before the start and dates that are none are told at their fields', async ({ device, owner }) => {
  await owner.makeEvent('Board', `${date(2)}T09:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  await calendar.edit('Board');
  const { editor } = calendar;
  await editor.getByLabel('End time').fill('08:00');
  await says(editor, 'End time', 'The end lies before the start.');
  await editor.getByLabel('End time').fill('quarter past');
  await says(editor, 'End time', 'Give a time like 9:30 or 2pm.');
  await editor.getByLabel('End time').fill('10:00');
  await isFine(editor, 'End time');
  await editor.getByLabel('Starts', { exact: true }).fill('30 February');
  await says(editor, 'Starts', 'Give a date like 23 Nov 2026.');
  await editor.getByLabel('Starts', { exact: true }).fill('1 Jan 9999');
  await says(editor, 'Starts', 'The year must lie between 1 and 9989.');
  await expect(editor.getByLabel('Starts', { exact: true }), 'as it was typed').toHaveValue('1 Jan 9999');
});

test('an event in 1900 is made, sent, and found there again', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  await calendar.page.keyboard.press('c');
  await calendar.draft.getByLabel('Title').fill('Exposition Universelle');
  await calendar.draft.getByLabel('Starts', { exact: true }).fill('14 Apr 1900');
  await calendar.draft.getByLabel('Start time').fill('10:00');
  await calendar.page.keyboard.press('Enter');
  await expect(calendar.draft).toBeHidden();
  await calendar.isUpToDate();
  const [event] = await owner.rows('events');
  expect(Date.parse(event.start_time)).toBe(Date.parse('1900-04-14T10:00:00Z'));
  const other = await device({ account: owner });
  await other.page.goto('/week/1900-04-14');
  await expect(other.event('Exposition Universelle')).toBeVisible();
  await expect(other.page.getByTestId('title')).toHaveText('April 1900');
});

test('emoji, right-to-left text and markup are text in every field, here and on another device', async ({ device, owner }) => {
  const title = `👩‍👩‍👧 פגישה עם דנה ${SCRIPT}`;
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  await calendar.createAt(title, 2, '09:00');
  await calendar.edit(title);
  await calendar.editor.getByLabel('Location').fill(`اجتماع ${SCRIPT}`);
  await calendar.editor.getByLabel('Notes').fill(`línea 1\nשורה 2 ${SCRIPT} 🏳️‍🌈`);
  await calendar.page.keyboard.press('Control+Enter');
  await expect(calendar.editor).toBeHidden();
  await calendar.isUpToDate();

  const other = await device({ account: owner });
  await other.isUpToDate();
  await other.peek(title);
  for (const text of [title, `اجتماع ${SCRIPT}`, `שורה 2 ${SCRIPT} 🏳️‍🌈`]) await expect(other.popover).toContainText(text);
  for (const { page } of [calendar, other]) {
    expect(await page.evaluate(() => window.taken)).toBeUndefined();
    expect(await page.locator('img[src="x"], .app script').count()).toBe(0);
  }
  // The mark and the hour beside a right-to-left title keep their side.
  await expect(other.event(title).locator('.event-title')).toHaveCSS('unicode-bidi', /isolate|plaintext/);
  const [event] = await owner.rows('events');
  expect(event).toMatchObject({ title, location: `اجتماع ${SCRIPT}`, notes: `línea 1\nשורה 2 ${SCRIPT} 🏳️‍🌈` });
});

test('names of calendars are text too, and as long as they may be', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  await calendar.page.getByRole('button', { name: 'New calendar' }).click();
  const dialog = calendar.page.getByRole('dialog', { name: 'New calendar' });
  await dialog.getByLabel('Name').fill('n'.repeat(10_000));
  await expect(dialog.getByRole('alert')).toHaveText(/^10000 characters; \d+ is the most\.$/);
  await dialog.getByLabel('Name').fill('   ');
  await calendar.page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toHaveText('Give it a name.');
  await dialog.getByLabel('Name').fill(SCRIPT);
  await calendar.page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(calendar.calendars).toContainText(SCRIPT);
  expect(await calendar.page.evaluate(() => window.taken)).toBeUndefined();
});

test('what is typed about oneself, and names of categories and personas, are text and as long as they may be', async ({ device, owner }) => {
  const odd = `👩‍👩‍👧 דנה ${SCRIPT}`;
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.isUpToDate();
  const settings = await openSettings(page);
  const save = settings.getByRole('button', { name: 'Save' });

  // Each field of the profile says itself what is too long, and keeps it.
  for (const label of ['Name shown to others', 'First name', 'Last name', 'Job title', 'Organization']) {
    const input = settings.getByLabel(label);
    await input.fill('x'.repeat(10_000));
    await expect(input).toHaveAttribute('aria-invalid', 'true');
    await expect(page.locator(`#${await input.getAttribute('aria-describedby')}`)).toHaveText('10000 characters; 500 is the most.');
    await page.keyboard.press('Enter');
    await expect(input).toHaveValue('x'.repeat(10_000));
    await input.fill(odd);
  }
  for (const address of ['javascript:window.taken = 1', '//example.org/a.png', `https://example.org/${'x'.repeat(10_000)}`]) {
    await settings.getByLabel('Picture (address)').fill(address);
    await expect(settings.getByLabel('Picture (address)')).toHaveAttribute('aria-invalid', 'true');
  }
  await settings.getByLabel('Picture (address)').fill('');
  await save.click();
  await expect(settings.getByText('Everything is saved.')).toBeVisible();

  for (const [tab, add] of [['Categories', 'New category'], ['Personas', 'New persona']]) {
    await settings.getByRole('tab', { name: tab }).click();
    await settings.getByRole('button', { name: add }).click();
    const name = settings.getByLabel('Name');
    await name.fill('   ');
    await page.keyboard.press('Enter');
    await expect(settings.getByRole('alert')).toHaveText('Give it a name.');
    await name.fill('n'.repeat(10_000));
    await expect(settings.getByRole('alert')).toHaveText('10000 characters; 500 is the most.');
    await page.keyboard.press('Enter');
    await expect(name).toHaveValue('n'.repeat(10_000));
    await name.fill(odd);
    if (tab === 'Personas') await settings.getByLabel('What the persona is told').fill(`${odd}\nשורה 2`);
    await save.click();
    await expect(settings.locator('.managed-name')).toHaveText([odd]);
    // The buttons beside a right-to-left name keep their side.
    await expect(settings.locator('.managed-name')).toHaveAttribute('dir', 'auto');
  }
  // A name as long as it may be is cut where it has no room; nothing is pushed out of the window.
  await settings.getByRole('button', { name: `Edit ${odd}` }).click();
  await settings.getByLabel('Name').fill('n'.repeat(500));
  await save.click();
  const bin = await settings.getByRole('button', { name: `Delete ${'n'.repeat(500)}` }).boundingBox();
  const box = await settings.boundingBox();
  expect(bin.x + bin.width).toBeLessThanOrEqual(box.x + box.width);
  await settings.getByRole('button', { name: 'Close' }).click();
  await calendar.isUpToDate();

  const other = await device({ account: owner });
  await other.isUpToDate();
  const theirs = await openSettings(other.page);
  await expect(theirs.getByLabel('Name shown to others')).toHaveValue(odd);
  await theirs.getByRole('tab', { name: 'Categories' }).click();
  await expect(theirs.locator('.managed-name')).toHaveText([odd]);
  for (const each of [page, other.page]) {
    expect(await each.evaluate(() => window.taken)).toBeUndefined();
    expect(await each.locator('img[src="x"], .app script').count()).toBe(0);
  }
  const [profile] = await owner.rows('user_profiles');
  expect(profile).toMatchObject({ display_name: odd, first_name: odd, last_name: odd, title: odd, organization: odd, avatar_url: null });
  expect((await owner.rows('ai_personas'))[0]).toMatchObject({ name: 'n'.repeat(500), system_prompt: `${odd}\nשורה 2` });
});

test('an invitation takes an address and nothing else, and shows odd names and titles as text', async ({ device, server, owner }) => {
  const odd = `👩‍👩‍👧 דנה ${SCRIPT}`;
  const guest = await Account.create(server);
  const [profile] = await owner.rows('user_profiles');
  await owner.push([['user_profiles', { id: profile.id, first_name: null, last_name: null, display_name: odd }, ['names']]]);
  await owner.makeEvent(odd, `${date(3)}T18:00:00Z`, 120);
  const host = await device({ account: owner });
  await host.isUpToDate();
  await host.edit(odd);
  const people = host.page.getByTestId('people');
  const email = people.getByLabel('Invite by e-mail');
  for (const bad of ['', SCRIPT, 'two words@example.org', 'a@b@c', '👩‍👩‍👧', `${'x'.repeat(10_000)}@example.org`]) {
    await email.fill(bad);
    await people.getByRole('button', { name: 'Invite' }).click();
    await expect(people.getByRole('alert'), bad.slice(0, 20)).toHaveText('Give your e-mail address.');
    await expect(email).toHaveValue(bad);
  }
  await email.fill(`  ${guest.email.toUpperCase()} `);
  await people.getByRole('button', { name: 'Invite' }).click();
  await expect(people.getByText('waiting until accepted')).toHaveCount(1);
  await host.isUpToDate();
  expect((await owner.rows('event_invites')).map((row) => row.email)).toEqual([guest.email.toLowerCase()]);

  const other = await device({ account: guest });
  const invitations = other.page.getByTestId('invitations');
  await expect(invitations.getByText(odd, { exact: true })).toBeVisible();
  await expect(invitations).toContainText(`${odd} invites you`);
  await invitations.getByRole('button', { name: 'Accept' }).click();
  await expect(other.event(odd)).toBeVisible();
  expect(await other.page.evaluate(() => window.taken)).toBeUndefined();
  expect(await other.page.locator('img[src="x"], .app script').count()).toBe(0);
});
