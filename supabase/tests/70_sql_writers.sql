-- Rows written, changed, deleted and loaded with plain SQL reach the devices like any other.
select t.sign_up('ann');
select t.sign_up('vic');

insert into public.events (id, owner_id, title, start_time, duration) values (t.id(1), t.user('ann'), 'by SQL', '2026-11-22 12:00Z', 60);
insert into public.events (id, owner_id, title, start_time, duration, recurrence) values (t.id(2), t.user('ann'), 'daily', '2026-11-22 12:00Z', 60, 'FREQ=DAILY;COUNT=3');
select t.is(t.pulled('ann', 2), array['events ' || t.id(1), 'events ' || t.id(2)], 'inserted');
do $$
declare
  e public.events;
begin
  select * into e from public.events where id = t.id(1);
  perform t.is(e.stamps ?& almanac.group_names('events'), true, 'all groups stamped');
  perform t.is(e.end_timestamp_ms - e.start_timestamp_ms, 3600000::bigint, 'derived');
  perform t.is(e.updated_at, almanac.newest(e.stamps), 'updated_at');
  perform t.is((select end_timestamp_ms from public.events where id = t.id(2)), 253402300799999, 'a rule from SQL has no end');
end
$$;

-- A changed group gets a greater stamp than the row had, even where the row is ahead of the clock; others keep theirs.
select t.be('ann');
select t.pushed(t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(1), 'notes', 'ahead'), array['notes'], t.stamp(t.clock(200000000))));
select t.be(null);
update public.events set title = 'changed' where id = t.id(1);
do $$
declare
  e public.events;
begin
  select * into e from public.events where id = t.id(1);
  perform t.is(left(e.stamps ->> 'title', 16)::bigint - left(e.stamps ->> 'notes', 16)::bigint between 1 and 1000, true, 'row + 1 to 1,000 µs');
  perform t.is(right(e.stamps ->> 'title', 16), '0000000000000000', 'the server''s device');
  perform t.is(right(e.stamps ->> 'notes', 16), '00000000000000d1', 'the other group');
end
$$;
-- Derived columns follow, and cannot be set.
update public.events set duration = 90, end_timestamp_ms = 0 where id = t.id(1);
select t.is((select end_timestamp_ms - start_timestamp_ms from public.events where id = t.id(1)), 5400000::bigint, 'recomputed');
update public.events set start_timestamp_ms = 0 where id = t.id(1);
select t.is((select end_timestamp_ms - start_timestamp_ms from public.events where id = t.id(1)), 5400000::bigint, 'kept');
-- The end that a client computed for a rule survives an edit of the title.
select t.be('ann');
select t.pushed(t.event(t.id(3), '{"recurrence":"FREQ=DAILY;COUNT=2","end_timestamp_ms":1795438800000}'));
select t.be(null);
update public.events set title = 'x' where id = t.id(3);
select t.is((select end_timestamp_ms from public.events where id = t.id(3)), 1795438800000, 'the client''s end');

-- DELETE is a tombstone; a change of content brings the row back; TRUNCATE is refused.
delete from public.events where id = t.id(1);
select t.is((select count(*) from public.events where id = t.id(1) and deleted_at is not null), 1::bigint, 'a tombstone');
select t.is((select stamps ->> 'life' > stamps ->> 'title' from public.events where id = t.id(1)), true, 'newer than the content');
delete from public.events where id = t.id(1);
select t.is(t.pulled('ann', t.head('ann') - 1), array['events ' || t.id(1)], 'told once');
update public.events set title = 'back' where id = t.id(1);
select t.is((select deleted_at from public.events where id = t.id(1)), null::timestamptz, 'alive');
update public.events set title = 'dead', deleted_at = now() where id = t.id(1);
select t.is((select deleted_at is not null from public.events where id = t.id(1)), true, 'deleted with a last word');
insert into public.user_categories (user_id, name, deleted_at) values (t.user('ann'), 'stillborn', now());
select t.is((select stamps ->> 'life' > stamps ->> 'name' from public.user_categories), true, 'a dead row is dead by its stamps too');
select t.is(t.state('truncate public.events cascade'), '0A000', 'truncate');
delete from public.user_calendars where user_id = t.user('ann');
select t.is((select count(*) from public.user_calendars where user_id = t.user('ann') and deleted_at is not null), 1::bigint, 'calendar');

