// Reading tables through the official client.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { signedUp, startServer } from './server.mjs';
import { column, event, fine, refused } from './rows.mjs';

let server, ann, db, ids;
before(async () => {
  server = await startServer();
  ann = await signedUp(server);
  db = ann.supabase;
  const rows = ['Alpha', 'Beta', 'Gamma', 'a,b (x).y'].map((title, n) =>
    event({ title, duration: 15 * (n + 1), location: n === 0 ? null : `Room ${n}`, private: n === 2 }));
  const made = fine(await db.from('events').insert(rows).select('id,title'), 201);
  ids = Object.fromEntries(made.map((row) => [row.title, row.id]));
  fine(await db.from('event_invites').insert([
    { event_id: ids.Alpha, email: 'x@example.org', role: 'viewer' }, { event_id: ids.Alpha, email: 'y@example.org', role: 'contributor' }]), 201);
});
after(() => server.stop());

const events = (columns = 'title') => db.from('events').select(columns);
const titles = async (query) => column(fine(await query.order('duration'), 200), 'title');

describe('filters', () => {
  const cases = [
    ['eq', (q) => q.eq('title', 'Beta'), ['Beta']],
    ['eq takes the value as it stands', (q) => q.eq('title', 'a,b (x).y'), ['a,b (x).y']],
    ['neq', (q) => q.neq('title', 'Beta'), ['Alpha', 'Gamma', 'a,b (x).y']],
    ['gt', (q) => q.gt('duration', 30), ['Gamma', 'a,b (x).y']],
    ['gte and lte', (q) => q.gte('duration', 30).lte('duration', 45), ['Beta', 'Gamma']],
    ['lt', (q) => q.lt('duration', 30), ['Alpha']],
    ['like', (q) => q.like('title', '%a'), ['Alpha', 'Beta', 'Gamma']],
    ['ilike', (q) => q.ilike('title', 'al%'), ['Alpha']],
    ['likeAllOf', (q) => q.likeAllOf('title', ['%a', 'B%']), ['Beta']],
    ['likeAnyOf', (q) => q.likeAnyOf('title', ['Al%', 'B%']), ['Alpha', 'Beta']],
    ['ilikeAnyOf', (q) => q.ilikeAnyOf('title', ['al%', 'ga%']), ['Alpha', 'Gamma']],
    ['in, quoted where needed', (q) => q.in('title', ['Beta', 'a,b (x).y']), ['Beta', 'a,b (x).y']],
    ['in of nothing', (q) => q.in('title', []), []],
    ['is null', (q) => q.is('location', null), ['Alpha']],
    ['is true', (q) => q.is('private', true), ['Gamma']],
    ['not is null', (q) => q.not('location', 'is', null), ['Beta', 'Gamma', 'a,b (x).y']],
    ['not in', (q) => q.not('title', 'in', '(Alpha,Beta)'), ['Gamma', 'a,b (x).y']],
    ['or', (q) => q.or('title.eq.Alpha,duration.eq.60'), ['Alpha', 'a,b (x).y']],
    ['or with and inside', (q) => q.or('title.eq.Alpha,and(duration.gt.15,private.is.true)'), ['Alpha', 'Gamma']],
    ['or with a quoted instant', (q) => q.or('start_time.gt."2030-01-01T00:00:00+00:00",title.eq.Beta'), ['Beta']],
    ['a keyset cursor', (q) => q.or('duration.gt.30,and(duration.eq.30,title.gt.Beta)'), ['Gamma', 'a,b (x).y']],
    ['not inside or', (q) => q.or('title.not.in.(Alpha,Beta,Gamma),title.eq.Beta'), ['Beta', 'a,b (x).y']],
    ['match is eq of each', (q) => q.match({ title: 'Beta', duration: 30 }), ['Beta']],
    ['filter with any operator', (q) => q.filter('title', 'imatch', '^(alpha|beta)$'), ['Alpha', 'Beta']],
    ['contains, on JSON', (q) => q.contains('stamps', {}).lt('duration', 20), ['Alpha']],
    ['a JSON path', (q) => q.gt('stamps->>title', '0').lt('duration', 20), ['Alpha']],
    ['isdistinct', (q) => q.filter('location', 'isdistinct', 'Room 1'), ['Alpha', 'Gamma', 'a,b (x).y']],
    ['full text', (q) => q.textSearch('title', 'gamma', { config: 'simple' }), ['Gamma']],
  ];
  for (const [name, narrow, expected] of cases) {
    test(name, async () => assert.deepEqual(await titles(narrow(events())), expected));
  }
});

