-- An account is deleted: nothing of it is left, the others lose what was shared by it and keep what is theirs, and a
-- device that still holds a token of it can bring nothing back. `delete from auth.users` is all it takes.
select t.sign_up(n) from unnest(array['ann', 'bob', 'dan', 'vic', 'sam']) as x(n);
select t.be('ann');
select t.pushed(t.event(t.id(1), '{"title":"shared"}'), t.event(t.id(3), '{"title":"secret","private":true}'), t.event(t.id(4), '{"title":"alone"}'),
  t.event(t.id(2), '{"title":"series","recurrence":"FREQ=DAILY"}'),
  t.event(t.id(5), jsonb_build_object('series_id', t.id(2), 'original_start', '2026-11-23T12:00:00Z')));
select t.pushed(variadic array(select t.role(t.id(e), n, r) from unnest(array[1, 2, 3]) as x(e),
  (values ('dan', 'delegate_full'), ('vic', 'contributor')) as y(n, r)));
select t.pushed(t.entry('event_invites', t.id(1) || ':sam@example.org', jsonb_build_object('event_id', t.id(1), 'email', 'sam@example.org', 'role', 'viewer'), array['role'], t.stamp(t.clock())));
insert into public.user_categories (name) values ('mine');
insert into public.ai_personas (name) values ('mine');
select t.be('bob');
select t.pushed(t.event(t.id(11), '{"title":"of bob"}'), t.role(t.id(11), 'ann', 'viewer'), t.role(t.id(11), 'vic', 'viewer'));
select t.be(null);
insert into public.event_details_personal (event_id, user_id) select t.id(e), t.user(n)
  from (values (1, 'ann'), (1, 'vic'), (11, 'ann'), (11, 'vic')) as x(e, n);
create table t.mark as select n as who, t.head(n) as seq from unnest(array['bob', 'dan', 'vic', 'sam']) as x(n);
create function t.heard(who text) returns text[] language sql as $$
  select array(select x from unnest(t.pulled(who, (select m.seq from t.mark m where m.who = heard.who))) as y(x) order by x collate "C")
$$;
-- Where the account is still named, as "table count".
create function t.named(p_text text) returns text[] language plpgsql as $$
declare
  tab  record;
  many bigint;
  got  text[] := '{}';
begin
  for tab in select c.oid::regclass as name from pg_class c
              where c.relnamespace in ('public'::regnamespace, 'almanac'::regnamespace) and c.relkind = 'r' order by c.relname loop
    execute format('select count(*) from %s r where strpos(r::text, $1) > 0', tab.name) using p_text into many;
    if many > 0 then
      got := got || (tab.name || ' ' || many);
    end if;
  end loop;
  return got;
end
$$;

delete from auth.users where id = t.user('ann');

-- Of the account nothing is left but, where others are told of it, that its role has ended.
select t.is((select array_agg(x order by x) from unnest(t.named(t.user('ann')::text)) as y(x)),
  array['almanac.sync_feed 2', 'event_user_roles 1'], 'by its id');
select t.is((select bool_and(deleted_at is not null) from public.event_user_roles where user_id = t.user('ann')), true, 'a tombstone');
select t.is((select count(*) from almanac.sync_feed where user_id = t.user('ann')), 0::bigint, 'its own feed');
select t.is(t.named('ann@example.org'), '{}'::text[], 'by its address');
select t.is((select array_agg(id) from public.events), array[t.id(11)], 'events');

-- The others: what they saw is gone, private or not; an invitation too; a role on their own event has ended.
select t.is(t.heard('vic'), array(select x from unnest(array[
    'gone events ' || t.id(1), 'gone events ' || t.id(2), 'gone events ' || t.id(5), 'gone event_details_personal ' || t.id(1) || ':' || t.user('vic'),
    'gone event_user_roles ' || t.id(1) || ':' || t.user('dan'), 'gone event_user_roles ' || t.id(1) || ':' || t.user('vic'),
    'gone event_user_roles ' || t.id(2) || ':' || t.user('dan'), 'gone event_user_roles ' || t.id(2) || ':' || t.user('vic'),
    'event_user_roles ' || t.id(11) || ':' || t.user('ann')]) as y(x) order by x collate "C"), 'vic');
