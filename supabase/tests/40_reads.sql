-- sync_pull, sync_bootstrap, sync_window, sync_rows, sync_digest.
select t.sign_up('ann');
select t.be('ann');
select t.pushed(t.event(t.id(1), '{"start_time":"2026-11-22T12:00:00Z"}'));
select t.pushed(t.event(t.id(2), '{"start_time":"2027-11-22T12:00:00Z"}'),
                t.event(t.id(3), '{"start_time":"2020-01-01T12:00:00Z","recurrence":"FREQ=DAILY"}'),
                t.event(t.id(4), jsonb_build_object('series_id', t.id(3), 'original_start', '2020-01-02T12:00:00Z', 'start_time', '2020-01-02T15:00:00Z')),
                t.event(t.id(5), '{"start_time":"2026-11-30T00:00:00Z","duration":0}'));

-- Numbers rise without gaps; the page size is kept; the end is an empty page.
do $$
declare
  after bigint := 0;
  page jsonb;
  seen bigint[] := '{}';
begin
  loop
    page := public.sync_pull(after, 2);
    perform t.is((page ->> 'at')::bigint, 7::bigint, 'the head');
    exit when page -> 'changes' = '[]';
    perform t.is(jsonb_array_length(page -> 'changes') <= 2, true, 'limit');
    seen := seen || array(select (c ->> 'seq')::bigint from jsonb_array_elements(page -> 'changes') as x(c));
    after := seen[cardinality(seen)];
  end loop;
  perform t.is(seen, array[1, 2, 3, 4, 5, 6, 7]::bigint[], 'all numbers');
  perform t.is(public.sync_pull(8, 10) ->> 'resync', 'head', 'a cursor beyond the head');
  perform t.is(page ? 'resync', false, 'no resync');
  perform t.is(page ->> 'epoch', (public.sync_pull(0, 1) ->> 'epoch'), 'epoch');
end
$$;

-- A row changed again moves to the end of the feed: one entry a row.
select t.pushed(t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(1), 'title', 'x'), array['title'], t.stamp(t.clock())));
select t.be(null);
select t.is((select count(*) from almanac.sync_feed where user_id = t.user('ann')), 7::bigint, 'entries');
select t.is(t.pulled('ann', 7), array['events ' || t.id(1)], 'only the change');

-- Windows: overlap, families whole, an event without length counts as its start.
create function t.window_of(p_from timestamptz, p_to timestamptz, p_limit integer default 1000) returns text[] language plpgsql as $$
declare
  after text;
  page jsonb;
  got text[] := '{}';
  turns integer := 0;
begin
  loop
    page := public.sync_window((extract(epoch from p_from) * 1000)::bigint, (extract(epoch from p_to) * 1000)::bigint, after, p_limit);
    got := got || array(select right(r ->> 'key', 1) from jsonb_array_elements(page -> 'rows') as x(r) where r ->> 'table' = 'events');
    perform t.is(page -> 'total' = 'null', after is not null, 'total on the first page only');
    after := page ->> 'next';
    exit when after is null;
    turns := turns + 1;
    assert turns < 20, 'no end of pages';
  end loop;
  return got;
end
$$;
select t.be('ann');
do $$
begin
  perform t.is(t.window_of('2026-11-22 00:00Z', '2026-11-23 00:00Z'), array['1', '3', '4'], 'a day');
  perform t.is(t.window_of('2026-11-22 12:30Z', '2026-11-22 12:31Z'), array['1', '3', '4'], 'inside the event');
  perform t.is(t.window_of('2026-11-22 13:00Z', '2026-11-22 14:00Z'), array['3', '4'], 'its end is not in it');
  perform t.is(t.window_of('2026-11-22 11:00Z', '2026-11-22 12:00Z'), array['3', '4'], 'the end of the window is not in it');
  perform t.is(t.window_of('2026-11-30 00:00Z', '2026-11-30 00:01Z'), array['3', '4', '5'], 'without length');
  perform t.is(t.window_of('2026-11-29 23:00Z', '2026-11-30 00:00Z'), array['3', '4'], 'without length, before');
  perform t.is(t.window_of('2019-01-01 00:00Z', '2019-02-01 00:00Z'), '{}'::text[], 'before all');
  perform t.is(t.window_of('2026-11-01 00:00Z', '2026-12-31 00:00Z', 1), array['1', '3', '4', '5'], 'in pages of one');
end
$$;

-- Bootstrap: all that is one's own and the window's events, no tombstones.
select t.pushed(t.dead('events', t.id(5)::text, jsonb_build_object('id', t.id(5))));
do $$
declare
  page jsonb := public.sync_bootstrap(1795305600000, 1796342400000);
begin
  perform t.is((select array_agg(r ->> 'table' order by o) from jsonb_array_elements(page -> 'rows') with ordinality as x(r, o)),
    array['user_profiles', 'user_calendars', 'events', 'events', 'events'], 'rows');
  perform t.is((page ->> 'total')::int, 5, 'total');
  perform t.is(page ->> 'next', null, 'one page');
  perform t.is((page ->> 'at')::bigint, t.head('ann'), 'at');
  perform t.is(t.state($q$ select public.sync_bootstrap(0, 1, 'nonsense') $q$), '22023', 'a cursor that is none');