describe('shape', () => {
  test('columns, aliases and casts', async () => {
    const rows = fine(await events('name:title,duration::text').eq('title', 'Beta'), 200);
    assert.deepEqual(rows, [{ name: 'Beta', duration: '30' }]);
  });
  test('all columns', async () => {
    const [row] = fine(await events('*').eq('title', 'Beta'), 200);
    assert.equal(row.owner_id, ann.user.id);
    assert.equal(row.start_time, '2026-11-23T12:00:00+00:00');
    assert.equal(row.duration, 30);
    assert.equal(row.all_day, false);
    assert.equal(typeof row.stamps, 'object');
  });
  test('a JSON value of a column', async () => {
    const [row] = fine(await events('stamp:stamps->>title').eq('title', 'Beta'), 200);
    assert.match(row.stamp, /^\d{16}-[0-9a-f]{16}$/);
  });
  test('order, both ways', async () => {
    assert.deepEqual(column(fine(await events().order('duration', { ascending: false }).limit(2), 200), 'title'), ['a,b (x).y', 'Gamma']);
    assert.deepEqual(column(fine(await events().order('location', { nullsFirst: true }).limit(1), 200), 'title'), ['Alpha']);
    assert.deepEqual(column(fine(await events().order('location', { ascending: false, nullsFirst: false }), 200), 'title').at(-1), 'Alpha');
  });
  test('a page by range', async () => {
    assert.deepEqual(column(fine(await events().order('duration').range(1, 2), 200), 'title'), ['Beta', 'Gamma']);
  });
  test('an exact count, and a part of it is 206', async () => {
    const answer = await db.from('events').select('title', { count: 'exact' }).order('duration').limit(3);
    assert.deepEqual(column(fine(answer, 206), 'title'), ['Alpha', 'Beta', 'Gamma']);
    assert.equal(answer.count, 4);
    const all = await db.from('events').select('title', { count: 'exact' });
    assert.deepEqual([fine(all, 200).length, all.count], [4, 4]);
  });
  test('planned and estimated counts', async () => {
    const planned = await db.from('events').select('title', { count: 'planned' });
    // What the planner expects may be more than there is, and the page a part of that.
    assert.equal(planned.error, null);
    assert.equal(planned.status, planned.count > 4 ? 206 : 200);
    assert.equal(planned.data.length, 4);
    const estimated = await db.from('events').select('title', { count: 'estimated' });
    assert.equal(fine(estimated, 200).length, 4);
    assert.equal(estimated.count, 4);
  });
  test('a count alone', async () => {
    const answer = await db.from('events').select('*', { count: 'exact', head: true });
    assert.equal(answer.count, 4);
    assert.equal(answer.data, null);
    assert.equal(answer.status, 200);
  });
  test('single is one row', async () => {
    assert.deepEqual(fine(await events().eq('title', 'Beta').single(), 200), { title: 'Beta' });
  });
  test('single of none or several is 406', async () => {
    const none = refused(await events().eq('title', 'Nobody').single(), 406, 'PGRST116', 'Cannot coerce the result to a single JSON object');
    assert.equal(none.details, 'The result contains 0 rows');
    const several = refused(await events().single(), 406, 'PGRST116', 'Cannot coerce the result to a single JSON object');
    assert.equal(several.details, 'The result contains 4 rows');
  });
  test('maybeSingle of none is null', async () => {
    assert.equal(fine(await events().eq('title', 'Nobody').maybeSingle(), 200), null);
  });
  test('csv', async () => {
    const answer = await events('title,duration').eq('title', 'Beta').csv();
    assert.equal(fine(answer, 200), 'title,duration\nBeta,30');
  });
  test('nulls can be left out', async () => {
    assert.deepEqual(fine(await events('title,location').eq('title', 'Alpha').stripNulls(), 200), [{ title: 'Alpha' }]);
  });
});

