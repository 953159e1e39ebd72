// Trying the app without an account, and taking along what was made when signing in.
import { test, expect } from '../harness/fixtures.mjs';
import { Account } from '../harness/account.mjs';
import { violations, violationsInBothThemes } from '../harness/axe.mjs';

async function tried(device, options = {}) {
  const calendar = await device(options);
  await calendar.page.getByTestId('try').click();
  await calendar.isShown();
  return calendar;
}

async function signUpFrom(calendar, email) {
  const { page } = calendar;
  await page.getByRole('button', { name: 'Account No account' }).click();
  await page.getByRole('button', { name: 'Sign in to sync' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign in to sync' });
  await dialog.getByLabel('E-mail').fill(email);
  await dialog.getByLabel('Password').fill(Account.password);
  await dialog.getByRole('button', { name: 'Create account' }).click();
}

test('without an account everything works, with the server away, and is there after a reload', async ({ device, server }) => {
  const calendar = await tried(device);
  await calendar.isInstalled();
  await server.stop();
  await calendar.createAt('Alone', 2, '10:00');
  await expect(calendar.badge).toHaveAccessibleName(/On this device/);
  await calendar.isMarked('Alone', 'synced');
  await expect(calendar.calendar('Calendar')).toBeVisible();
  await calendar.page.reload();
  await calendar.shows('Alone', 2, '10:00', '11:00');
});

test('signing up asks, and takes along what was made', async ({ device, server }) => {
  const calendar = await tried(device);
  await calendar.createAt('Before', 2, '10:00');
  await calendar.makeCalendar('Hobbies', 'Teal');
  const email = Account.freshEmail();
  await signUpFrom(calendar, email);
  await expect(calendar.page.getByTestId('adopt')).toContainText('one event');
  expect(await violationsInBothThemes(calendar.page), 'the question').toEqual([]);
  await calendar.page.getByRole('button', { name: 'Take it along' }).click();
  await calendar.shows('Before', 2, '10:00', '11:00');
  await calendar.isUpToDate();
  const account = await Account.of(server, email);
  expect(await account.titles()).toEqual(['Before']);
  const calendars = (await account.rows('user_calendars')).map((row) => row.name).sort();
  expect(calendars, "the default nobody touched gives way to the account's").toEqual(['Calendar', 'Hobbies']);
  const another = await device({ account });
  await another.shows('Before', 2, '10:00', '11:00');
});

test('a dialog closed while the server is asked is not missed by an answer that is no', async ({ device, troubles }) => {
  troubles.allow(/the server responded with a status of 4\d\d/);
  const calendar = await tried(device);
  const { page } = calendar;
  const gate = () => {
    let open;
    return [new Promise((done) => (open = done)), () => open()];
  };
  const [[asked, isAsked], [held, letGo], [answered, isAnswered]] = [gate(), gate(), gate()];
  await calendar.context.route('**/auth/v1/token**', async (route) => {
    isAsked();
    await held;
    await route.fulfill({ status: 400, contentType: 'application/json', body: JSON.stringify({ code: 400, error_code: 'invalid_credentials', msg: 'Invalid login credentials' }) });
    isAnswered();
  });
  await page.getByRole('button', { name: 'Account No account' }).click();
  await page.getByRole('button', { name: 'Sign in to sync' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign in to sync' });
  await dialog.getByRole('group', { name: 'Sign in or create an account' }).getByRole('button', { name: 'Sign in' }).click();
  await dialog.getByLabel('E-mail').fill(Account.freshEmail());
  await dialog.getByLabel('Password').fill(Account.password);
  await dialog.getByLabel('Password').press('Enter');
  await asked;
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  letGo();
  await answered;
  await page.keyboard.press('c');
  await expect(calendar.draft).toBeVisible();
  await page.keyboard.press('Escape');
  await calendar.create('After it', 2, '10:00', '11:00');
  await calendar.shows('After it', 2, '10:00', '11:00');
});

test('a reload in the middle of it asks again, and nothing is doubled', async ({ device, server }) => {
  const calendar = await tried(device);
  await calendar.createAt('Once', 2, '10:00');
  const email = Account.freshEmail();
  await signUpFrom(calendar, email);
  await expect(calendar.page.getByTestId('adopt')).toBeVisible();
  await calendar.page.reload();
  await calendar.page.getByRole('button', { name: 'Take it along' }).click();
  await calendar.isUpToDate();
  await calendar.page.reload();
  await calendar.isUpToDate();
  expect(await (await Account.of(server, email)).titles()).toEqual(['Once']);
});

test('kept apart it is there again after signing out', async ({ device, server }) => {
  const calendar = await tried(device);
  await calendar.createAt('Mine alone', 2, '10:00');
  const email = Account.freshEmail();
  await signUpFrom(calendar, email);
  await calendar.page.getByRole('button', { name: 'Keep it apart' }).click();
  await calendar.isUpToDate();
  await calendar.lacks('Mine alone');
  expect(await (await Account.of(server, email)).titles()).toEqual([]);
  await calendar.signOut();
  await calendar.page.getByRole('button', { name: 'Open the calendar on this device' }).click();
  await calendar.shows('Mine alone', 2, '10:00', '11:00');
});

test('a second tab follows when the first one signs in', async ({ device }) => {
  const calendar = await tried(device);
  await calendar.createAt('Shared', 2, '10:00');
  const tab = await calendar.newTab();
  await tab.shows('Shared', 2, '10:00', '11:00');
  await signUpFrom(calendar, Account.freshEmail());
  await calendar.page.getByRole('button', { name: 'Take it along' }).click();
  await calendar.isUpToDate();
  await tab.isUpToDate();
  await tab.shows('Shared', 2, '10:00', '11:00');
});

test('a tab with the calendar open follows when one that has none open signs in, and when it is erased', async ({ device }) => {
  const calendar = await device();
  await calendar.page.getByTestId('try').waitFor();
  const other = await calendar.context.newPage();
  await other.goto('/');
  await calendar.page.getByTestId('try').click();
  await calendar.isShown();
  // The other one still shows the first page; nothing was made yet, so nothing is asked.
  await other.getByRole('button', { name: 'New account' }).click();
  const form = other.locator('form');
  await form.getByLabel('E-mail').fill(Account.freshEmail());
  await form.getByLabel('Password').fill(Account.password);
  await form.getByRole('button', { name: 'Create account', exact: true }).click();
  await expect(other.getByTestId('sync-badge')).toHaveAttribute('data-phase', 'up-to-date');
  await calendar.isUpToDate();
  await calendar.createAt('In the account', 2, '10:00');
  await calendar.isMarked('In the account', 'synced');
});

test('erased in one tab, the calendar is gone in the other one', async ({ device }) => {
  const calendar = await tried(device);
  const tab = await calendar.newTab();
  await calendar.page.getByRole('button', { name: 'Account No account' }).click();
  await calendar.page.getByTestId('account-menu').getByRole('button', { name: 'Erase this calendar' }).click();
  await calendar.page.getByRole('alertdialog').getByRole('button', { name: 'Erase' }).click();
  for (const each of [calendar, tab]) await expect(each.page.getByTestId('try')).toBeVisible();
});

test('changing the account keeps what was not sent', async ({ device, server, owner }) => {
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  await server.stop();
  await calendar.createAt('Not sent', 2, '10:00');
  await calendar.isMarked('Not sent', 'pending');
  const { page } = calendar;
  await page.getByRole('button', { name: /^Account / }).click();
  await page.getByRole('button', { name: 'Change account' }).click();
  await page.getByRole('dialog', { name: 'Change account' }).getByRole('button', { name: 'Change account' }).click();
  await expect(page.getByText(`${owner.email} stays on this device`)).toBeVisible();
  await server.start();
  await calendar.signIn(owner.email, owner.password);
  await calendar.isUpToDate();
  expect(await owner.titles()).toEqual(['Not sent']);
});

for (const colorScheme of ['light', 'dark']) {
  test(`nobody is shut out of the calendar without an account (${colorScheme})`, async ({ device }) => {
    const calendar = await tried(device, { colorScheme });
    expect(await violations(calendar.page), 'the week').toEqual([]);
    await calendar.badge.click();
    expect(await violations(calendar.page), 'the sync panel').toEqual([]);
    await calendar.page.keyboard.press('Escape');
    await calendar.page.getByRole('button', { name: 'Account No account' }).click();
    expect(await violations(calendar.page), 'the menu').toEqual([]);
    await calendar.page.getByRole('button', { name: 'Erase this calendar' }).click();
    expect(await violations(calendar.page), 'the question').toEqual([]);
  });
}