end
$$;

-- What was split off brings the overlays of where it came from.
select t.pushed(t.event(t.id(6), jsonb_build_object('start_time', '2031-01-01T12:00:00Z', 'split_from', t.id(1))),
                t.event(t.id(7), jsonb_build_object('start_time', '2032-01-01T12:00:00Z', 'split_from', t.id(6))));
insert into public.event_details_personal (event_id, show_time_as) values (t.id(1), 'free');
do $$
declare
  page jsonb := public.sync_window(1956528000000, 1956614400000);
begin
  perform t.is((select array_agg((r ->> 'table') || ' ' || right(left(r ->> 'key', 36), 1) order by o) from jsonb_array_elements(page -> 'rows') with ordinality as x(r, o)),
    array['events 3', 'events 4', 'events 7', 'event_details_personal 1'], 'overlay of the origin');
end
$$;

-- sync_rows: as they are now; what one may not see is gone.
do $$
declare
  rows jsonb := public.sync_rows(jsonb_build_array(jsonb_build_object('table', 'events', 'key', t.id(5)), jsonb_build_object('table', 'events', 'key', t.id(99)))) -> 'rows';
begin
  perform t.is(rows -> 0 -> 'row' ->> 'deleted_at' is not null, true, 'a tombstone is a row');
  perform t.is(rows -> 1 -> 'gone', 'true'::jsonb, 'nothing there');
  perform t.is(t.state($q$ select public.sync_rows('[{"table":"events","key":"x"}]') $q$), '22023', 'no key');
end
$$;

-- The digest counts live rows, of events those in the coverage, and hashes keys and stamps.
do $$
declare
  one jsonb := public.sync_digest('[[1795305600000,1795392000000]]') -> 'tables';
  stamps text;
begin
  perform t.is((one -> 'events' ->> 'count')::int, 3, 'in the coverage');
  perform t.is((public.sync_digest('[]') -> 'tables' -> 'events' ->> 'count')::int, 0, 'without coverage');
  perform t.is((one -> 'user_calendars' ->> 'count')::int, 1, 'calendars');
  perform t.is((one -> 'ai_personas' ->> 'hash'), '0000000000000000', 'nothing');
  select string_agg(key || '=' || value, ',' order by key collate "C") into stamps
    from jsonb_each_text((select c.stamps from public.user_calendars c));
  perform t.is(one -> 'user_calendars' ->> 'hash', left(md5((select c.id from public.user_calendars c) || '|' || stamps), 16), 'one row''s hash');
  perform t.is(public.sync_digest('[[1795305600000,1795392000000],[1795305600000,1895392000000]]') -> 'tables' -> 'events' ->> 'count', '4', 'overlapping intervals count once');
  perform t.is(public.sync_digest((select jsonb_agg(jsonb_build_array(1795305600000, 1895392000000)) from generate_series(1, 1000))) -> 'tables' -> 'events' ->> 'count',
    '4', 'the same a thousand times is no more work');
  perform t.is(public.sync_digest('[[1795392000000,1795305600000],[1,1],[null,5],[]]') -> 'tables' -> 'events' ->> 'count', '0', 'spans that are none');
end
$$;
select t.pushed(t.entry('user_profiles', t.user('ann')::text, jsonb_build_object('id', t.user('ann'), 'title', 'Dr'), array['title'], t.stamp(t.clock())));
select t.be(null);
-- Sums are taken modulo 2^64.
select t.is(almanac.hash_text(-1), 'ffffffffffffffff', 'minus one');
select t.is(almanac.hash_text(18446744073709551616 + 5), '0000000000000005', 'beyond');
select t.is(almanac.hash_text(9223372036854775808), '8000000000000000', 'half');

-- A page is cut at a megabyte, but holds one row at least.
select t.be('ann');
select t.pushed(t.event(t.id(80), jsonb_build_object('notes', repeat('a', 200000))), t.event(t.id(81), jsonb_build_object('notes', repeat('b', 200000))),
                t.event(t.id(82), jsonb_build_object('notes', repeat('c', 200000))), t.event(t.id(83), jsonb_build_object('notes', repeat('d', 200000))),
                t.event(t.id(84), jsonb_build_object('notes', repeat('e', 200000))), t.event(t.id(85), jsonb_build_object('notes', repeat('f', 200000))));
do $$
begin
  perform t.is(jsonb_array_length(public.sync_pull(t.head('ann') - 6, 100) -> 'changes'), 4, 'four of six');
  perform t.is(octet_length(public.sync_pull(0, 1000)::text) < 1100000, true, 'a page');
  perform t.is(array_length(t.window_of('2026-11-22 12:30Z', '2026-11-22 12:31Z'), 1), 9, 'all in pages');
end
$$;
select t.be(null);
