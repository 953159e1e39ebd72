// Bad input, in the browser: each says what happened and what to do, and nothing is lost.
import { test, expect } from '../harness/fixtures.mjs';
import { Account } from '../harness/account.mjs';
import { violationsInBothThemes } from '../harness/axe.mjs';
import { date } from '../harness/week.mjs';

const BY_ITSELF = { timeout: 45_000 };
/** What the browser writes about an answer that is no success. */
const REFUSAL = /the server responded with a status of 4\d\d/;

test.describe('signing in', () => {
  test('with a wrong password says so, and the right one works after it', async ({ device, owner, troubles }) => {
    troubles.allow(REFUSAL);
    const calendar = await device();
    await calendar.signIn(owner.email, 'not my password');
    await expect(calendar.authError).toContainText('E-mail or password is wrong');
    await calendar.signIn(owner.email, owner.password);
    await calendar.isShown();
  });

  test('with an e-mail that nobody has says the same: it does not tell who has an account', async ({ device, troubles }) => {
    troubles.allow(REFUSAL);
    const calendar = await device();
    await calendar.signIn(Account.freshEmail(), Account.password);
    await expect(calendar.authError).toContainText('E-mail or password is wrong');
  });

  test('up with an e-mail that is taken says so', async ({ device, owner, troubles }) => {
    troubles.allow(REFUSAL);
    const calendar = await device();
    await calendar.signUp(owner.email, Account.password);
    await expect(calendar.authError).toContainText('has an account already');
  });

  test('up with a weak password says what is asked of one', async ({ device, troubles }) => {
    troubles.allow(REFUSAL);
    const calendar = await device();
    await calendar.signUp(Account.freshEmail(), '123');
    await expect(calendar.authError).toContainText(/stronger password.*\d/);
  });

  test('with empty fields asks for them, without asking the server', async ({ device }) => {
    const calendar = await device();
    await calendar.signIn('', '');
    await expect(calendar.page.getByText('Give your e-mail address.')).toBeVisible();
    await expect(calendar.page.getByText('Give a password.')).toBeVisible();
  });

  test('while the server is away says so, and works once it is back', async ({ device, server, owner }) => {
    const calendar = await device();
    await expect(calendar.page.getByLabel('E-mail')).toBeVisible();
    await server.kill();
    await calendar.signIn(owner.email, owner.password);
    await expect(calendar.authError).toContainText('The server cannot be reached');
    await server.start();
    await calendar.signIn(owner.email, owner.password);
    await calendar.isShown();
    await calendar.isUpToDate(BY_ITSELF);
  });

  test('at a first start without the server tells that it is needed once', async ({ device, server, owner }) => {
    const calendar = await device();
    await expect(calendar.page.getByLabel('E-mail')).toBeVisible();
    await calendar.isInstalled();
    // Installed, but what it learnt of the server is gone: as on a device that never reached it.
    await calendar.page.evaluate(async () => {
      localStorage.clear();
      const gone = indexedDB.deleteDatabase('almanac-kept');
      await new Promise((done, failed) => Object.assign(gone, { onsuccess: done, onerror: failed, onblocked: failed }));
    });
    await server.kill();
    await calendar.page.reload();
    await expect(calendar.page.getByText('The server cannot be reached. Almanac needs the server once, to sign in')).toBeVisible();
    await server.start();
    await calendar.signIn(owner.email, owner.password);
    await calendar.isShown();
  });
});

test.describe('signing out with unsent edits', () => {
  test('is asked about first; staying keeps them', async ({ device, server, owner }) => {
    const calendar = await device({ account: owner });
    await calendar.isUpToDate();
    await server.stop();
    await calendar.createAt('Unsent', 2, '09:00');
    await calendar.isMarked('Unsent', 'pending');
    await calendar.signOut();
    const sure = calendar.page.getByRole('alertdialog');
    await expect(sure).toContainText(/not been sent/);
    await sure.getByRole('button', { name: 'Stay signed in' }).click();
    await calendar.isMarked('Unsent', 'pending');
    await server.start();
    await calendar.isUpToDate(BY_ITSELF);
    expect(await owner.titles()).toEqual(['Unsent']);
  });
});

test.describe('a server of another version', () => {
  // What PostgREST and Supabase answer for a function that they do not know.
  const unknown = { status: 404, contentType: 'application/json', body: JSON.stringify({ code: 'PGRST202', message: 'Could not find the function public.sync_push in the schema cache', details: null, hint: null }) };

  test('is told as "update needed"; edits stay and go out once it speaks ours again', async ({ device, owner, troubles }) => {
    troubles.allow(REFUSAL);
    await owner.makeEvent('Before', `${date(1)}T09:00:00Z`, 60);
    const calendar = await device({ account: owner });
    await calendar.isUpToDate();
    await calendar.context.route('**/rest/v1/rpc/*', (route) => route.fulfill(unknown));
    await calendar.createAt('Kept back', 2, '09:00');
    await expect(calendar.badge).toHaveAttribute('data-phase', 'update-needed');
    await expect(calendar.badge).toHaveAccessibleName(/update needed/i);
    await calendar.isMarked('Kept back', 'pending');
    await calendar.shows('Before', 1, '09:00', '10:00');
    await calendar.context.unroute('**/rest/v1/rpc/*');
    await calendar.page.reload();
    await calendar.isUpToDate(BY_ITSELF);
    await calendar.isMarked('Kept back', 'synced');
    expect(await owner.titles()).toEqual(['Before', 'Kept back']);
  });
});