select t.is(array['gone events ' || t.id(1), 'gone events ' || t.id(2), 'gone events ' || t.id(3), 'gone events ' || t.id(5)] <@ t.heard('dan'), true, 'dan');
select t.is((select bool_and(x like 'gone %') from unnest(t.heard('dan')) as y(x)), true, 'dan keeps nothing');
select t.is(t.heard('sam'), array['gone event_invites ' || t.id(1) || ':sam@example.org'], 'sam');
select t.is(t.heard('bob'), array['event_user_roles ' || t.id(11) || ':' || t.user('ann')], 'bob');
select t.is((select count(*) from public.event_details_personal), 1::bigint, 'the overlay of another on another''s event');

-- An edit made offline and sent afterwards has nothing to change, whatever the role was.
create function t.retitle(e integer) returns jsonb language sql volatile as $$
  select t.entry('events', t.id(e)::text, jsonb_build_object('id', t.id(e), 'title', 'late'), array['title'], t.stamp(t.clock(1000)))
$$;
select t.be('dan');
select t.is(t.verdict(t.retitle(1)), 'missing', 'an edit by a delegate');
select t.is(t.verdict(t.event(t.id(1), jsonb_build_object('owner_id', t.user('ann')))), 'forbidden', 'the whole event again');
select t.is(t.verdict(t.event(t.id(6), jsonb_build_object('owner_id', t.user('ann'), 'series_id', t.id(2), 'original_start', '2026-11-24T12:00:00Z'))), 'parent_missing', 'an exception');
select t.is(t.verdict(t.role(t.id(1), 'dan', 'delegate_full')), 'parent_missing', 'a role');

-- The account's token is still good for an hour. It opens nothing: the device keeps what it has and asks to sign in.
select t.be('ann');
do $$
declare
  call text;
begin
  foreach call in array array['public.sync_push(''d'', ''[]'')', 'public.sync_push(''d'', jsonb_build_array(t.event(t.id(7))))', 'public.sync_pull(0, 1)',
    'public.sync_bootstrap(0, 1)', 'public.sync_window(0, 1)', 'public.sync_rows(''[]'')', 'public.sync_digest(''[]'')', 'public.people()', 'public.invitations()'] loop
    perform t.is(t.state('select ' || call), 'PT401', call);
  end loop;
  perform t.is(t.state('insert into public.user_calendars (name) values (''back'')'), 'PT401', 'a row');
  perform t.is(t.state('insert into public.events (title, start_time, duration) values (''back'', now(), 5)'), 'PT401', 'an event');
end
$$;
select t.be(null);

-- The address is free again, for an account that has nothing to do with the old one.
insert into auth.users (id, email, email_confirmed_at) values (t.user('ann again'), 'ann@example.org', now());
select t.is(t.head('ann again'), 2::bigint, 'profile and calendar');

-- What GoTrue calls a soft delete (the account's row stays) is the same to everybody else.
update auth.users set deleted_at = now(), email = 'gone' where id = t.user('bob');
select t.is(t.named('bob@example.org'), '{}'::text[], 'softly');
select t.is((select count(*) from public.events), 0::bigint, 'no event');
select t.is(('gone events ' || t.id(11)) = any (t.heard('vic')), true, 'gone for vic');
select t.be('bob');
select t.is(t.state('select public.sync_pull(0, 1)'), 'PT401', 'his token');
select t.is(t.state('select public.sync_push(''d'', ''[]'')'), 'PT401', 'his push');
select t.be(null);

-- All accounts at once.
delete from auth.users;
select t.is((select count(*) from public.user_profiles) + (select count(*) from public.events) + (select count(*) from public.sync_head), 0::bigint, 'an empty house');
select t.is((select count(*) from almanac.sync_note) + (select count(*) from almanac.sync_noting), 0::bigint, 'no notes are left');

-- A person deletes their own account, and only that.
select t.sign_up(n) from unnest(array['pat', 'quin']) as x(n);
select t.be('pat');
select public.delete_account();
select t.be(null);
select t.is((select array_agg(u.id) from auth.users u where u.id in (t.user('pat'), t.user('quin'))), array[t.user('quin')], 'own account');
select t.is(t.named(t.user('pat')::text), '{}', 'nothing is left of it');
