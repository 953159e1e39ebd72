// The seven tables published by supabase/optional/publish_tables.sql, as the official client hears of them: rows as they are now, to
// those who may see them. The file is applied with psql, on the PostgreSQL at ALMANAC_TEST_DATABASE_URL; a server that runs elsewhere
// (`--url`) must have had it applied.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { signedUp, startServer, startServerOnPostgres } from './server.mjs';
import { event, fine } from './rows.mjs';

const elsewhere = process.env.ALMANAC_URL || process.argv.includes('--url');
const skip = !elsewhere && !process.env.ALMANAC_TEST_DATABASE_URL && !process.env.CI && 'ALMANAC_TEST_DATABASE_URL is not set';
const file = fileURLToPath(new URL('../../supabase/optional/publish_tables.sql', import.meta.url));

/** Subscribes to a table; `next(wanted)` is the next change that is wanted, others are passed over. */
async function hearing({ supabase }, filter) {
  await supabase.realtime.setAuth((await supabase.auth.getSession()).data.session.access_token);
  const changes = [];
  let wake = () => {};
  const channel = supabase.channel(randomUUID()).on('postgres_changes', { event: '*', schema: 'public', ...filter }, (change) => {
    changes.push(change);
    wake();
  });
  await new Promise((stands, fails) => {
    channel.on('system', {}, ({ status, message }) => (status === 'ok' ? stands() : fails(new Error(message))));
    channel.subscribe();
  });
  const next = async (wanted) => {
    const end = Date.now() + 30_000;
    for (;;) {
      const at = changes.findIndex(wanted);
      if (at >= 0) return changes.splice(0, at + 1).at(-1);
      if (Date.now() > end) throw new Error(`nothing came of ${JSON.stringify(filter)}; there was ${JSON.stringify(changes)}`);
      await new Promise((done) => { wake = done; setTimeout(done, Math.max(1, end - Date.now())); });
    }
  };
  return { next, changes, close: () => supabase.removeChannel(channel) };
}

describe('published tables', { skip }, () => {
  let server, ann, bob;
  before(async () => {
    // Twice is as good as once.
    server = elsewhere ? await startServer() : await startServerOnPostgres([file, file]);
    [ann, bob] = [await signedUp(server), await signedUp(server)];
  });
  after(() => server?.stop());

  /** Makes, changes and deletes a row of a table as Ann, and hears of each. */
  async function heard(table, row, key, [column, value]) {
    const line = await hearing(ann, { table });
    const ours = ({ new: record }) => Object.entries(key).every(([name, wanted]) => record[name] === wanted);
    const narrow = (query) => query.match(key);
    if (row) {
      fine(await ann.supabase.from(table).insert({ ...row, ...key }), 201);
      const made = await line.next(ours);
      assert.deepEqual([made.eventType, made.schema, made.table, made.errors], ['INSERT', 'public', table, null]);
      for (const [name, given] of Object.entries(row)) {
        // What the server computes itself.
        if (!name.endsWith('_timestamp_ms')) assert.deepEqual(made.new[name], given, name);
      }
      assert.equal(made.new.deleted_at, null);
    }
    fine(await narrow(ann.supabase.from(table).update({ [column]: value })), 204);
    const changed = await line.next((change) => ours(change) && change.new[column] === value);
    assert.equal(changed.eventType, 'UPDATE');
    assert.deepEqual(changed.old, key);
    assert.ok(changed.new.stamps && changed.new.updated_at, 'the whole row comes');
    if (row) {
      // What is deleted is a row with a time of deletion: nobody misses it.
      fine(await narrow(ann.supabase.from(table).delete()), 204);
      const deleted = await line.next((change) => ours(change) && change.new.deleted_at !== null);
      assert.equal(deleted.eventType, 'UPDATE');
    }
    await line.close();
  }

  test('user_profiles', () => heard('user_profiles', null, { id: ann.user.id }, ['display_name', 'Ann']));
  test('ai_personas', () => heard('ai_personas', { name: 'Helper' }, { id: randomUUID() }, ['system_prompt', 'Be kind.']));
  test('user_calendars', () => heard('user_calendars', { name: 'Work' }, { id: randomUUID() }, ['color', 'red']));
  test('user_categories', () => heard('user_categories', { name: 'Sport' }, { id: randomUUID() }, ['visible', false]));
  test('events', () => heard('events', event(), { id: randomUUID() }, ['title', 'Dinner']));
  test('event_details_personal', async () => {
    const id = randomUUID();
    fine(await ann.supabase.from('events').insert(event({ id })), 201);
    await heard('event_details_personal', { show_time_as: 'busy' }, { event_id: id, user_id: ann.user.id }, ['show_time_as', 'free']);
  });
  test('event_user_roles', async () => {
    const id = randomUUID();
    fine(await ann.supabase.from('events').insert(event({ id })), 201);
    await heard('event_user_roles', { role: 'viewer' }, { event_id: id, user_id: bob.user.id }, ['role', 'contributor']);
  });

  test('invitations are not among them', async () => {
    await assert.rejects(hearing(ann, { table: 'event_invites' }), /Unable to subscribe/);
  });

  test('a filter narrows what is heard', async () => {
    const line = await hearing(ann, { table: 'user_categories', filter: 'color=eq.green' });
    fine(await ann.supabase.from('user_categories').insert({ name: 'one', color: 'red' }), 201);
    fine(await ann.supabase.from('user_categories').insert({ name: 'two', color: 'green' }), 201);
    assert.equal((await line.next(() => true)).new.name, 'two');
    await line.close();
  });

  test('a stranger hears nothing, one with a role hears of the event and not of what is its owner\'s own', async () => {
    const id = randomUUID();
    const [events, details] = [await hearing(bob, { table: 'events' }), await hearing(bob, { table: 'event_details_personal' })];
    fine(await ann.supabase.from('events').insert(event({ id, title: 'before' })), 201);
    fine(await ann.supabase.from('events').update({ title: 'still before' }).eq('id', id), 204);
    // News come in the order of the commits: what was to come before this one has not come.
    fine(await bob.supabase.from('events').insert(event({ title: 'his first' })), 201);
    assert.equal((await events.next(() => true)).new.title, 'his first');
    fine(await ann.supabase.from('event_user_roles').insert({ event_id: id, user_id: bob.user.id, role: 'viewer' }), 201);
    fine(await ann.supabase.from('event_details_personal').insert({ event_id: id, user_id: ann.user.id, show_time_as: 'free' }), 201);
    fine(await ann.supabase.from('events').update({ title: 'shared' }).eq('id', id), 204);
    assert.equal((await events.next(() => true)).new.title, 'shared');
    fine(await ann.supabase.from('events').update({ private: true, title: 'secret' }).eq('id', id), 204);
    fine(await bob.supabase.from('events').insert(event({ title: 'his own' })), 201);
    assert.equal((await events.next(() => true)).new.title, 'his own');
    assert.deepEqual(details.changes, []);
    await Promise.all([events.close(), details.close()]);
  });
});
