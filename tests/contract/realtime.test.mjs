// Realtime as the official client uses it, and the frames themselves.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import ws from 'ws';
import { signedUp, startServer } from './server.mjs';
import { fine } from './rows.mjs';

let server, ann, token;
before(async () => {
  server = await startServer();
  ann = await signedUp(server);
  token = (await ann.supabase.auth.getSession()).data.session.access_token;
});
after(() => server.stop());

const write = (person = ann) => person.supabase.from('user_categories').insert({ name: 'News' }).then((answer) => fine(answer, 201));

/** A raw socket. `next(wanted)` is the next frame for which `wanted` says yes; frames wait until they are asked for. */
async function socket(version = '2.0.0', key = server.key) {
  const address = `${server.url.replace(/^http/, 'ws')}/realtime/v1/websocket?apikey=${key}${version ? `&vsn=${version}` : ''}`;
  const stream = new ws(address);
  const frames = [];
  let wake = () => {};
  stream.on('message', (data) => {
    const frame = JSON.parse(data);
    frames.push(Array.isArray(frame) ? { join_ref: frame[0], ref: frame[1], topic: frame[2], event: frame[3], payload: frame[4] } : frame);
    wake();
  });
  stream.on('close', () => { stream.over = true; wake(); });
  stream.on('error', () => {});
  await new Promise((open, fail) => { stream.once('open', open); stream.once('error', fail); });
  const send = (join_ref, ref, topic, event, payload) =>
    stream.send(JSON.stringify(version === '2.0.0' ? [join_ref, ref, topic, event, payload] : { topic, event, payload, ref, join_ref }));
  const next = async (wanted, within = 15_000) => {
    const end = Date.now() + within;
    for (;;) {
      const at = frames.findIndex(wanted);
      if (at >= 0) return frames.splice(at, 1)[0];
      if (stream.over) throw new Error('the socket was closed');
      if (Date.now() > end) throw new Error(`nothing came; there was ${JSON.stringify(frames)}`);
      await new Promise((done) => { wake = done; setTimeout(done, Math.max(1, end - Date.now())); });
    }
  };
  return { send, next, stream, frames, close: () => stream.close() };
}

const heads = (more = {}) => [{ event: '*', schema: 'public', table: 'sync_head', filter: `user_id=eq.${ann.user.id}`, ...more }];
const joining = (postgres_changes, access_token = token) => ({ config: { postgres_changes }, access_token });
const reply = (ref) => (frame) => frame.event === 'phx_reply' && frame.ref === ref;
const system = (frame) => frame.event === 'system' && frame.payload.extension === 'postgres_changes';
const change = (frame) => frame.event === 'postgres_changes';

async function joined(changes = heads(), version) {
  const line = await socket(version);
  line.send('1', '1', 'realtime:a', 'phx_join', joining(changes));
  await line.next(reply('1'));
  const said = await line.next(system);
  assert.equal(said.payload.status, 'ok', JSON.stringify(said));
  return line;
}

