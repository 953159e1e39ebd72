-- sync_push: creating, changing, deleting; by stamp, per entry, again and again.
select t.sign_up('ann');
select t.sign_up('bob');
select t.be('ann');

-- A new event is stored as it was sent, with the derived times computed.
do $$
declare
  answer jsonb := t.pushed(t.event(t.id(1), '{"title":"Lunch"}', t.stamp(1763823723123456)));
  r jsonb := answer -> 0 -> 'row';
begin
  perform t.is(r ->> 'title', 'Lunch', 'title');
  perform t.is(r ->> 'owner_id', t.user('ann')::text, 'owner');
  perform t.is(r ->> 'start_time', '2026-11-22T12:00:00.000000Z', 'start');
  perform t.is((r ->> 'end_timestamp_ms')::bigint - (r ->> 'start_timestamp_ms')::bigint, 3600000::bigint, 'an hour');
  perform t.is(r -> 'stamps' ->> 'title', t.stamp(1763823723123456), 'its stamp');
  perform t.is(r ->> 'updated_at', '2025-11-22T15:02:03.123456Z', 'updated_at');
  perform t.is(answer -> 0 -> 'generation', '1'::jsonb, 'generation');
end
$$;

-- Sending again changes nothing and numbers nothing.
do $$
declare
  before bigint := t.head('ann');
begin
  perform t.pushed(t.event(t.id(1), '{"title":"Lunch"}', t.stamp(1763823723123456)));
end
$$;
select t.is(t.head('ann'), 3::bigint, 'profile, calendar, event');

-- The later stamp wins, whatever the order of arrival.
select t.pushed(t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(1), 'title', 'Late'), array['title'], t.stamp(1763823723999999)));
select t.pushed(t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(1), 'title', 'Early'), array['title'], t.stamp(1763823723500000)));
do $$
begin
  perform t.is((select title from public.events where id = t.id(1)), 'Late', 'the later title');
end
$$;
select t.is(t.head('ann'), 4::bigint, 'a superseded edit is no change');

-- A patch leaves the other groups alone; columns of groups that are not stamped are ignored, and so are immutable ones.
select t.pushed(t.entry('events', t.id(1)::text,
  jsonb_build_object('id', t.id(1), 'location', 'Park', 'title', 'not stamped', 'owner_id', t.user('bob')), array['location'], t.stamp(t.clock())));
do $$
begin
  perform t.is((select title || ' ' || location || ' ' || (owner_id = t.user('ann')) from public.events where id = t.id(1)), 'Late Park true', 'patch');
end
$$;

-- Deleting leaves a tombstone, a later edit of content brings the row back.
select t.pushed(t.dead('events', t.id(1)::text, jsonb_build_object('id', t.id(1))));
do $$ begin perform t.is((select deleted_at is not null from public.events where id = t.id(1)), true, 'dead'); end $$;
select t.pushed(t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(1), 'title', 'Again'), array['title'], t.stamp(t.clock(1000))));
do $$ begin perform t.is((select deleted_at is null from public.events where id = t.id(1)), true, 'alive'); end $$;

-- One bad entry costs only itself; verdicts are in the order sent; the refused row is shown.
-- (catches)
do $$
declare
  answer jsonb := t.push(
    t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(1), 'start_time', '2026-11-22T12:00:00Z', 'duration', -1,
            'all_day', false, 'time_zone', 'UTC', 'recurrence', null), array['when'], t.stamp(t.clock()), 7),
    t.event(t.id(2)),
    t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(1), 'notes', 'n'), array['notes'], t.stamp(t.clock()), 8),
    t.entry('user_calendars', t.id(3)::text, jsonb_build_object('id', t.id(3), 'name', 'Work', 'color', 'red', 'visible', true,
            'is_default', false, 'position', 1.5, 'default_reminders', '[10]'::jsonb),
            array['name', 'color', 'visible', 'is_default', 'position', 'default_reminders'], t.stamp(t.clock())));
begin
  perform t.is((select array_agg(coalesce(r ->> 'code', r ->> 'status') order by o) from jsonb_array_elements(answer) with ordinality as x(r, o)),
    array['invalid', 'done', 'done', 'done'], 'verdicts');
  perform t.is((answer -> 0 ->> 'message') like 'events_bounds: %', true, 'names the constraint');
  perform t.is(answer -> 0 -> 'row' ->> 'title', 'Again', 'the row as it is');
  perform t.is(answer -> 0 -> 'generation', '7'::jsonb, 'generation');
end
$$;

-- Rules: far future unless the client says when it ends.
do $$
declare
  r jsonb;
begin
  r := t.pushed(t.event(t.id(4), '{"recurrence":"FREQ=DAILY"}')) -> 0 -> 'row';
  perform t.is((r ->> 'end_timestamp_ms')::bigint, 253402300799999, 'without end');
  r := t.pushed(t.event(t.id(5), '{"recurrence":"FREQ=DAILY;COUNT=2","end_timestamp_ms":1795438800000}')) -> 0 -> 'row';
  perform t.is((r ->> 'end_timestamp_ms')::bigint, 1795438800000, 'as the client computed');
  r := t.pushed(t.event(t.id(6), '{"end_timestamp_ms":1}')) -> 0 -> 'row';
  perform t.is((r ->> 'end_timestamp_ms')::bigint, (extract(epoch from timestamptz '2026-11-22 13:00Z') * 1000)::bigint, 'computed without a rule');
