-- "This and following": a series is cut, and a new one goes on from there (`split_from`). Whoever may change its content may
-- do that; the new series stays the owner's and is shared with the same people.
select t.sign_up(n) from unnest(array['ann', 'dan', 'con', 'vic', 'eve']) as x(n);
select t.be('ann');
select t.pushed(t.event(t.id(1), '{"title":"series","recurrence":"FREQ=DAILY"}'));
select t.pushed(t.role(t.id(1), 'dan', 'delegate_full'), t.role(t.id(1), 'con', 'contributor'), t.role(t.id(1), 'vic', 'viewer'), t.role(t.id(1), 'eve', 'viewer'));
select t.be('vic');
select t.pushed(t.entry('event_user_roles', t.id(1) || ':' || t.user('vic'), jsonb_build_object('event_id', t.id(1), 'user_id', t.user('vic'), 'rsvp', 'accepted'), array['rsvp'], t.stamp(t.clock())));
select t.be('ann');
select t.pushed(t.dead('event_user_roles', t.id(1) || ':' || t.user('eve'), jsonb_build_object('event_id', t.id(1), 'user_id', t.user('eve'))));

-- A delegate cuts the series and goes on with a new one, in one push; the order of the entries does not matter.
select t.be('dan');
select t.pushed(
  t.event(t.id(2), jsonb_build_object('owner_id', t.user('ann'), 'split_from', t.id(1), 'title', 'later', 'start_time', '2026-12-01T12:00:00Z', 'recurrence', 'FREQ=DAILY')),
  t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(1), 'start_time', '2026-11-22T12:00:00Z', 'duration', 60, 'all_day', false,
    'time_zone', 'UTC', 'recurrence', 'FREQ=DAILY;UNTIL=20261130T120000Z'), array['when'], t.stamp(t.clock())));
select t.be(null);
select t.is((select owner_id from public.events where id = t.id(2)), t.user('ann'), 'the owner stays');
select t.is((select string_agg((case r.user_id when t.user('dan') then 'dan' when t.user('con') then 'con' when t.user('vic') then 'vic' else '?' end)
    || ' ' || r.role || coalesce(' ' || r.rsvp, ''), ', ' order by r.role) from public.event_user_roles r where r.event_id = t.id(2)),
  'con contributor, dan delegate_full, vic viewer accepted', 'the roles come along; one that has ended does not');
select t.is((select count(*) from public.event_user_roles a join public.event_user_roles b using (user_id)
              where a.event_id = t.id(1) and b.event_id = t.id(2) and a.stamps = b.stamps), 3::bigint, 'with their stamps');
select t.is(('events ' || t.id(2)) = any (t.pulled(n, 0)), true, n || ' hears of it') from unnest(array['ann', 'dan', 'con', 'vic']) as x(n);
select t.is(('events ' || t.id(2)) = any (t.pulled('eve', 0)), false, 'eve does not');
-- And goes on working with it, as before.
select t.be('dan');
select t.is(t.verdict(t.entry('events', t.id(2)::text, jsonb_build_object('id', t.id(2), 'title', 'dan'), array['title'], t.stamp(t.clock()))), 'done', 'dan edits it');
-- Sent again, nothing changes: what happened to the roles since stays.
select t.be('ann');
select t.pushed(t.dead('event_user_roles', t.id(2) || ':' || t.user('vic'), jsonb_build_object('event_id', t.id(2), 'user_id', t.user('vic'))));
select t.be('dan');
select t.pushed(t.event(t.id(2), jsonb_build_object('owner_id', t.user('ann'), 'split_from', t.id(1), 'title', 'later', 'start_time', '2026-12-01T12:00:00Z', 'recurrence', 'FREQ=DAILY'), t.stamp(1763823723123456)));
select t.be(null);
select t.is((select deleted_at is not null from public.event_user_roles where event_id = t.id(2) and user_id = t.user('vic')), true, 'still ended');

-- A contributor too, also in the table; a viewer not; nobody in their own name gets the roles of another's event.
select t.be('con');
insert into public.events (id, owner_id, split_from, title, start_time, duration) values (t.id(3), t.user('ann'), t.id(1), 'x', '2026-12-05 12:00Z', 60);
insert into public.events (id, split_from, title, start_time, duration) values (t.id(4), t.id(1), 'my own', '2026-12-05 12:00Z', 60);
select t.be('vic');
select t.is(t.verdict(t.event(t.id(5), jsonb_build_object('owner_id', t.user('ann'), 'split_from', t.id(1)))), 'forbidden', 'a viewer');
select t.be(null);
select t.is((select array_agg(n order by n) from (select right(event_id::text, 1) || ' ' || count(*) from public.event_user_roles where event_id in (t.id(3), t.id(4)) group by event_id) as x(n)),
  array['3 3'], 'roles of an owner''s own only');
-- By plain SQL as well.
insert into public.events (id, owner_id, split_from, title, start_time, duration) values (t.id(6), t.user('ann'), t.id(1), 'x', '2026-12-05 12:00Z', 60);
select t.is((select count(*) from public.event_user_roles where event_id = t.id(6)), 3::bigint, 'by SQL');