test('a session that the server has ended is told; edits stay, and go out after signing in again', async ({ device, owner, troubles }) => {
  troubles.allow(REFUSAL);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  const ended = { status: 401, contentType: 'application/json', body: JSON.stringify({ code: 'PGRST301', message: 'JWT expired' }) };
  const noRefresh = { status: 400, contentType: 'application/json', body: JSON.stringify({ code: 400, error_code: 'refresh_token_not_found', msg: 'Invalid Refresh Token: Refresh Token Not Found' }) };
  await calendar.context.route('**/rest/v1/rpc/*', (route) => route.fulfill(ended));
  await calendar.context.route('**/auth/v1/token?grant_type=refresh_token', (route) => route.fulfill(noRefresh));
  await calendar.createAt('Still mine', 2, '09:00');
  await expect(calendar.page.getByText('Your session has ended. Everything is kept on this device.')).toBeVisible();
  await calendar.isMarked('Still mine', 'pending');
  await calendar.context.unrouteAll();
  await calendar.page.getByRole('button', { name: 'Sign in again', exact: true }).click();
  const dialog = calendar.page.getByRole('dialog', { name: 'Sign in again' });
  await dialog.getByLabel('Password').fill(owner.password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog).toBeHidden();
  await calendar.isUpToDate(BY_ITSELF);
  await calendar.isMarked('Still mine', 'synced');
  expect(await owner.titles()).toEqual(['Still mine']);
});

test('a change that the server refuses is set aside for review; the rest goes on', async ({ device, owner, troubles }) => {
  troubles.allow(REFUSAL);
  const calendar = await device({ account: owner });
  await calendar.isUpToDate();
  // The server's answer with one row refused: what a revoked right looks like from here.
  await calendar.context.route('**/rest/v1/rpc/sync_push', async (route) => {
    const sent = route.request().postDataJSON();
    const bad = sent.p_entries.filter((entry) => entry.row.title === 'Refused');
    const answer = await route.fetch({ postData: JSON.stringify({ ...sent, p_entries: sent.p_entries.filter((entry) => !bad.includes(entry)) }) });
    const body = await answer.json();
    for (const entry of bad) body.results.push({ table: entry.table, key: entry.key, generation: entry.generation, status: 'refused', code: 'forbidden', message: 'not yours', row: null });
    await route.fulfill({ response: answer, json: body });
  });
  await calendar.createAt('Refused', 2, '09:00');
  await calendar.isMarked('Refused', 'stuck');
  await expect(calendar.badge).toHaveAccessibleName(/1 change to review|2 changes to review/);
  await calendar.createAt('Accepted', 3, '09:00');
  await calendar.isMarked('Accepted', 'synced');

  await calendar.context.unrouteAll();
  await calendar.badge.click();
  const panel = calendar.page.getByTestId('sync-panel');
  await expect(panel.getByText('You may not change this')).toBeVisible();
  expect(await violationsInBothThemes(calendar.page), 'the review').toEqual([]);
  // A retried card goes away by itself, perhaps just when it is about to be clicked.
  const again = panel.getByRole('button', { name: 'Try again' });
  await expect(async () => {
    if (await again.count()) await again.first().click({ timeout: 1000 });
    expect(await again.count()).toBe(0);
  }).toPass();
  await calendar.page.keyboard.press('Escape');
  await calendar.isMarked('Refused', 'synced');
  await expect.poll(() => owner.titles()).toEqual(['Accepted', 'Refused']);
});