end
$$;

-- Refused by form or by rule.
select t.be(null);
insert into t.asked (who, entry, want, what) values
  ('ann', t.entry('events', t.id(50)::text, jsonb_build_object('id', t.id(50), 'title', 'x'), array['title'], t.stamp(t.clock())), 'missing', 'no such row'),
  ('ann', t.event(t.id(51), '{"all_day":true}'), 'invalid', 'an all-day event starts at midnight'),
  ('ann', t.event(t.id(51), '{"duration":"long"}'), 'invalid', 'a word for a number'),
  ('ann', t.event(t.id(51), '{"title":null}'), 'invalid', 'no title'),
  ('ann', t.event(t.id(51), jsonb_build_object('series_id', t.id(52), 'original_start', '2026-11-22T12:00:00Z')), 'parent_missing', 'no series'),
  ('ann', t.event(t.id(51), jsonb_build_object('owner_id', t.user('bob'))), 'forbidden', 'in another''s name'),
  ('ann', t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(1), 'mood', 'glad'), array['mood'], t.stamp(t.clock())), '42703', 'unknown group'),
  ('ann', t.entry('nothing', t.id(1)::text, jsonb_build_object('id', t.id(1)), array['mood'], t.stamp(t.clock())), '42P01', 'unknown table'),
  ('ann', t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(2), 'title', 'x'), array['title'], t.stamp(t.clock())), 'invalid', 'another key'),
  ('ann', t.entry('events', 'x', jsonb_build_object('id', 'x', 'title', 'x'), array['title'], t.stamp(t.clock())), 'invalid', 'no key'),
  ('ann', t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(1), 'title', 'x'), array['title'], 'soon'), 'invalid', 'no stamp'),
  ('ann', t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(1), 'duration', 5), array['when'], t.stamp(t.clock())), 'invalid', 'half a group'),
  ('ann', t.entry('user_profiles', t.user('ann')::text, jsonb_build_object('id', t.user('ann'), 'first_name', 'Ann'), array['names'], t.stamp(t.clock())), 'invalid', 'the last name would be wiped'),
  ('ann', '{}'::jsonb, '42P01', 'nothing at all'),
  ('ann', '7', '42P01', 'a number'),
  ('ann', t.entry('event_details_personal', t.id(99) || ':' || t.user('ann'), jsonb_build_object('event_id', t.id(99), 'user_id', t.user('ann'),
    'calendar_id', null, 'category_id', null, 'show_time_as', 'free', 'time_defense_level', 'normal', 'ai_managed', false, 'ai_instructions', null,
    'persona_id', null, 'reminders', null), array['calendar', 'category', 'show_time_as', 'time_defense_level', 'ai', 'reminders'], t.stamp(t.clock())),
    'parent_missing', 'an overlay of nothing');
select t.all_as_asked();
select t.be('ann');
select t.is(t.state('select t.push(variadic array_fill(''{}''::jsonb, array[501]))'), '22023', 'too many');

-- A clock that is ahead: nothing is written, the server's time is told.
do $$
declare
  answer jsonb := public.sync_push('00000000000000d1', jsonb_build_array(t.event(t.id(60)), t.event(t.id(61), '{}', t.stamp(t.clock(301000000)))));
begin
  perform t.is(answer ->> 'error', 'clock_ahead', 'error');
  perform t.is(abs((answer ->> 'now')::bigint - t.clock()) < 10000000, true, 'now');
  perform t.is(answer ? 'results', false, 'no results');
  perform t.is((select count(*) from public.events where id in (t.id(60), t.id(61))), 0::bigint, 'nothing written');
  perform t.is(t.verdict(t.event(t.id(61), '{}', t.stamp(t.clock(290000000)))), 'done', 'a little ahead is fine');
end
$$;

-- A series and its exception in one batch, in the wrong order; an entry of a row twice; the head in the answer.
do $$
declare
  before bigint := t.head('ann');
  answer jsonb := public.sync_push('00000000000000d1', jsonb_build_array(
    t.event(t.id(71), jsonb_build_object('series_id', t.id(70), 'original_start', '2026-11-23T12:00:00Z')),
    t.event(t.id(70), '{"recurrence":"FREQ=DAILY"}'),
    t.entry('events', t.id(70)::text, jsonb_build_object('id', t.id(70), 'title', 'Twice'), array['title'], t.stamp(t.clock(500000)))));
begin
  perform t.is((select bool_and(r ->> 'status' = 'done') from jsonb_array_elements(answer -> 'results') as x(r)), true, 'all done');
  perform t.is((answer ->> 'at')::bigint, before, 'at counts no number to come');
  perform t.is((select title from public.events where id = t.id(70)), 'Twice', 'the second');
end
$$;