describe('related rows', () => {
  test('many within one', async () => {
    const rows = fine(await events('title,event_invites(email,role)').order('duration').order('email', { referencedTable: 'event_invites' }).limit(2), 200);
    assert.deepEqual(rows, [
      { title: 'Alpha', event_invites: [{ email: 'x@example.org', role: 'viewer' }, { email: 'y@example.org', role: 'contributor' }] },
      { title: 'Beta', event_invites: [] }]);
  });
  test('one within each of many', async () => {
    const rows = fine(await db.from('event_invites').select('email,event:events(title)').order('email').limit(1), 200);
    assert.deepEqual(rows, [{ email: 'x@example.org', event: { title: 'Alpha' } }]);
  });
  test('an inner join filters the outer rows', async () => {
    const rows = fine(await events('title,event_invites!inner(email)').eq('event_invites.role', 'contributor'), 200);
    assert.deepEqual(rows, [{ title: 'Alpha', event_invites: [{ email: 'y@example.org' }] }]);
  });
  test('a left join does not', async () => {
    const rows = fine(await events('title,event_invites(email)').eq('event_invites.role', 'contributor').order('duration').limit(2), 200);
    assert.deepEqual(rows, [{ title: 'Alpha', event_invites: [{ email: 'y@example.org' }] }, { title: 'Beta', event_invites: [] }]);
  });
  test('a limit of the inner rows', async () => {
    const query = events('event_invites(email)').eq('title', 'Alpha').limit(1, { referencedTable: 'event_invites' });
    const rows = fine(await query.order('email', { referencedTable: 'event_invites' }), 200);
    assert.deepEqual(rows, [{ event_invites: [{ email: 'x@example.org' }] }]);
  });
  test('rows without related ones', async () => {
    const rows = fine(await events('title,event_invites()').is('event_invites', null).order('duration'), 200);
    assert.deepEqual(column(rows, 'title'), ['Beta', 'Gamma', 'a,b (x).y']);
  });
  test('an unrelated table is 400', async () => {
    const error = refused(await events('user_calendars(name)'), 400, 'PGRST200',
      "Could not find a relationship between 'events' and 'user_calendars' in the schema cache");
    assert.equal(error.details, "Searched for a foreign key relationship between 'events' and 'user_calendars' in the schema 'public', but no matches were found.");
  });
  test('a series with its exceptions, an exception with its series', async () => {
    // Of somebody else: what is deleted stays in a table, and the others count.
    const own = (await signedUp(server)).supabase.from('events');
    const [series] = fine(await own.insert(event({ title: 'Series', recurrence: 'FREQ=DAILY' })).select('id'), 201);
    fine(await own.insert(event({ title: 'Exception', series_id: series.id, original_start: event().start_time })), 201);
    const both = [
      { title: 'Series', exceptions: [{ title: 'Exception' }], hinted: [{ title: 'Exception' }], series: null },
      { title: 'Exception', exceptions: [], hinted: [], series: { title: 'Series' } },
    ];
    const select = 'title,exceptions:events(title),hinted:events!series_id(title),series:series_id(title)';
    assert.deepEqual(fine(await own.select(select).order('title', { ascending: false }), 200), both);
  });
  test('the foreign key by its name does not say which way', async () => {
    refused(await events('events_series_id_fkey(title)'), 400, 'PGRST200',
      "Could not find a relationship between 'events' and 'events_series_id_fkey' in the schema cache");
  });
  test('a filter on a table that is not selected is 400', async () => {
    const error = refused(await events().eq('event_invites.role', 'viewer'), 400, 'PGRST108',
      "'event_invites' is not an embedded resource in this request");
    assert.equal(error.hint, "Verify that 'event_invites' is included in the 'select' query parameter.");
  });
});

