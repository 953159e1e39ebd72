// The sync page: how things stand, what waits and what was refused, told so that a person can act on it.
import { readFile } from 'node:fs/promises';
import { Account } from '../harness/account.mjs';
import { test, expect } from '../harness/fixtures.mjs';
import { violationsInBothThemes } from '../harness/axe.mjs';
import { look } from '../harness/look.mjs';
import { date } from '../harness/week.mjs';

/** What the browser writes about an answer that is no success. */
const REFUSAL = /the server responded with a status of 4\d\d/;

async function syncPage(calendar) {
  await calendar.badge.click();
  await calendar.page.getByTestId('sync-panel').getByRole('button', { name: 'All about sync' }).click();
  const page = calendar.page.getByTestId('sync-page');
  await expect(page).toBeVisible();
  return page;
}

test('offline it says so, since when, how old the data are, what waits and how much room is taken', async ({ device, owner, server }) => {
  await owner.makeEvent('Board', `${date(2)}T09:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const page = await syncPage(calendar);
  await expect(page.locator('.sync-state > strong')).toHaveText('Up to date');
  await expect(page.getByText('Nothing waits.')).toBeVisible();
  await calendar.page.keyboard.press('Escape');

  await server.kill();
  await calendar.createAt('Written on the train', 3, '09:00');
  await calendar.isMarked('Written on the train', 'pending');
  await syncPage(calendar);
  await expect(page.locator('.sync-state > strong')).toHaveText('Offline · 1 not sent');
  const facts = page.locator('.facts');
  await expect(facts).toContainText(/Data\s*as of \d\d:\d\d/);
  await expect(facts).toContainText(/Not sent\s*1 · since \d\d:\d\d/);
  await expect(facts).toContainText(/Room taken here\s*[\d.]+ (KB|MB)/);
  await expect(page.getByText('The server cannot be reached.')).toBeVisible();
  await expect(page.getByText('Everything works offline.')).toBeVisible();
  await expect(page.getByTestId('pending')).toContainText('Written on the train · Event');
  expect(await violationsInBothThemes(calendar.page)).toEqual([]);
  await look(calendar, 'sync-page-offline');

  await server.start();
  await page.getByRole('button', { name: 'Sync now' }).click();
  await expect(page.locator('.sync-state > strong')).toHaveText('Up to date', { timeout: 45_000 });
  await expect(page.getByText('Nothing waits.')).toBeVisible();
});

test('a refused change stands beside what the server has, and is edited from there', async ({ device, owner, troubles }) => {
  troubles.allow(REFUSAL);
  await owner.makeEvent('Board', `${date(2)}T09:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  await calendar.context.route('**/rest/v1/rpc/sync_push', async (route) => {
    const sent = route.request().postDataJSON();
    const bad = sent.p_entries.filter((entry) => entry.row.title === 'Bored');
    const answer = await route.fetch({ postData: JSON.stringify({ ...sent, p_entries: sent.p_entries.filter((entry) => !bad.includes(entry)) }) });
    const body = await answer.json();
    for (const entry of bad) body.results.push({ table: entry.table, key: entry.key, generation: entry.generation, status: 'refused', code: 'invalid', message: 'too dull', row: null });
    await route.fulfill({ response: answer, json: body });
  });
  await calendar.event('Board').click();
  await calendar.page.keyboard.press('e');
  const editor = calendar.page.getByTestId('event-editor');
  await editor.getByLabel('Title').fill('Bored');
  await calendar.page.keyboard.press('Control+Enter');
  await calendar.isMarked('Bored', 'stuck');

  // The week it is in is not on the screen when it is reviewed.
  await calendar.page.keyboard.press('j');
  await expect(calendar.event('Bored')).toHaveCount(0);
  const page = await syncPage(calendar);
  await expect(page.locator('.sync-state > strong')).toHaveText('1 change to review');
  const card = page.locator('.stuck');
  await expect(card.getByText('The server does not take these values.')).toBeVisible();
  await expect(card.getByRole('row', { name: 'Title' })).toHaveText(/Title\s*Bored\s*Board/);
  expect(await violationsInBothThemes(calendar.page)).toEqual([]);
  await look(calendar, 'sync-page-stuck');
  await card.getByRole('button', { name: 'Edit' }).click();
  await expect(editor.getByLabel('Title')).toHaveValue('Bored');
  await editor.getByLabel('Title').fill('Overboard');
  await calendar.page.keyboard.press('Control+Enter');
  await calendar.isUpToDate();
  expect(await owner.titles()).toEqual(['Overboard']);
});

test("one's own view of an event and one's answer, both refused, are reviewed each for itself", async ({ device, server, owner }) => {
  const guest = await Account.create(server);
  await owner.shareWith(guest, await owner.makeEvent('Dinner', `${date(2)}T09:00:00Z`, 60), 'viewer');
  const calendar = await device({ account: guest });
  await calendar.shows('Dinner', 2, '09:00', '10:00');
  await calendar.isUpToDate();
  await calendar.context.route('**/rest/v1/rpc/sync_push', async (route) => {
    const sent = route.request().postDataJSON();
    const answer = await route.fetch({ postData: JSON.stringify({ ...sent, p_entries: [] }) });
    const body = await answer.json();
    for (const { table, key, generation } of sent.p_entries) body.results.push({ table, key, generation, status: 'refused', code: 'invalid', message: 'too dull', row: null });
    await route.fulfill({ response: answer, json: body });
  });
  const { page, editor, badge } = calendar;
  await calendar.peek('Dinner');
  await calendar.popover.getByRole('button', { name: 'Open details' }).click();
  await editor.getByLabel('Show as').selectOption('Free');
  await page.getByTestId('people').getByRole('button', { name: 'Yes', exact: true }).click();
  await calendar.save();
  await expect(badge).toHaveAttribute('data-stuck', '2');
  await badge.click();
  const cards = page.getByTestId('sync-panel').locator('.stuck');
  await expect(cards).toHaveCount(2);
  const [own, answer] = [cards.filter({ hasText: 'Show as' }), cards.filter({ hasText: 'Your answer' })];
  await expect(own).toHaveCount(1);
  await own.getByRole('button', { name: 'Discard mine' }).click();
  await expect(own).toHaveCount(0);
  await expect(answer).toHaveCount(1);
  await answer.getByRole('button', { name: 'Discard mine' }).click();
  await expect(badge).toHaveAttribute('data-stuck', '0');
});

test('one asks whether the data are the server\'s and is told; the log says what sync did, without contents', async ({ device, owner, server }) => {
  await owner.makeEvent('Board', `${date(2)}T09:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const page = await syncPage(calendar);
  const check = page.getByTestId('check');
  const log = page.getByTestId('sync-log');
  await log.getByText('What sync did lately').click();
  const compared = log.getByText('compared with the server: the same');
  await expect(compared).toHaveCount(0);
  await page.getByRole('button', { name: 'Check now' }).click();
  await expect(check).toHaveText(/^\d\d:\d\d: the same as the server’s\.$/);
  await expect(compared).toHaveCount(1);
  await expect(log).not.toContainText('Board');
  expect(await violationsInBothThemes(calendar.page)).toEqual([]);
  await look(calendar, 'sync-page-log');

  const saved = calendar.page.waitForEvent('download');
  await log.getByRole('button', { name: 'Save the log' }).click();
  const text = await readFile(await (await saved).path(), 'utf8');
  expect(text).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z compared with the server: the same$/m);
  expect(text).toContain('sync starts');

  await server.kill();
  await page.getByRole('button', { name: 'Check now' }).click();
  await expect(page.getByText('It is compared as soon as the server can be reached.')).toBeVisible();
});