-- Sharing by SQL.
insert into public.event_user_roles (event_id, user_id, role) values (t.id(2), t.user('vic'), 'viewer');
select t.is(t.pulled('vic', 2), array['events ' || t.id(2), 'event_user_roles ' || t.id(2) || ':' || t.user('vic')], 'granted');
insert into public.event_details_personal (event_id, user_id) values (t.id(2), t.user('vic'));
delete from public.event_details_personal where user_id = t.user('vic');
delete from public.event_user_roles where user_id = t.user('vic');
select t.is((select array_agg(left(x, 11) order by x) from unnest(t.pulled('vic', 4)) as y(x)), array['gone event_', 'gone event_', 'gone events'], 'revoked');
select t.is(t.state(format('insert into public.event_user_roles (event_id, user_id, role) values (%L, %L, ''owner'')', t.id(2), t.user('vic'))), '23514', 'a second owner');
select t.is(t.state(format('insert into public.event_user_roles (event_id, user_id) values (%L, %L)', t.id(99), t.user('vic'))), '23503', 'a role of nothing');

-- What is written once stays.
select t.is(t.state(format('update public.events set owner_id = %L where id = %L', t.user('vic'), t.id(2))), '42501', 'owner_id');
select t.is(t.state(format('update public.events set id = %L where id = %L', t.id(98), t.id(2))), '42501', 'id');

-- Upserts, and a load of many rows in one statement.
insert into public.user_calendars (id, user_id, name) values (t.id(5), t.user('ann'), 'a'), (t.id(6), t.user('ann'), 'b');
insert into public.user_calendars (id, user_id, name) values (t.id(5), t.user('ann'), 'a2'), (t.id(7), t.user('ann'), 'c')
  on conflict (id) do update set name = excluded.name;
select t.is((select name from public.user_calendars where id = t.id(5)), 'a2', 'upserted');
create temp table head_before as select t.head('ann') as seq;
insert into public.events (owner_id, title, start_time, duration)
  select t.user('ann'), 'load ' || i, timestamptz '2030-01-01 00:00Z' + i * interval '1 hour', 60 from generate_series(1, 3000) as x(i);
select t.is(t.head('ann'), (select seq + 3000 from head_before), 'one number a row');
select t.is((select count(*) from almanac.sync_feed f where f.user_id = t.user('ann') and f.seq > (select seq from head_before)), 3000::bigint, 'numbered');

-- A large load has a short way of its own: the same stamps, bounds and numbers as any other.
select t.sign_up('imp');
create temp table start as select t.head('imp') as seq;
create temp table batch as
  select gen_random_uuid() as id, i, timestamptz '2031-01-01 00:00:00.123456Z' + i * interval '1 hour' as at from generate_series(1, 6000) as x(i);
-- Of some rows the feed knows already, as after an event that was taken back and collected.
insert into almanac.sync_feed (user_id, table_name, row_key, seq)
  select t.user('imp'), 'events', id::text, -i from batch where i <= 100;
insert into public.events (id, owner_id, title, start_time, duration, stamps, updated_at, start_timestamp_ms, end_timestamp_ms)
  select id, t.user('imp'), 'import ' || i, at, 60, '{"title":"9999999999999999-ffffffffffffffff"}', '2099-01-01Z', 7, 8 from batch;
do $$
begin
  perform t.is((select count(*) from public.events e join batch b using (id)
                 where e.stamps ?& almanac.group_names('events') and e.updated_at = almanac.newest(e.stamps)
                   and abs(extract(epoch from clock_timestamp() - e.updated_at)) < 600
                   and right(e.stamps ->> 'title', 16) = '0000000000000000'
                   and e.start_timestamp_ms = almanac.start_ms(b.at) and e.end_timestamp_ms = almanac.end_ms(b.at, 60, null)),
    6000::bigint, 'stamped and derived by the server, whatever was given');
  perform t.is(t.head('imp'), (select seq + 6000 from start), 'one number a row');
  perform t.is((select array_agg(f.row_key order by f.seq) from almanac.sync_feed f, start s where f.user_id = t.user('imp') and f.seq > s.seq),
               (select array_agg(id::text order by id::text collate "C") from batch), 'all of them, in the order of their keys');
  perform t.is((select array[min(f.seq), max(f.seq)] from almanac.sync_feed f, start s where f.user_id = t.user('imp') and f.seq > s.seq),
               (select array[seq + 1, seq + 6000] from start), 'without a gap');