test.describe('the local database', () => {
  test('of a newer version is told and left alone', async ({ device, owner, troubles }) => {
    troubles.allow(/favicon\.ico/);
    // Said to those who look into the console, too.
    troubles.allow(/the local database did not open/);
    await owner.makeEvent('Precious', `${date(1)}T09:00:00Z`, 60);
    const calendar = await device({ account: owner });
    await calendar.isUpToDate();
    // A page of the same origin without the app: nothing holds the database.
    await calendar.page.goto('/almanac.json');
    const before = await database(calendar.page, owner.id, 4711);
    await calendar.open();
    await expect(calendar.page.getByRole('alert')).toContainText(/newer/);
    await expect(calendar.page.getByRole('alert')).toContainText(/Reload or update the app/);
    // The store's own words are for who helps.
    await expect(calendar.page.getByText(/schema \d+/)).toBeHidden();
    await calendar.page.getByText('Details').click();
    await expect(calendar.page.getByText(/schema \d+/)).toBeVisible();
    expect(await violationsInBothThemes(calendar.page), 'the trouble').toEqual([]);
    await calendar.page.goto('/almanac.json');
    expect(await database(calendar.page, owner.id)).toEqual({ ...before, version: 4711 });
    expect(before.rows).toBeGreaterThan(0);
  });

  test('without room says that an edit was not saved; what was there stays, and smaller edits go on', async ({ device, server, owner, troubles }) => {
    troubles.allow(/a local write failed/);
    await owner.makeEvent('Stays', `${date(1)}T09:00:00Z`, 60);
    const calendar = await device();
    await calendar.isInstalled();
    // A disk with room for the week, but not for a long note (kept twice while it is not sent). Set before the database is
    // made: the browser asks for the room that is left only now and then.
    const devtools = await calendar.context.newCDPSession(calendar.page);
    const { usage } = await devtools.send('Storage.getUsageAndQuota', { origin: server.url });
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: usage + 250_000 });
    await calendar.signIn(owner.email, owner.password);
    await calendar.shows('Stays', 1, '09:00', '10:00');
    await calendar.isUpToDate();

    await calendar.edit('Stays');
    await calendar.editor.getByLabel('Notes').fill('x'.repeat(190_000));
    await calendar.save();
    await expect(calendar.toast).toContainText('That was not saved. Free some space on this device');
    await calendar.isMarked('Stays', 'synced');
    await calendar.isUpToDate();
    // What was typed is not lost with it.
    const kept = calendar.page.getByTestId('kept');
    await kept.getByRole('button', { name: 'Go on' }).click();
    await expect(calendar.editor.getByLabel('Notes')).toHaveValue('x'.repeat(190_000));
    await calendar.page.keyboard.press('Escape');
    await kept.getByRole('button', { name: 'Throw it away' }).click();

    await calendar.createAt('Small', 3, '09:00');
    await calendar.isMarked('Small', 'synced');
    await calendar.page.reload();
    await calendar.shows('Stays', 1, '09:00', '10:00');
    await calendar.shows('Small', 3, '09:00', '10:00');
    expect((await owner.rows('events')).map(({ title, notes }) => [title, notes]).sort()).toEqual([['Small', null], ['Stays', null]]);
  });

  test('is empty after signing out, and no token is left', async ({ device, owner }) => {
    await owner.makeEvent('Private', `${date(1)}T09:00:00Z`, 60);
    const calendar = await device({ account: owner });
    await calendar.isUpToDate();
    await calendar.signOut();
    await expect(calendar.page.getByLabel('E-mail')).toBeVisible();
    const left = () => calendar.page.evaluate(async () => JSON.stringify([{ ...localStorage }, await Promise.all((await indexedDB.databases()).map(async ({ name }) => {
      const open = indexedDB.open(name);
      const database = await new Promise((done) => (open.onsuccess = () => done(open.result)));
      const rows = [];
      for (const store of database.objectStoreNames) {
        const all = database.transaction(store).objectStore(store).getAll();
        rows.push(await new Promise((done) => (all.onsuccess = () => done(all.result))));
      }
      database.close();
      return rows;
    }))]));
    await expect.poll(left).not.toMatch(/access_token|refresh_token/);
    expect(await left()).not.toContain('Private');
  });
});

/** The account's IndexedDB: version, stores, and the number of rows in all of them; raised to `version` if one is given. */
function database(page, user, version) {
  return page.evaluate(async ({ name, version }) => {
    const open = version ? indexedDB.open(name, version) : indexedDB.open(name);
    const database = await new Promise((done, failed) => {
      open.onsuccess = () => done(open.result);
      open.onerror = () => failed(open.error);
      open.onblocked = () => failed(new Error('blocked'));
    });
    const found = { version: database.version, stores: [...database.objectStoreNames], rows: 0 };
    for (const store of found.stores) {
      const count = database.transaction(store).objectStore(store).count();
      found.rows += await new Promise((done) => (count.onsuccess = () => done(count.result)));
    }
    database.close();
    return found;
  }, { name: `almanac-${user}`, version });
}

test('two tabs with different accounts do not mix', async ({ device, owner, server }) => {
  const other = await Account.create(server);
  const first = await device({ account: owner });
  await first.isUpToDate();
  // The same browser, signed in as someone else in the meantime.
  await first.signOut();
  await first.signIn(other.email, other.password);
  await first.isUpToDate();
  await first.createAt('Of the other', 2, '09:00');
  await first.isMarked('Of the other', 'synced');
  expect(await other.titles()).toEqual(['Of the other']);
  expect(await owner.titles()).toEqual([]);
});
