-- An account's e-mail changes: its profile follows, with a stamp of the server, so that every device takes it.
select t.sign_up('zed');
select t.is((select stamps ->> 'account' from public.user_profiles), t.stamp(0, '0'), 'a new account');
create temp table mark as select t.head('zed') as seq;
update auth.users set email = 'abe@example.org' where id = t.user('zed');
select t.is(t.pulled('zed', (select seq from mark)), array['user_profiles ' || t.user('zed')], 'it is told');
do $$
declare
  was jsonb := jsonb_build_object('id', t.user('zed'), 'email', 'zed@example.org', 'deleted_at', null, 'stamps', almanac.zero_stamps('user_profiles'));
  p   jsonb := (select almanac.wire(x) from public.user_profiles x);
begin
  perform t.is(p ->> 'email', 'abe@example.org', 'the profile');
  perform t.is(abs(left(p -> 'stamps' ->> 'account', 16)::bigint - t.clock()) < 60000000, true, 'stamped now');
  perform t.is(p -> 'stamps' ->> 'names', t.stamp(0, '0'), 'nothing else is');
  perform t.is(almanac.merge('user_profiles', was, p) ->> 'email', 'abe@example.org', 'a device takes it, though its text is less');
end
$$;
-- A device that never heard of it does not bring the old one back, whatever it pushes.
select t.be('zed');
select t.pushed(t.entry('user_profiles', t.user('zed')::text, jsonb_build_object('id', t.user('zed'), 'email', 'zed@example.org', 'title', 'Dr'), array['title'], t.stamp(t.clock())));
do $$ begin perform t.is((select email || ' ' || title from public.user_profiles), 'abe@example.org Dr', 'pushed'); end $$;
select t.is(t.verdict(t.entry('user_profiles', t.user('zed')::text, jsonb_build_object('id', t.user('zed'), 'email', 'zed@example.org'), array['account'], t.stamp(t.clock()))), '42703', 'no group of a client''s');
select t.be(null);
-- After a restore the database's word counts, though devices hold greater stamps.
do $$
declare
  before text := (select stamps ->> 'account' from public.user_profiles);
begin
  perform public.sync_new_epoch();
  perform t.is((select stamps ->> 'account' > before and updated_at >= almanac.newest(stamps) from public.user_profiles), true, 'stamped anew');
end
$$;
-- No zone: the reader's own, as for all-day events.
select t.be('zed');
select t.pushed(t.event(t.id(1), '{"all_day":true,"start_time":"2026-11-22T00:00:00Z","duration":1440,"time_zone":null}'), t.event(t.id(2), '{"time_zone":null}'));
do $$ begin perform t.is((select count(*) from public.events where time_zone is null), 2::bigint, 'no zone'); end $$;
select t.be(null);
