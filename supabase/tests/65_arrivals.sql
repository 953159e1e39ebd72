-- What travels with an event. A device that began while an event was dead, or outside its window, holds nothing of it:
-- neither its roles nor overlays, invitations, exceptions. So when the event comes (back), all of that is numbered too, for
-- everyone who sees it. Whatever cannot have been missed is not numbered again.
select t.sign_up(n) from unnest(array['ann', 'dan', 'vic', 'sam']) as x(n);

-- A single event and a series that ended in 2020, with exceptions, one of them private; both shared, with overlays.
insert into public.events (id, owner_id, title, start_time, duration) values (t.id(1), t.user('ann'), 'single', '2020-01-01 12:00Z', 60);
select t.be('ann');
select t.pushed(t.event(t.id(2), '{"title":"series","start_time":"2020-01-01T12:00:00Z","recurrence":"FREQ=DAILY;COUNT=9","end_timestamp_ms":1578574800000}'),
  t.event(t.id(3), jsonb_build_object('series_id', t.id(2), 'original_start', '2020-01-02T12:00:00Z', 'start_time', '2020-01-02T15:00:00Z')),
  t.event(t.id(4), jsonb_build_object('series_id', t.id(2), 'original_start', '2020-01-03T12:00:00Z', 'start_time', '2020-01-03T15:00:00Z', 'private', true)));
select t.pushed(t.role(t.id(1), 'dan', 'delegate_full'), t.role(t.id(1), 'vic', 'viewer'),
  t.role(t.id(2), 'dan', 'delegate_full'), t.role(t.id(2), 'vic', 'contributor'));
select t.be(null);
insert into public.event_details_personal (event_id, user_id) select t.id(e), t.user(n)
  from unnest(array[1, 2, 3]) as x(e), unnest(array['ann', 'vic']) as y(n);
insert into public.event_invites (event_id, email, invited_by) values (t.id(1), 'new@example.org', t.user('ann')), (t.id(2), 'new@example.org', t.user('ann'));

create table t.mark (who text primary key, seq bigint);
insert into t.mark select n, t.head(n) from unnest(array['ann', 'dan', 'vic', 'sam']) as x(n);
-- What each has heard since: e event, r role, o overlay, i invitation, with the event's last digit.
create function t.heard(who text) returns text language plpgsql as $$
declare
  got text[] := t.pulled(who, (select m.seq from t.mark m where m.who = heard.who));
begin
  update t.mark m set seq = t.head(heard.who) where m.who = heard.who;
  return coalesce((
    select string_agg(s.short, ' ' order by s.place, s.short)
      from unnest(got) as x(line),
   lateral (select line like 'gone %' as gone, string_to_array(replace(line, 'gone ', ''), ' ') as part) as p,
   lateral (select case p.part[1] when 'events' then 'e' when 'event_user_roles' then 'r'
                     when 'event_details_personal' then 'o' when 'event_invites' then 'i' else '?' end as kind) as k,
   lateral (select case when p.gone then '-' else '' end || k.kind || right(left(p.part[2], 36), 1)
                   || case k.kind when 'r' then ':' || (select n from unnest(array['ann', 'dan', 'vic', 'sam']) as z(n)
                                                         where substr(p.part[2], 38) = t.user(n)::text) else '' end as short,
                   position(k.kind in 'eroi') as place) as s), '');
end
$$;
create function t.hear(want_ann text, want_dan text, want_vic text, what text) returns void language plpgsql as $$
begin
  perform t.be(null);
  perform t.is(t.heard('ann'), want_ann, what || ': ann');
  perform t.is(t.heard('dan'), want_dan, what || ': dan');
  perform t.is(t.heard('vic'), want_vic, what || ': vic');
  perform t.is(t.heard('sam'), '', what || ': sam');
end
$$;
create function t.move(e integer, p_start text, p_more jsonb default '{}') returns jsonb language sql volatile as $$
  select t.entry('events', t.id(e)::text, jsonb_build_object('id', t.id(e), 'start_time', p_start, 'duration', 60, 'all_day', false,
    'time_zone', 'UTC', 'recurrence', null) || p_more, array['when'], t.stamp(t.clock()))
$$;

-- Moved, by a device and by SQL.
select t.be('ann');
select t.pushed(t.move(1, '2026-11-22T12:00:00Z'));
select t.hear('e1 r1:dan r1:vic o1 i1', 'e1 r1:dan r1:vic i1', 'e1 r1:dan r1:vic o1', 'moved');
update public.events set start_time = '2027-01-01 12:00Z' where id = t.id(1);
select t.hear('e1 r1:dan r1:vic o1 i1', 'e1 r1:dan r1:vic i1', 'e1 r1:dan r1:vic o1', 'moved by SQL');
-- Longer is more of time, shorter is not; a title is no time at all.
update public.events set duration = 120 where id = t.id(1);
select t.hear('e1 r1:dan r1:vic o1 i1', 'e1 r1:dan r1:vic i1', 'e1 r1:dan r1:vic o1', 'longer');
update public.events set duration = 30 where id = t.id(1);
select t.hear('e1', 'e1', 'e1', 'shorter');
update public.events set title = 'renamed' where id = t.id(1);
select t.hear('e1', 'e1', 'e1', 'a title');

