// Writing tables through the official client.
import { after, before, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { signedUp, startServer } from './server.mjs';
import { column, event, fine, refused } from './rows.mjs';

let server, ann, db;
before(async () => {
  server = await startServer();
  ann = await signedUp(server);
  db = ann.supabase;
});
after(() => server.stop());

/** A name for the rows of one test. */
let tag;
beforeEach(() => (tag = randomUUID()));
const categories = () => db.from('user_categories');
const mine = (columns = 'name,color') => categories().select(columns).eq('color', tag).order('name');
const row = (name, more = {}) => ({ name, color: tag, ...more });

describe('insert', () => {
  test('without select answers nothing', async () => {
    const answer = await categories().insert(row('A'));
    assert.equal(answer.data, null);
    fine(answer, 201);
  });
  test('with select answers the row with its defaults', async () => {
    const [made] = fine(await categories().insert(row('A')).select(), 201);
    assert.equal(made.user_id, ann.user.id);
    assert.equal(made.visible, true);
    assert.match(made.id, /^[0-9a-f-]{36}$/);
  });
  test('select of some columns', async () => {
    assert.deepEqual(fine(await categories().insert(row('A')).select('name'), 201), [{ name: 'A' }]);
  });
  test('single', async () => {
    assert.deepEqual(fine(await categories().insert(row('A')).select('name').single(), 201), { name: 'A' });
  });
  test('many at once, counted', async () => {
    const answer = await categories().insert([row('A'), row('B')], { count: 'exact' });
    fine(answer, 201);
    assert.equal(answer.count, 2);
  });
  test('missing keys are null, or the default when asked', async () => {
    const rows = [row('A', { visible: false }), row('B')];
    refused(await categories().insert(rows), 400, '23502', 'null value in column "visible" of relation "user_categories" violates not-null constraint');
    const made = fine(await categories().insert(rows, { defaultToNull: false }).select('name,visible').order('name'), 201);
    assert.deepEqual(made, [{ name: 'A', visible: false }, { name: 'B', visible: true }]);
  });
  test('one bad row of many keeps none', async () => {
    refused(await categories().insert([row('A'), row(null)]), 400, '23502', 'null value in column "name" of relation "user_categories" violates not-null constraint');
    assert.deepEqual(fine(await mine(), 200), []);
  });
  test('an embedded row can be asked for', async () => {
    const made = fine(await db.from('events').insert(event()).select('title,event_invites(email)').single(), 201);
    assert.deepEqual(made, { title: 'Lunch', event_invites: [] });
  });
  test('an unknown column is 400', async () => {
    refused(await categories().insert(row('A', { nothing: 1 })), 400, 'PGRST204', "Could not find the 'nothing' column of 'user_categories' in the schema cache");
  });
  test('a key that is there is 409', async () => {
    const id = randomUUID();
    fine(await categories().insert(row('A', { id })), 201);
    const error = refused(await categories().insert(row('B', { id })), 409, '23505', 'duplicate key value violates unique constraint "user_categories_pkey"');
    // Whose row it is, is nobody's business: under row-level security PostgreSQL does not name the key.
    assert.equal(error.details, null);
  });
  test('a value that a rule forbids is 400', async () => {
    refused(await db.from('events').insert(event({ duration: -1 })), 400, '23514', 'new row for relation "events" violates check constraint "events_bounds"');
  });
  test('a value of the wrong type is 400', async () => {
    refused(await categories().insert(row('A', { position: 'x' })), 400, '22P02', 'invalid input syntax for type double precision: "x"');
    refused(await db.from('events').insert(event({ start_time: 'never' })), 400, '22007', 'invalid input syntax for type timestamp with time zone: "never"');
  });
  test('a row of someone else is 403', async () => {
    refused(await categories().insert(row('A', { user_id: randomUUID() })), 403, '42501', /^not allowed to write .* of user_categories/);
  });
  test('without an account it is 401', async () => {
    refused(await server.client().from('user_categories').insert(row('A')), 401, '42501', 'permission denied for table user_categories');
  });
  test('an unknown table is 404', async () => {
    refused(await db.from('nothing_here').insert({}), 404, 'PGRST205', "Could not find the table 'public.nothing_here' in the schema cache");
  });
  test('what is no JSON is 400', async () => {
    const token = (await db.auth.getSession()).data.session.access_token;
    const post = (body, type = 'application/json') => fetch(`${server.url}/rest/v1/user_categories`, {
      method: 'POST', body, headers: { apikey: server.key, authorization: `Bearer ${token}`, 'content-type': type } });
    const empty = 'Empty or invalid json';
    for (const [body, message, type] of [['{', empty], ['nonsense', empty], ['<x/>', 'Content-Type not acceptable: text/xml', 'text/xml'],
      ['[{"name":"A"},{"color":"b"}]', 'All object keys must match']]) {
      const answer = await post(body, type);
      assert.equal(answer.status, 400, body);
      const error = await answer.json();
      assert.deepEqual([error.code, error.message], ['PGRST102', message], body);
    }
  });
});

describe('upsert', () => {
  test('of a new row is 201, of a known one 200', async () => {
    const id = randomUUID();
    fine(await categories().upsert(row('A', { id })).select(), 201);
    const [again] = fine(await categories().upsert(row('B', { id })).select('name'), 200);
    assert.equal(again.name, 'B');
  });
  test('on the column that is named', async () => {
    const id = randomUUID();
    fine(await categories().insert(row('A', { id })), 201);
    fine(await categories().upsert([row('B', { id }), row('C', { id: randomUUID() })], { onConflict: 'id' }), 201);
    assert.deepEqual(column(fine(await mine(), 200), 'name'), ['B', 'C']);
  });
  test('that ignores duplicates leaves the row and does not answer it', async () => {
    const id = randomUUID();
    fine(await categories().insert(row('A', { id })), 201);
    const made = fine(await categories().upsert([row('B', { id })], { ignoreDuplicates: true }).select(), 201);
    assert.deepEqual(made, []);
    assert.deepEqual(column(fine(await mine(), 200), 'name'), ['A']);
  });
  test('of a key made of two columns', async () => {
    const { id } = fine(await db.from('events').insert(event()).select('id').single(), 201);
    const overlay = { event_id: id, user_id: ann.user.id, show_time_as: 'free' };
    const [made] = fine(await db.from('event_details_personal').upsert(overlay).select('show_time_as'), 201);
    assert.equal(made.show_time_as, 'free');
    fine(await db.from('event_details_personal').upsert({ ...overlay, show_time_as: 'busy' }), 200);
  });
  test('of the same key twice at once is 500', async () => {
    const id = randomUUID();
    refused(await categories().upsert([row('A', { id }), row('B', { id })]), 500, '21000', 'ON CONFLICT DO UPDATE command cannot affect row a second time');
  });
  test('over a row of someone else is 403', async () => {
    const id = randomUUID();
    fine(await categories().insert(row('A', { id })), 201);
    const bob = await signedUp(server);
    refused(await bob.supabase.from('user_categories').upsert({ id, name: 'Mine now' }), 403, '42501', /row-level security policy \(USING expression\) for table "user_categories"$/);
    assert.deepEqual(column(fine(await mine(), 200), 'name'), ['A']);
  });
  test('on columns that are no key is 400', async () => {
    refused(await categories().upsert(row('A'), { onConflict: 'name' }), 400, '42P10', 'there is no unique or exclusion constraint matching the ON CONFLICT specification');
  });
});

describe('update', () => {
  test('without select is 204', async () => {
    fine(await categories().insert([row('A'), row('B')]), 201);
    const answer = await categories().update({ name: 'C' }).eq('color', tag).eq('name', 'A');
    assert.equal(answer.data, null);
    fine(answer, 204);
    assert.deepEqual(column(fine(await mine(), 200), 'name'), ['B', 'C']);
  });
  test('with select answers the rows as they are now', async () => {
    fine(await categories().insert(row('A')), 201);
    assert.deepEqual(fine(await categories().update({ name: 'B' }).eq('color', tag).select('name'), 200), [{ name: 'B' }]);
  });
  test('of no row is no error', async () => {
    fine(await categories().update({ name: 'B' }).eq('color', tag), 204);
    assert.deepEqual(fine(await categories().update({ name: 'B' }).eq('color', tag).select(), 200), []);
  });
  test('compare and set: the second of two loses', async () => {
    const [made] = fine(await categories().insert(row('A')).select(), 201);
    const set = (name) => categories().update({ name }).eq('id', made.id).eq('updated_at', made.updated_at).select('name');
    assert.deepEqual(fine(await set('B'), 200), [{ name: 'B' }]);
    assert.deepEqual(fine(await set('C'), 200), []);
  });
  test('counted', async () => {
    fine(await categories().insert([row('A'), row('B')]), 201);
    const answer = await categories().update({ position: 7 }, { count: 'exact' }).eq('color', tag);
    fine(answer, 204);
    assert.equal(answer.count, 2);
  });
  test('single of several is undone', async () => {
    fine(await categories().insert([row('A'), row('B')]), 201);
    refused(await categories().update({ position: 7 }).eq('color', tag).select().single(), 406, 'PGRST116', 'Cannot coerce the result to a single JSON object');
    assert.deepEqual(column(fine(await mine('position'), 200), 'position'), [0, 0]);
  });
  test('of more rows than allowed is undone', async () => {
    fine(await categories().insert([row('A'), row('B')]), 201);
    const error = refused(await categories().update({ position: 7 }).eq('color', tag).maxAffected(1), 400, 'PGRST124', 'Query result exceeds max-affected preference constraint');
    assert.equal(error.details, 'The query affects 2 rows');
    assert.deepEqual(column(fine(await mine('position'), 200), 'position'), [0, 0]);
  });
  test('of a column that is written once is 403', async () => {
    fine(await categories().insert(row('A')), 201);
    refused(await categories().update({ user_id: randomUUID() }).eq('color', tag), 403, '42501', 'user_id of user_categories is written once');
  });
  test("of someone else's row changes nothing, silently", async () => {
    fine(await categories().insert(row('A')), 201);
    const bob = await signedUp(server);
    assert.deepEqual(fine(await bob.supabase.from('user_categories').update({ name: 'B' }).eq('color', tag).select(), 200), []);
    assert.deepEqual(column(fine(await mine(), 200), 'name'), ['A']);
  });
  test('of an unknown column is 400', async () => {
    refused(await categories().update({ nothing: 1 }).eq('color', tag), 400, 'PGRST204', "Could not find the 'nothing' column of 'user_categories' in the schema cache");
  });
  test('to what a rule forbids is 400', async () => {
    fine(await categories().insert(row('A')), 201);
    refused(await categories().update({ color: '' }).eq('color', tag), 400, '23514', 'new row for relation "user_categories" violates check constraint "user_categories_color"');
  });
});

describe('delete', () => {
  test('leaves a tombstone, which other devices learn of', async () => {
    fine(await categories().insert(row('A')), 201);
    fine(await categories().delete().eq('color', tag), 204);
    assert.deepEqual(fine(await mine().is('deleted_at', null), 200), []);
    assert.deepEqual(column(fine(await mine(), 200), 'name'), ['A']);
  });
  test('of no row is no error', async () => {
    fine(await categories().delete().eq('color', tag), 204);
    assert.deepEqual(fine(await categories().delete().eq('color', tag).select(), 200), []);
  });
  test("of someone else's row does nothing, silently", async () => {
    fine(await categories().insert(row('A')), 201);
    const bob = await signedUp(server);
    fine(await bob.supabase.from('user_categories').delete().eq('color', tag), 204);
    assert.deepEqual(column(fine(await mine().is('deleted_at', null), 200), 'name'), ['A']);
  });
  test('where there is no right to it is 403', async () => {
    refused(await db.from('user_profiles').delete().eq('id', ann.user.id), 403, '42501', 'permission denied for table user_profiles');
  });
});

describe('what is written travels to devices', () => {
  test('a row made over REST comes by sync_pull', async () => {
    fine(await categories().insert(row('Travels')), 201);
    const { changes } = fine(await db.rpc('sync_pull', { p_after: 0, p_limit: 1000 }), 200);
    assert.ok(changes.some((change) => change.table === 'user_categories' && change.row.color === tag));
  });
  test('text of any kind comes back as it was', async () => {
    const name = `'; drop table events; -- "\\ 🗓 \t ${'é'.repeat(50)}`;
    assert.equal(fine(await categories().insert(row(name)).select('name').single(), 201).name, name);
    assert.equal(fine(await categories().select('name').eq('name', name).single(), 200).name, name);
  });
});
