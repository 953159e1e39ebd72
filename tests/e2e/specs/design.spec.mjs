// What the primitives promise, where people meet them: buttons that cannot be pressed, words with a way back, dialogs that do
// not lose what was typed.
import { test, expect } from '../harness/fixtures.mjs';
import { date } from '../harness/week.mjs';

async function settings(calendar, section) {
  await calendar.page.getByRole('button', { name: /^Account / }).click();
  await calendar.page.getByTestId('account-menu').getByRole('button', { name: 'Settings' }).click();
  const page = calendar.page.getByRole('dialog', { name: 'Settings' });
  await page.getByRole('tab', { name: section, exact: true }).click();
  return page;
}

test('a button that cannot be pressed keeps the focus, says why and does nothing', async ({ device, owner }) => {
  await owner.makeCalendar('Work', 'teal', { position: 20 });
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const page = await settings(calendar, 'Calendars');
  const up = page.getByRole('button', { name: 'Move Work up' });
  await up.focus();
  await calendar.page.keyboard.press('Enter');
  await expect(page.locator('.managed-name').first()).toContainText('Work');
  await expect(up).toBeDisabled();
  await expect(up).toBeFocused();
  await calendar.page.keyboard.press('Enter');
  await expect(page.locator('.managed-name').first()).toContainText('Work');

  await page.getByRole('tab', { name: 'Profile' }).click();
  const save = page.getByRole('button', { name: 'Save' });
  await expect(save).toHaveAttribute('title', 'Everything is saved.');
  await page.getByLabel('Picture (address)').fill('ftp://x');
  await expect(save).toHaveAttribute('title', 'Give an address that begins with https://.');
  await calendar.page.keyboard.press('Enter');
  await expect(page.getByText('Everything is saved.')).toHaveCount(0);
  await page.getByLabel('Picture (address)').fill('');
  await page.getByLabel('Job title').fill('Doctor');
  await calendar.page.keyboard.press('Enter');
  await expect(page.getByText('Everything is saved.')).toBeVisible();
});

test('a toast offers the way back, by pointer and keyboard, and the keys go on working after it', async ({ device, owner }) => {
  await owner.makeEvent('Mistake', `${date(2)}T10:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const { page } = calendar;
  await calendar.delete('Mistake');
  await expect(calendar.toast).toHaveText(/Event deleted/);
  await calendar.toast.getByRole('button', { name: 'Undo' }).click();
  await calendar.shows('Mistake', 2, '10:00', '11:00');
  await expect(calendar.toast).toHaveCount(0);
  await calendar.event('Mistake').focus();
  await page.keyboard.press('Delete');
  await calendar.toast.getByRole('button', { name: 'Undo' }).focus();
  await page.keyboard.press('Escape');
  await expect(calendar.toast).toHaveCount(0);
  await calendar.lacks('Mistake');
  await page.keyboard.press('c');
  await expect(calendar.draft.getByLabel('Title')).toBeFocused();
});

test('categories and personas go with a choice for their events, and come back from within the settings', async ({ device, owner }) => {
  await owner.makeEvent('Review', `${date(2)}T09:00:00Z`, 60);
  await owner.makeEvent('Other', `${date(3)}T09:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  let page = await settings(calendar, 'Categories');
  for (const name of ['Focus', 'Deep']) {
    await page.getByRole('button', { name: 'New category' }).click();
    await page.getByLabel('Name').fill(name);
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.locator('.managed-name', { hasText: name })).toBeVisible();
  }
  // The focus is in the dialog still: Escape closes it.
  await calendar.page.keyboard.press('Escape');
  await expect(page).toBeHidden();
  await calendar.edit('Review');
  await calendar.editor.getByLabel('Category').selectOption('Focus');
  await calendar.save();

  page = await settings(calendar, 'Categories');
  await page.getByRole('button', { name: 'Delete Focus' }).click();
  await page.getByRole('radio', { name: 'They move to' }).check();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.locator('.managed-name')).toHaveText(['Deep']);
  const deep = () => owner.rows('user_categories').then((all) => all.find((row) => row.name === 'Deep').id);
  await calendar.isUpToDate();
  expect(await owner.rows('event_details_personal')).toMatchObject([{ category_id: await deep() }]);
  await page.getByRole('button', { name: 'Delete Deep' }).click();
  await page.getByRole('radio', { name: 'They stay, without a category' }).check();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.locator('.managed-name')).toHaveCount(0);
  // Over the dialog, not below it.
  await calendar.toast.getByRole('button', { name: 'Undo' }).click();
  await expect(page.locator('.managed-name')).toHaveText(['Deep']);
  await calendar.page.keyboard.press('Escape');
  await expect(page).toBeHidden();
  await calendar.edit('Review');
  await expect(calendar.editor.getByLabel('Category')).toHaveValue(await deep());
  await calendar.page.keyboard.press('Escape');

  page = await settings(calendar, 'Personas');
  await page.getByRole('button', { name: 'New persona' }).click();
  await page.getByLabel('Name').fill('Aide');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Close' }).click();
  await calendar.edit('Other');
  await calendar.editor.getByLabel('Looked after by a persona').check();
  await calendar.editor.getByLabel('Persona', { exact: true }).selectOption('Aide');
  await calendar.save();
  page = await settings(calendar, 'Personas');
  await page.getByRole('button', { name: 'Delete Aide' }).click();
  await page.getByRole('radio', { name: 'They stay, and nobody looks after them' }).check();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.locator('.managed-name')).toHaveCount(0);
  await calendar.isUpToDate();
  const other = (await owner.rows('events')).find((row) => row.title === 'Other');
  expect((await owner.rows('event_details_personal')).find((row) => row.event_id === other.id)).toMatchObject({ ai_managed: false, persona_id: null });
});