-- Deleted and revived, by an edit of content and by being restored.
delete from public.events where id = t.id(1);
select t.hear('e1', 'e1', 'e1', 'deleted');
update public.events set title = 'back' where id = t.id(1);
select t.hear('e1 r1:dan r1:vic o1 i1', 'e1 r1:dan r1:vic i1', 'e1 r1:dan r1:vic o1', 'revived by content');
delete from public.events where id = t.id(1);
select t.hear('e1', 'e1', 'e1', 'deleted again');
select t.be('ann');
select t.pushed(t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(1), 'deleted_at', null), array['life'], t.stamp(t.clock(10))));
select t.hear('e1 r1:dan r1:vic o1 i1', 'e1 r1:dan r1:vic i1', 'e1 r1:dan r1:vic o1', 'restored');
-- Dead rows do not travel: nobody can have missed one.
delete from public.event_user_roles where event_id = t.id(1) and user_id = t.user('vic');
delete from public.event_details_personal where event_id = t.id(1);
delete from public.event_invites where event_id = t.id(1);
update t.mark set seq = t.head(who);
update public.events set start_time = '2027-02-01 12:00Z' where id = t.id(1);
select t.hear('e1 r1:dan', 'e1 r1:dan', '', 'what is dead stays');

-- A series travels with its exceptions; the private one to owner and delegate.
select t.be('ann');
select t.pushed(t.move(2, '2026-11-22T12:00:00Z', '{"recurrence":"FREQ=DAILY;COUNT=9","end_timestamp_ms":1796043600000}'));
select t.hear('e2 e3 e4 r2:dan r2:vic o2 o3 i2', 'e2 e3 e4 r2:dan r2:vic i2', 'e2 e3 r2:dan r2:vic o2 o3', 'a series moved');
-- An exception that leaves the time of its series takes the family along: a family belongs to a window whole.
select t.be('vic');
select t.pushed(t.move(3, '2028-01-01T12:00:00Z'));
select t.hear('e2 e3 e4 r2:dan r2:vic o2 o3 i2', 'e2 e3 e4 r2:dan r2:vic i2', 'e2 e3 r2:dan r2:vic o2 o3', 'an exception moved away');
-- Where the series is known, an exception brings nothing else.
update public.events set start_time = '2026-11-23 15:00Z' where id = t.id(3);
select t.hear('e3', 'e3', 'e3', 'an exception moved within the series');
insert into public.events (id, owner_id, series_id, original_start, title, start_time, duration)
  values (t.id(5), t.user('ann'), t.id(2), '2026-11-24 12:00Z', 'x', '2026-11-24 13:00Z', 60);
select t.hear('e5', 'e5', 'e5', 'a new exception within the series');
insert into public.events (id, owner_id, series_id, original_start, title, start_time, duration)
  values (t.id(6), t.user('ann'), t.id(2), '2026-11-25 12:00Z', 'x', '2029-01-01 13:00Z', 60);
select t.hear('e2 e3 e4 e5 e6 r2:dan r2:vic o2 o3 i2', 'e2 e3 e4 e5 e6 r2:dan r2:vic i2', 'e2 e3 e5 e6 r2:dan r2:vic o2 o3', 'a new exception outside');
-- A private exception moves for those who see it; opened, it comes for the others, whole.
update public.events set start_time = '2030-01-01 12:00Z' where id = t.id(4);
select t.hear('e2 e3 e4 e5 e6 r2:dan r2:vic o2 o3 i2', 'e2 e3 e4 e5 e6 r2:dan r2:vic i2', 'e2 e3 e5 e6 r2:dan r2:vic o2 o3', 'a private exception moved');
update public.events set private = false where id = t.id(4);
select t.hear('e4', 'e4', 'e2 e3 e4 e5 e6 r2:dan r2:vic o2 o3', 'a private exception opened');
-- A private series is nobody else's.
update public.events set private = true where id = t.id(2);
update t.mark set seq = t.head(who);
update public.events set start_time = '2031-01-01 12:00Z' where id = t.id(2);
select t.hear('e2 e3 e4 e5 e6 r2:dan r2:vic o2 o3 i2', 'e2 e3 e4 e5 e6 r2:dan r2:vic i2', '', 'a private series moved');

-- What was split off brings what each keeps about its origin: when it is made, when it moves, and when it is shared.
select t.be('ann');
select t.pushed(t.event(t.id(7), '{"start_time":"2020-03-01T12:00:00Z"}'), t.event(t.id(8), '{"start_time":"2020-04-01T12:00:00Z"}'));
select t.pushed(t.role(t.id(7), 'vic', 'viewer'));
select t.be(null);
insert into public.event_details_personal (event_id, user_id) values (t.id(7), t.user('ann')), (t.id(7), t.user('vic'));
update t.mark set seq = t.head(who);
insert into public.events (id, owner_id, split_from, title, start_time, duration) values (t.id(9), t.user('ann'), t.id(7), 'split', '2026-12-01 12:00Z', 60);
select t.hear('e9 r9:vic o7', '', 'e9 r9:vic o7', 'split off, with its roles');
insert into public.event_user_roles (event_id, user_id) values (t.id(9), t.user('dan'));
select t.hear('r9:dan', 'e9 r9:dan r9:vic', 'r9:dan', 'and shared further');
update public.events set start_time = '2026-12-02 12:00Z' where id = t.id(9);
select t.hear('e9 r9:dan r9:vic o7', 'e9 r9:dan r9:vic', 'e9 r9:dan r9:vic o7', 'and moved');