-- What is the server's trouble fails the request, never an entry.
begin isolation level repeatable read;
select t.is(t.state('select t.push(t.event(t.id(80)))'), '25001', 'an isolation level that could miss a grant');
rollback;

-- What the wire cannot say is not stored: no instant without an end, no position that is no number.
select t.be('ann');
select t.pushed(t.event(t.id(170), '{"recurrence":"FREQ=DAILY"}'));
select t.be(null);
insert into t.asked (who, what, entry, want)
select 'ann', 'an exception ' || x, t.event(t.id(171), jsonb_build_object('series_id', t.id(170), 'original_start', x)), 'invalid'
  from unnest(array['infinity', '-infinity', '12000-01-01']) as y(x)
union all
select 'ann', 'at ' || x, t.entry('user_categories', t.id(172)::text, jsonb_build_object('id', t.id(172), 'name', 'x', 'color', 'red', 'visible', true,
    'is_default', false, 'position', x), array['name', 'color', 'visible', 'is_default', 'position'], t.stamp(t.clock())), 'invalid'
  from unnest(array['NaN', 'Infinity', '-Infinity']) as y(x)
union all
select 'ann', 'deleted after all', t.entry('events', t.id(170)::text, jsonb_build_object('id', t.id(170), 'deleted_at', '12000-01-01'), array['life'],
    t.stamp(t.clock(1))), 'invalid';
insert into t.asked (who, what, statement, want)
select 'ann', 'deleted directly ' || x, format('update public.events set deleted_at = %L where id = t.id(170)', x), '23514'
  from unnest(array['infinity', '-infinity', '12000-01-01', '0044-03-15 BC']) as y(x);
select t.all_as_asked();

-- What is answered is what stands there: of what is made, changed, merged, superseded, deleted and sent again.
select t.be('ann');
do $$
declare
  overlay text := t.id(190) || ':' || t.user('ann');
  calendar jsonb := jsonb_build_object('id', t.id(191), 'user_id', t.user('ann'), 'name', 'Work', 'color', 'red', 'visible', true,
    'is_default', false, 'position', 0.1, 'default_reminders', '[10, 5]'::jsonb);
  fields  jsonb := jsonb_build_object('event_id', t.id(190), 'user_id', t.user('ann'), 'show_time_as', 'busy',
    'time_defense_level', 'normal', 'ai_managed', false, 'ai_instructions', null, 'persona_id', null,
    'reminders', null, 'category_id', null, 'calendar_id', upper(t.id(191)::text));
  step    jsonb[];
  got     jsonb;
  stands  jsonb;
begin
  foreach step slice 1 in array array[
    [t.event(t.id(190), '{"start_time":"2026-11-22T13:00:00+01:00"}', t.stamp(1763823723123456)),
     t.entry('user_calendars', t.id(191)::text, calendar, array['name', 'color', 'visible', 'is_default', 'position', 'default_reminders'], t.stamp(1763823723123456)),
     t.entry('event_details_personal', overlay, fields,
       array['calendar', 'category', 'show_time_as', 'time_defense_level', 'ai', 'reminders'], t.stamp(1763823723123456))],
    [t.entry('events', t.id(190)::text, jsonb_build_object('id', t.id(190), 'title', 'changed'), array['title'], t.stamp(1763823723200000)),
     t.entry('user_calendars', t.id(191)::text, calendar || '{"position":1e0}', array['position'], t.stamp(1763823723200000)),
     t.entry('event_details_personal', overlay, fields || '{"show_time_as":"free"}', array['show_time_as'], t.stamp(1763823723200000))],
    [t.event(t.id(190), '{"title":"in part","duration":15}', t.stamp(1763823723190000)),
     t.entry('user_calendars', t.id(191)::text, calendar || '{"name":"Late"}', array['name', 'position'], t.stamp(1763823723190000)),
     t.entry('event_details_personal', overlay, fields || '{"show_time_as":"oof"}', array['show_time_as'], t.stamp(1763823723190000))],
    [t.dead('events', t.id(190)::text, jsonb_build_object('id', t.id(190))),
     t.dead('user_calendars', t.id(191)::text, jsonb_build_object('id', t.id(191))),
     t.dead('event_details_personal', overlay, fields)]]
  loop
    got := t.pushed(variadic step || step);
    stands := public.sync_rows(jsonb_build_array(jsonb_build_object('table', 'events', 'key', t.id(190)),
      jsonb_build_object('table', 'user_calendars', 'key', t.id(191)),
      jsonb_build_object('table', 'event_details_personal', 'key', overlay))) -> 'rows';
    for i in 0 .. 5 loop
      perform t.is(got -> i -> 'row', stands -> (i % 3) -> 'row', 'entry ' || i);
    end loop;
  end loop;
end
$$;

-- Nobody is signed in.
select t.be('');
select t.is(t.state('select public.sync_push(''d'', ''[]'')'), '42501', 'anonymous push');
select t.be(null);
select t.is((select count(*) from almanac.sync_note) + (select count(*) from almanac.sync_noting), 0::bigint, 'no notes are left');