test('a dialog with something typed into it asks before it throws that away', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const { page } = calendar;
  await calendar.calendars.getByRole('button', { name: 'New calendar' }).click();
  const dialog = page.getByRole('dialog', { name: 'New calendar' });
  // Nothing typed: it just closes.
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await calendar.calendars.getByRole('button', { name: 'New calendar' }).click();
  await dialog.getByLabel('Name').fill('Rowing');
  await page.mouse.click(5, 5);
  await expect(dialog).toContainText('What you typed is not saved.');
  await expect(dialog.getByLabel('Name')).toHaveValue('Rowing');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(calendar.calendar('Rowing')).toHaveCount(0);
});

test('what is typed into a page of the settings waits while another page is shown, and is asked about before it goes', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  let page = await settings(calendar, 'Profile');
  await page.getByLabel('Job title').fill('Doctor');
  await page.getByRole('tab', { name: 'Working hours' }).click();
  await page.getByLabel('Monday from').fill('7:30');
  await page.getByRole('tab', { name: 'Categories' }).click();
  await page.getByRole('button', { name: 'New category' }).click();
  await page.getByLabel('Name').fill('Deep work');
  // Another language draws everything anew; the tabs say which pages are not saved.
  await page.getByRole('tab', { name: 'Language and time' }).click();
  await page.getByLabel('Language', { exact: true }).selectOption('Deutsch');
  page = calendar.page.getByRole('dialog', { name: 'Einstellungen' });
  await expect(page.getByRole('tab', { name: /nicht gespeichert/ })).toHaveText([/Profil/, /Arbeitszeiten/, /Kategorien/]);
  await page.getByLabel('Sprache', { exact: true }).selectOption('English');
  page = calendar.page.getByRole('dialog', { name: 'Settings' });
  await page.getByRole('tab', { name: 'Profile' }).click();
  await expect(page.getByLabel('Job title')).toHaveValue('Doctor');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Everything is saved.')).toBeVisible();
  await page.getByRole('tab', { name: 'Working hours' }).click();
  await expect(page.getByLabel('Monday from')).toHaveValue('7:30');
  await page.getByRole('tab', { name: 'Categories' }).click();
  await expect(page.getByLabel('Name')).toHaveValue('Deep work');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.managed-name')).toHaveText(['Deep work']);
  await expect(page.getByRole('tab', { name: /not saved/ })).toHaveText([/Working hours/]);
  // The hours are left: neither Escape nor the cross nor a slip beside it loses them at once.
  for (const leave of [() => calendar.page.keyboard.press('Escape'), () => page.getByRole('button', { name: 'Close' }).click()]) {
    await page.getByRole('tab', { name: /Working hours/ }).click();
    await page.getByLabel('Monday from').fill('6:30');
    await leave();
    await expect(page).toContainText('What you typed is not saved.');
  }
  await page.getByRole('button', { name: 'Close' }).click();
  await expect(page).toBeHidden();
  page = await settings(calendar, 'Working hours');
  await expect(page.getByLabel('Monday from')).toHaveValue('09:00');
  await expect(page.getByRole('tab', { name: /not saved/ })).toHaveCount(0);
  await calendar.isUpToDate();
  expect((await owner.rows('user_profiles'))[0]).toMatchObject({ title: 'Doctor', work_schedule: null });
});