describe('refusals', () => {
  const none = (what) => `column events.${what} does not exist`;
  const unread = (what, text, at) => `"failed to parse ${what} (${text})" (line 1, column ${at})`;
  const missing = (name) => `Could not find the ${name} in the schema cache`;
  const cases = [
    ['an unknown table', () => db.from('nothing_here').select(), 404, 'PGRST205', missing("table 'public.nothing_here'")],
    ['an unknown column selected', () => events('nothing'), 400, '42703', none('nothing')],
    ['an unknown column filtered', () => events().eq('nothing', 1), 400, '42703', none('nothing')],
    ['an unknown column ordered by', () => events().order('nothing'), 400, '42703', none('nothing')],
    ['an unknown operator', () => events().filter('title', 'noop', 1), 400, 'PGRST100', unread('filter', 'noop.1', 1)],
    ['an unreadable logic tree', () => events().or('title.eq'), 400, 'PGRST100', unread('logic tree', '(title.eq)', 10)],
    ['an unreadable select', () => events('title('), 400, 'PGRST100', unread('select parameter', 'title(', 7)],
    ['is with another word', () => events().filter('title', 'is', 'maybe'), 400, 'PGRST100', unread('filter', 'is.maybe', 4)],
    ['a value of the wrong type', () => events().eq('id', 'nonsense'), 400, '22P02', 'invalid input syntax for type uuid: "nonsense"'],
    ['a time that is none', () => events().gt('start_time', 'never'), 400, '22007', 'invalid input syntax for type timestamp with time zone: "never"'],
    ['a number out of range', () => events().eq('duration', '99999999999'), 400, '22003', 'value "99999999999" is out of range for type integer'],
    ['a pattern on an id', () => events().like('id', 'x%'), 404, '42883', /^operator does not exist: uuid ~~ /],
    ['a range operator on a text', () => events().rangeGt('title', '[1,2)'), 404, '42883', /^operator does not exist: text >> /],
    ['a cast to no type', () => events('title::nonsense'), 400, '42704', 'type "nonsense" does not exist'],
    ['a cast that fails', () => events('title::int'), 400, '22P02', /^invalid input syntax for type integer: /],
    ['an aggregate', () => events('duration.sum()'), 400, 'PGRST123', 'Use of aggregate functions is not allowed'],
    ['another schema', () => db.schema('auth').from('users').select(), 406, 'PGRST106', 'Invalid schema: auth'],
    ['a range behind the end, counted', () => db.from('events').select('*', { count: 'exact' }).range(50, 59),
      416, 'PGRST103', 'Requested range not satisfiable'],
    ['an unknown function', () => db.rpc('nothing_here'), 404, 'PGRST202', missing('function public.nothing_here without parameters')],
    ['a function with wrong arguments', () => db.rpc('sync_pull', { x: 1 }), 404, 'PGRST202', missing('function public.sync_pull(x)')],
    ['a function of another schema', () => db.schema('auth').rpc('uid'), 406, 'PGRST106', 'Invalid schema: auth'],
    ['a column of a function that answers one value', () => db.rpc('people').select('display_name'), 400, '42703', 'column people.display_name does not exist'],
    ['a filter on what a function answers', () => db.rpc('people').eq('user_id', 1), 400, '42703', 'column people.user_id does not exist'],
  ];
  for (const [name, ask, status, code, message] of cases) {
    test(`${name} is ${status} ${code}`, async () => refused(await ask(), status, code, message));
  }
  test('what was looked for is told', async () => {
    const { details } = refused(await db.rpc('sync_pull', { x: 1, y: 2 }), 404, 'PGRST202', missing('function public.sync_pull(x, y)'));
    assert.equal(details, 'Searched for the function public.sync_pull with parameters x, y or with a single unnamed json/jsonb parameter, '
      + 'but no matches were found in the schema cache.');
    const unread = refused(await events().filter('title', 'noop', 1), 400, 'PGRST100', '"failed to parse filter (noop.1)" (line 1, column 1)');
    assert.equal(unread.details, 'unexpected "o" expecting "not" or operator (eq, gt, ...)');
    const end = refused(await db.from('events').select('*', { count: 'exact' }).range(50, 59), 416, 'PGRST103', 'Requested range not satisfiable');
    assert.equal(end.details, 'An offset of 50 was requested, but there are only 4 rows.');
    const other = refused(await db.schema('auth').from('users').select(), 406, 'PGRST106', 'Invalid schema: auth');
    assert.match(other.hint, /^Only the following schemas are exposed: public/);
  });

  test('without an account nothing can be read: 401', async () => {
    refused(await server.client().from('events').select(), 401, '42501', 'permission denied for table events');
  });
  test('a stranger sees nothing, and no error', async () => {
    const bob = await signedUp(server);
    assert.deepEqual(fine(await bob.supabase.from('events').select(), 200), []);
  });
  test('a token that is none is 401', async () => {
    const response = await fetch(`${server.url}/rest/v1/events`, { headers: { apikey: server.key, authorization: 'Bearer garbage' } });
    assert.equal(response.status, 401);
    const message = 'Expected 3 parts in JWT; got something else';
    assert.deepEqual(await response.json(), { code: 'PGRST301', message, details: null, hint: null });
    assert.equal(response.headers.get('www-authenticate'), `Bearer error="invalid_token", error_description="${message}"`);
    assert.equal(response.headers.get('proxy-status'), 'PostgREST; error=PGRST301');
  });
  test('an unknown preference matters to the strict alone', async () => {
    const ask = (prefer) => fetch(`${server.url}/rest/v1/events`, { headers: { apikey: server.key, prefer } });
    const strict = await ask('handling=strict, nonsense');
    assert.deepEqual([strict.status, await strict.json()], [400, {
      code: 'PGRST122', message: 'Invalid preferences given with handling=strict', details: 'Invalid preferences: nonsense', hint: null }]);
    const lenient = await ask('nonsense');
    assert.deepEqual([lenient.status, (await lenient.json()).code], [401, '42501']);
  });
});
