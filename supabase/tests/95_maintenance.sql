-- Collection of tombstones, a new epoch, the optional publication.
select t.sign_up('ann');
select t.sign_up('vic');
select t.be('ann');
select t.pushed(t.event(t.id(1)), t.event(t.id(2), '{"recurrence":"FREQ=DAILY"}'),
  t.event(t.id(3), jsonb_build_object('series_id', t.id(2), 'original_start', '2026-11-23T12:00:00Z')), t.event(t.id(4)),
  t.role(t.id(2), 'vic', 'viewer'));
select t.pushed(t.dead('events', t.id(1)::text, jsonb_build_object('id', t.id(1))));
select t.pushed(t.dead('events', t.id(3)::text, jsonb_build_object('id', t.id(3))));
select t.pushed(t.dead('events', t.id(2)::text, jsonb_build_object('id', t.id(2))));
select t.pushed(t.dead('event_user_roles', t.id(2) || ':' || t.user('vic'), jsonb_build_object('event_id', t.id(2), 'user_id', t.user('vic'))));
select t.be(null);
select t.is(almanac.collect_tombstones('1 hour'), 0, 'nothing is old');
select t.is((select max(floor) from public.sync_head), 0::bigint, 'no floor');
-- In bounded steps, children first.
select t.is(almanac.collect_tombstones('0', 1), 1, 'one');
select t.is((select count(*) from public.event_user_roles), 0::bigint, 'the role');
select t.is(almanac.collect_tombstones('0', 100), 3, 'the rest');
select t.is(almanac.collect_tombstones('0', 100), 0, 'no more');
select t.is((select array_agg(id) from public.events), array[t.id(4)], 'what lives stays');
select t.is((select count(*) from almanac.sync_feed where table_name = 'events' and row_key <> t.id(4)::text), 0::bigint, 'no entries of what is gone');
-- A device that has not heard of it must fetch all again; one that has goes on.
select t.be('ann');
select t.is(public.sync_pull(3, 10) ->> 'resync', 'floor', 'an old cursor');
select t.is(public.sync_pull((public.sync_pull(3, 10) ->> 'at')::bigint, 10) ->> 'resync', null, 'a new one');
select t.is((public.sync_pull(3, 10) ->> 'floor')::bigint > 3, true, 'floor');
select t.be('vic');
select t.is(public.sync_pull(2, 10) ->> 'resync', 'floor', 'whoever shared it too');
select t.be(null);

-- A dead series takes along what still lives on it; what is alive and its children stay.
select t.be('ann');
select t.pushed(t.event(t.id(12), '{"recurrence":"FREQ=DAILY"}'),
  t.event(t.id(13), jsonb_build_object('series_id', t.id(12), 'original_start', '2026-11-23T12:00:00Z')),
  t.role(t.id(12), 'vic', 'viewer'), t.role(t.id(4), 'vic', 'viewer'));
select t.be(null);
insert into public.event_details_personal (event_id, user_id) values (t.id(13), t.user('vic')), (t.id(4), t.user('vic'));
delete from public.events where id = t.id(12);
select t.is(almanac.collect_tombstones('0', 100), 4, 'series, exception, role, overlay');
select t.is((select count(*) from public.events) || ' ' || (select count(*) from public.event_user_roles) || ' '
  || (select count(*) from public.event_details_personal), '1 1 1', 'what lives');

-- A new epoch.
do $$
declare
  before uuid := (select epoch from almanac.sync_meta);
  now_is uuid := public.sync_new_epoch();
begin
  perform t.is(before <> now_is, true, 'changed');
  perform t.is((select epoch from almanac.sync_meta), now_is, 'kept');
end
$$;

-- The tables can be published for other clients, also twice.
\i :optional
\i :optional
select t.is((select count(*) from pg_publication_tables where pubname = 'supabase_realtime'), 8::bigint, 'published');