describe('frames', () => {
  test('a heartbeat is answered', async () => {
    const line = await socket();
    line.send(null, '7', 'phoenix', 'heartbeat', {});
    const frame = await line.next(reply('7'));
    assert.deepEqual([frame.join_ref, frame.topic, frame.payload], [null, 'phoenix', { status: 'ok', response: {} }]);
    line.close();
  });
  test('a join echoes what was asked, with ids, and then says that it is subscribed', async () => {
    const line = await socket();
    line.send('1', '1', 'realtime:a', 'phx_join', joining(heads()));
    const { payload } = await line.next(reply('1'));
    assert.equal(payload.status, 'ok');
    const [{ id, ...echo }] = payload.response.postgres_changes;
    assert.ok(Number.isInteger(id));
    assert.deepEqual([echo], heads());
    const said = await line.next(system);
    assert.deepEqual([said.join_ref, said.ref], ['1', null]);
    assert.deepEqual(said.payload, { extension: 'postgres_changes', status: 'ok', message: 'Subscribed to PostgreSQL', channel: 'a' });
    line.close();
  });
  test('a change comes with ids, columns and the record', async () => {
    const line = await joined();
    await write();
    const { payload, join_ref, ref } = await line.next(change);
    assert.deepEqual([join_ref, ref], [null, null]);
    assert.equal(payload.ids.length, 1);
    const { data } = payload;
    assert.deepEqual([data.schema, data.table, data.errors], ['public', 'sync_head', null]);
    assert.equal(data.record.user_id, ann.user.id);
    assert.ok(data.columns.some((column) => column.name === 'user_id' && column.type === 'uuid'));
    assert.ok(!Number.isNaN(Date.parse(data.commit_timestamp)));
    line.close();
  });
  test('the older form with objects works too', async () => {
    const line = await joined(heads(), '1.0.0');
    await write();
    const frame = await line.next(change);
    assert.equal(frame.payload.data.record.user_id, ann.user.id);
    assert.equal('join_ref' in frame, false);
    line.close();
  });
  test('without a version it is the older form', async () => {
    const line = await socket('');
    line.stream.send(JSON.stringify({ topic: 'phoenix', event: 'heartbeat', payload: {}, ref: '3' }));
    assert.equal((await line.next(reply('3'))).payload.status, 'ok');
    line.close();
  });
  test('leaving is confirmed, and after it nothing comes', async () => {
    const line = await joined();
    line.send('1', '2', 'realtime:a', 'phx_leave', {});
    assert.equal((await line.next(reply('2'))).payload.status, 'ok');
    assert.equal((await line.next((frame) => frame.event === 'phx_close')).topic, 'realtime:a');
    await write();
    // Whatever is sent is sent in order: the answer to a heartbeat comes after what came before it.
    line.send(null, '3', 'phoenix', 'heartbeat', {});
    await line.next(reply('3'));
    assert.equal(line.frames.filter(change).length, 0);
    line.close();
  });
  test('joining again closes the channel of before', async () => {
    const line = await joined();
    line.send('5', '5', 'realtime:a', 'phx_join', joining(heads()));
    const closed = await line.next((frame) => frame.event === 'phx_close');
    assert.deepEqual([closed.join_ref, closed.ref, closed.payload], ['1', '1', {}]);
    assert.equal((await line.next(reply('5'))).payload.status, 'ok');
    line.close();
  });
  test('a topic nobody joined is unmatched', async () => {
    const line = await socket();
    line.send('9', '9', 'realtime:nobody', 'access_token', { access_token: token });
    assert.equal((await line.next(reply('9'))).payload.response.reason, 'unmatched topic');
    line.close();
  });
  test('garbage is ignored and the socket lives on', async () => {
    const line = await socket();
    for (const garbage of ['', '{', '[]', '[1,2,3]', 'null', '"x"', `[null,"1","${'x'.repeat(1000)}","y",{}]`]) line.stream.send(garbage);
    line.stream.send(Buffer.from([3, 1, 1, 200, 9, 9, 1, 0, 255]));
    line.send(null, '2', 'phoenix', 'heartbeat', {});
    assert.equal((await line.next((frame) => frame.topic === 'phoenix')).payload.status, 'ok');
    line.close();
  });
});

