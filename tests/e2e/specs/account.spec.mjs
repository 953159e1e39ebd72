// The account itself: another password, and its end.
import { Account } from '../harness/account.mjs';
import { violations } from '../harness/axe.mjs';
import { test, expect } from '../harness/fixtures.mjs';
import { look } from '../harness/look.mjs';
import { date } from '../harness/week.mjs';

async function account(calendar) {
  await calendar.page.getByRole('button', { name: /^Account / }).click();
  await calendar.page.getByTestId('account-menu').getByRole('button', { name: 'Account and password' }).click();
  return calendar.page.getByRole('dialog', { name: 'Account and password' });
}

async function change(dialog, present, next, again = next) {
  await dialog.getByLabel('Current password').fill(present);
  await dialog.getByLabel('New password', { exact: true }).fill(next);
  await dialog.getByLabel('New password again').fill(again);
  await dialog.getByRole('button', { name: 'Change password' }).click();
}

test('the password is changed, by who knows it, and this device goes on', async ({ device, server, owner, troubles }) => {
  // The browser's word for a refused sign-in.
  troubles.allow(/status of 4(00|22)/);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const dialog = await account(calendar);
  await dialog.getByRole('button', { name: 'Change password' }).click();
  await expect(dialog.getByLabel('Current password')).toHaveAccessibleDescription('Give a password.');
  await change(dialog, owner.password, 'another horse 2', 'another hors 2');
  await expect(dialog.getByLabel('New password again')).toHaveAccessibleDescription('The two new passwords differ.');
  await change(dialog, 'a guess', 'another horse 2');
  await expect(dialog.getByTestId('account-error')).toHaveText('That is not your password. Capitals count.');
  await change(dialog, owner.password, owner.password);
  await expect(dialog.getByTestId('account-error')).toHaveText('That is your password already. Choose another one.');
  await change(dialog, owner.password, 'x');
  await expect(dialog.getByTestId('account-error')).toContainText('Choose a stronger password');
  await change(dialog, owner.password, 'another horse 2');
  await expect(dialog.getByTestId('password-changed')).toBeVisible();
  await expect(dialog.getByLabel('Current password')).toHaveValue('');
  expect(await violations(calendar.page)).toEqual([]);
  await look(calendar, 'account');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await calendar.create('Lunch', 2, '12:00', '13:00');
  await calendar.isUpToDate();
  const again = await Account.of(server, owner.email, 'another horse 2');
  expect(await again.titles()).toEqual(['Lunch']);
  await expect(Account.of(server, owner.email)).rejects.toThrow();
});

test('without the server the password stays, and the dialog says why', async ({ device, server, owner }) => {
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const dialog = await account(calendar);
  await server.stop();
  await change(dialog, owner.password, 'another horse 2');
  await expect(dialog.getByTestId('account-error')).toContainText('The server cannot be reached');
});

test('the account is deleted by who knows its password, at the server and on this device', async ({ device, server, owner, troubles }) => {
  troubles.allow(/status of 40\d/);
  await owner.makeEvent('Lunch', `${date(2)}T12:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const dialog = await account(calendar);
  await dialog.getByRole('button', { name: 'Delete account…' }).click();
  await expect(dialog.getByLabel('Password')).toBeFocused();
  expect(await violations(calendar.page)).toEqual([]);
  await look(calendar, 'account-delete');
  await dialog.getByLabel('Password').fill('a guess');
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect(dialog.getByTestId('account-error')).toHaveText('That is not your password. Capitals count.');
  await dialog.getByLabel('Password').fill(owner.password);
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect(calendar.page.getByText('Your account is deleted.')).toBeVisible();
  await expect(Account.of(server, owner.email)).rejects.toThrow();
  // The same address may begin anew, and finds nothing.
  await calendar.signUp(owner.email, owner.password);
  await calendar.isUpToDate();
  await calendar.lacks('Lunch');
});