end
$$;
-- What is changed at once moves at once, and what was noted twice gets one number, as in a small transaction.
update public.events set location = 'here' where owner_id = t.user('imp') and title <= 'import 5';
do $$
declare
  many constant bigint := (select count(*) from public.events where location = 'here' and owner_id = t.user('imp'));
begin
  perform t.is(many > 0 and many < 5000, true, 'a part');
  perform t.is(t.head('imp'), (select seq + 6000 + many from start), 'each once');
end
$$;
create temp table mark_all as select t.head('imp') as seq;
update public.events set location = 'there' where owner_id = t.user('imp');
select t.is(t.head('imp'), (select seq + 6000 from mark_all), 'all of them again');
select t.is((select count(*) from almanac.sync_feed f where f.user_id = t.user('imp') and f.table_name = 'events'), 6000::bigint, 'one place a row');
begin;
update public.events set location = 'elsewhere' where owner_id = t.user('imp');
update public.events set title = 'twice' where owner_id = t.user('imp');
commit;
select t.is(t.head('imp'), (select seq + 12000 from mark_all), 'noted twice, numbered once');
-- Two owners in one statement: each has their own numbers.
create temp table marks as select t.head('imp') as imp, t.head('ann') as ann;
insert into public.events (owner_id, title, start_time, duration)
  select t.user(case when i <= 5500 then 'imp' else 'ann' end), 'both ' || i, timestamptz '2032-01-01 00:00Z' + i * interval '1 hour', 60
    from generate_series(1, 6000) as x(i);
select t.is(array[t.head('imp') - m.imp, t.head('ann') - m.ann], array[5500, 500]::bigint[], 'of each') from marks m;
-- Whose rights are in question has no short way, and forges nothing.
select t.be('imp');
insert into public.events (id, owner_id, title, start_time, duration, stamps, start_timestamp_ms, end_timestamp_ms)
  values (t.id(40), t.user('imp'), 'mine', '2033-01-01 00:00Z', 60, '{"title":"9999999999999999-ffffffffffffffff"}', 7, 8);
select t.is((select right(stamps ->> 'title', 16) from public.events where id = t.id(40)), '0000000000000000', 'the server''s stamp');
select t.is(t.state(format('insert into public.events (owner_id, title, start_time, duration, start_timestamp_ms, end_timestamp_ms) values (%L, ''his'', now(), 60, 0, 0)', t.user('vic'))), '42501', 'in another''s name');
select t.be(null);

-- A transaction is numbered as a whole, at its end; one undone in part only by what is left; an undone one not at all.
create temp table mark as select t.head('ann') as seq;
begin;
update public.user_calendars set name = 'one' where id = t.id(5);
savepoint s;
update public.user_calendars set name = 'two' where id = t.id(6);
rollback to s;
update public.user_calendars set name = 'three' where id = t.id(5);
select t.is(t.head('ann'), (select seq from mark), 'not before the commit');
commit;
select t.is(t.head('ann'), (select seq + 1 from mark), 'one row, one number');
begin;
update public.user_calendars set name = 'four' where id = t.id(6);
rollback;
select t.is(t.head('ann'), (select seq + 1 from mark), 'undone');
-- An older snapshot could miss a grant.
begin isolation level repeatable read;
select t.is(t.state(format('update public.user_calendars set name = ''z'' where id = %L', t.id(6))), '25001', 'repeatable read');
rollback;
select t.is((select count(*) from almanac.sync_note) + (select count(*) from almanac.sync_noting), 0::bigint, 'no notes are left');