describe('who hears what', () => {
  test('nobody hears of the rows of others', async () => {
    const bob = await signedUp(server);
    const line = await joined([{ event: '*', schema: 'public', table: 'sync_head' }]);
    await write(bob);
    await write(ann);
    const { payload } = await line.next(change);
    assert.equal(payload.data.record.user_id, ann.user.id, 'the first to come is her own');
    line.close();
  });
  test('a filter of someone else brings nothing', async () => {
    const bob = await signedUp(server);
    const line = await joined(heads({ filter: `user_id=eq.${bob.user.id}` }));
    await write(bob);
    await write(ann);
    line.send('2', '2', 'realtime:b', 'phx_join', joining(heads()));
    await line.next(system);
    await write(ann);
    const { topic } = await line.next(change);
    assert.equal(topic, 'realtime:b');
    line.close();
  });
  test('a table that is not published is told', async () => {
    const line = await socket();
    line.send('1', '1', 'realtime:a', 'phx_join', joining([{ event: '*', schema: 'public', table: 'nothing_here' }]));
    assert.equal((await line.next(reply('1'))).payload.status, 'ok');
    const { payload } = await line.next(system);
    assert.equal(payload.status, 'error');
    assert.match(payload.message, /^Unable to subscribe to changes with given parameters\..*table: nothing_here/);
    line.close();
  });
  test('a filter on a column that is none is told', async () => {
    const line = await socket();
    line.send('1', '1', 'realtime:a', 'phx_join', joining(heads({ filter: 'nothing=eq.1' })));
    const { payload } = await line.next(system);
    assert.equal(payload.status, 'error');
    assert.match(payload.message, /^Unable to subscribe to changes with given parameters\..*nothing/);
    line.close();
  });
  test('a broken token is refused by its code', async () => {
    const line = await socket();
    line.send('1', '1', 'realtime:a', 'phx_join', joining(heads(), 'garbage'));
    const { payload } = await line.next(reply('1'));
    assert.equal(payload.status, 'error');
    assert.match(payload.response.reason, /^(MalformedJWT|InvalidJWTToken|JwtSignatureError)/);
    line.close();
  });
  test('without a key there is no socket', async () => {
    await assert.rejects(socket('2.0.0', ''));
    await assert.rejects(socket('2.0.0', 'garbage'));
  });
  test('a topic needs a name', async () => {
    const line = await socket();
    line.send('1', '1', 'realtime:', 'phx_join', joining([]));
    const { payload } = await line.next(reply('1'));
    assert.equal(payload.status, 'error');
    assert.match(payload.response.reason, /^TopicNameRequired: /);
    line.close();
  });
});

describe('tokens', () => {
  test('a renewed token subscribes anew, silently but for the word of the system', async () => {
    const line = await joined();
    // A token tells the second of its making: within the same second a renewed one is the same.
    let renewed = token;
    while (renewed === token) renewed = (await ann.supabase.auth.refreshSession()).data.session.access_token;
    line.send('1', '2', 'realtime:a', 'access_token', { access_token: renewed });
    assert.equal((await line.next(system)).payload.status, 'ok');
    await write();
    await line.next(change);
    line.close();
  });
  test('a token that is none ends the channel', async () => {
    const line = await joined();
    line.send('1', '2', 'realtime:a', 'access_token', { access_token: 'garbage' });
    const said = await line.next((frame) => frame.event === 'system' && frame.payload.extension === 'system');
    assert.equal(said.payload.status, 'error');
    assert.match(said.payload.message, /JWT/);
    const closed = await line.next((frame) => frame.event === 'phx_close');
    assert.deepEqual([closed.join_ref, closed.ref, closed.payload], ['1', '1', {}]);
    line.close();
  });
});

test('the official client subscribes, hears, and leaves', async () => {
  const { supabase, user } = await signedUp(server);
  await supabase.realtime.setAuth((await supabase.auth.getSession()).data.session.access_token);
  const states = [];
  const heard = new Promise((hear, fail) => {
    const channel = supabase.channel('news').on('postgres_changes', { event: 'UPDATE', schema: 'public', table: 'sync_head', filter: `user_id=eq.${user.id}` }, hear);
    channel.on('system', {}, (message) => {
      if (message.status === 'ok') supabase.from('user_categories').insert({ name: 'x' }).then(({ error }) => error && fail(new Error(error.message)));
    });
    channel.subscribe((state) => states.push(state));
  });
  const { eventType, new: record } = await heard;
  assert.equal(eventType, 'UPDATE');
  assert.equal(record.user_id, user.id);
  assert.equal(states[0], 'SUBSCRIBED');
  assert.deepEqual(await supabase.removeAllChannels(), ['ok']);
});

test('what the official client asks in vain is refused, not left to wait', async () => {
  const { supabase } = await signedUp(server);
  await supabase.realtime.setAuth((await supabase.auth.getSession()).data.session.access_token);
  const channel = supabase.channel('chat', { config: { broadcast: { ack: true } } });
  await new Promise((stands) => channel.subscribe((state) => state === 'SUBSCRIBED' && stands()));
  // A hosted project carries it.
  assert.ok(['error', 'ok'].includes(await channel.send({ type: 'broadcast', event: 'word', payload: { text: '\u{1f5d3}' } })));
  assert.deepEqual(await supabase.removeAllChannels(), ['ok']);
});
