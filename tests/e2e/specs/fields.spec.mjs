// What people type and paste into fields: each mistake is told at its field, nothing typed is lost, and text stays text.
import { test, expect } from '../harness/fixtures.mjs';
import { date } from '../harness/week.mjs';

/** An attack in each field: were any of it taken for markup, it would leave a trace. */
const SCRIPT = '<script>window.taken = 1</script><img src=x onerror="window.taken = 1">';

/** A field of the editor, and the message at it. */
function field(form, label) {
  const input = form.getByLabel(label, { exact: true });
  return { input, message: async () => form.page().locator(`#${await input.getAttribute('aria-describedby')}`) };
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
