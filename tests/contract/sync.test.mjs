// The sync functions and realtime, called as any Supabase client would.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { fine, refused } from './rows.mjs';
import { signedUp, startServer } from './server.mjs';

let server;
before(async () => (server = await startServer()));
after(() => server.stop());

const DEVICE = '00c0ffee00c0ffee';
const GROUPS = {
  name: ['name'],
  color: ['color'],
  visible: ['visible'],
  is_default: ['is_default'],
  position: ['position'],
  default_reminders: ['default_reminders'],
};

/** An entry of the outbox that creates a calendar. */
function calendar(user, name) {
  const id = randomUUID();
  const stamp = `${String(Date.now() * 1000).padStart(16, '0')}-${DEVICE}`;
  const row = { id, user_id: user.id, name, color: '#3366cc', visible: true, is_default: false, position: 1, default_reminders: [] };
  const stamps = Object.fromEntries(Object.keys(GROUPS).map((group) => [group, stamp]));
  return { table: 'user_calendars', key: id, generation: 1, row, stamps };
}

async function push(supabase, entries) {
  return fine(await supabase.rpc('sync_push', { p_device: DEVICE, p_entries: entries }), 200);
}

async function pull(supabase, after) {
  return fine(await supabase.rpc('sync_pull', { p_after: after, p_limit: 1000 }), 200);
}

test('a new account has its profile, and the first page tells how many rows there are', async () => {
  const { supabase, user } = await signedUp(server);
  const now = Date.now();
  const data = fine(await supabase.rpc('sync_bootstrap', {
    p_from_ms: now - 5_184_000_000, p_to_ms: now + 5_184_000_000, p_after: null, p_limit: 1000,
  }), 200);
  assert.ok(data.rows.some((r) => r.table === 'user_profiles' && r.key === user.id), JSON.stringify(data.rows));
  assert.equal(data.total, data.rows.length);
  assert.equal(data.next, null);
});

test('what one device pushes, another pulls', async () => {
  const { supabase, user, email, password } = await signedUp(server);
  const { at } = await pull(supabase, 0);
  const entry = calendar(user, 'Work');
  const answer = await push(supabase, [entry]);
  assert.equal(answer.results[0].status, 'done');
  assert.equal(answer.results[0].generation, 1);

  const other = server.client();
  await other.auth.signInWithPassword({ email, password });
  const { changes } = await pull(other, at);
  assert.deepEqual(changes.map((c) => [c.table, c.key, c.row.name]), [['user_calendars', entry.key, 'Work']]);
});

test('an event travels with all its columns, and a bad one is refused alone', async () => {
  const { supabase, user } = await signedUp(server);
  const stamp = `${String(Date.now() * 1000).padStart(16, '0')}-${DEVICE}`;
  const event = (more) => {
    const id = randomUUID();
    const row = {
      id, owner_id: user.id, series_id: null, original_start: null, split_from: null, ical_uid: null, title: 'Lunch',
      start_time: '2026-11-23T12:00:00.000000Z', duration: 45, all_day: false, time_zone: 'Europe/Berlin', recurrence: null,
      start_timestamp_ms: 1795435200000, end_timestamp_ms: 1795437900000, private: false, location: 'Cantina', notes: '', ...more,
    };
    const stamps = Object.fromEntries(['title', 'when', 'private', 'location', 'notes'].map((group) => [group, stamp]));
    return { table: 'events', key: id, generation: 1, row, stamps };
  };
  const good = event({});
  const bad = event({ duration: -1 });
  const { results } = await push(supabase, [bad, good]);
  assert.deepEqual(results.map((r) => [r.key, r.status]), [[bad.key, 'refused'], [good.key, 'done']], JSON.stringify(results));
  const { changes } = await pull(supabase, 0);
  const pulled = changes.find((c) => c.key === good.key);
  assert.equal(pulled.row.title, 'Lunch');
  assert.equal(pulled.row.start_time, '2026-11-23T12:00:00.000000Z');
  assert.equal(pulled.row.stamps.when, stamp);
  assert.ok(!changes.some((c) => c.key === bad.key));
});

test('pushing the same again changes nothing', async () => {
  const { supabase, user } = await signedUp(server);
  const entry = calendar(user, 'Twice');
  const first = await push(supabase, [entry]);
  const second = await push(supabase, [entry]);
  assert.equal(second.results[0].status, 'done');
  assert.deepEqual(second.results[0].row, first.results[0].row);
});

test("nobody writes a row into another's account, nor sees it", async () => {
  const owner = await signedUp(server);
  const stranger = await signedUp(server);
  const entry = calendar(owner.user, 'Private');
  await push(owner.supabase, [entry]);

  const answer = await push(stranger.supabase, [{ ...entry, row: { ...entry.row, name: 'Mine now' } }]);
  assert.deepEqual([answer.results[0].status, answer.results[0].code], ['refused', 'forbidden']);
  assert.equal(answer.results[0].row, null);
  const { changes } = await pull(stranger.supabase, 0);
  assert.ok(!changes.some((c) => c.key === entry.key));
});

test('a clock far ahead is answered with the time and writes nothing', async () => {
  const { supabase, user } = await signedUp(server);
  const entry = calendar(user, 'Tomorrow');
  const ahead = `${String((Date.now() + 3_600_000) * 1000).padStart(16, '0')}-${DEVICE}`;
  entry.stamps = Object.fromEntries(Object.keys(entry.stamps).map((group) => [group, ahead]));
  const answer = await push(supabase, [entry]);
  assert.equal(answer.error, 'clock_ahead');
  assert.ok(Math.abs(answer.now / 1000 - Date.now()) < 60_000);
  const { changes } = await pull(supabase, 0);
  assert.ok(!changes.some((c) => c.key === entry.key));
});

test('without an account nothing can be called', async () => {
  refused(await server.client().rpc('sync_pull', { p_after: 0, p_limit: 10 }), 401, '42501', 'permission denied for function sync_pull');
});

test('realtime tells a subscriber that the feed has moved', async () => {
  const { supabase, user } = await signedUp(server);
  const token = (await supabase.auth.getSession()).data.session.access_token;
  await supabase.realtime.setAuth(token);
  const heard = new Promise((hear, fail) => {
    const channel = supabase.channel('feed').on(
      'postgres_changes',
      { event: '*', schema: 'public', table: 'sync_head', filter: `user_id=eq.${user.id}` },
      hear,
    );
    // The server says `ok` once the subscription itself, not only the channel, stands.
    channel.on('system', {}, (message) => {
      if (message.extension !== 'postgres_changes') return;
      if (message.status !== 'ok') return fail(new Error(message.message));
      push(supabase, [calendar(user, 'Heard')]).catch(fail);
    });
    channel.subscribe((status, error) => {
      if (status === 'CHANNEL_ERROR' || status === 'TIMED_OUT') fail(error ?? new Error(status));
    });
  });
  const change = await heard;
  assert.equal(change.new.user_id, user.id);
  assert.ok(change.new.seq > 0);
  await supabase.removeAllChannels();
});
