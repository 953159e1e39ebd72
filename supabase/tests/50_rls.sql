-- Direct access to the tables, as PostgREST does it: what each person may read and write.
-- Owner ann · delegate dan · contributor con · viewer vic · stranger sam · anonymous.
select t.sign_up(n) from unnest(array['ann', 'dan', 'con', 'vic', 'sam']) as x(n);
select t.be('ann');
select t.pushed(t.event(t.id(1), '{"title":"open"}'), t.event(t.id(2), '{"title":"secret","private":true}'),
  t.event(t.id(3), '{"title":"series","recurrence":"FREQ=DAILY"}'),
  t.event(t.id(4), jsonb_build_object('series_id', t.id(3), 'original_start', '2026-11-23T12:00:00Z', 'title', 'exception')));
select t.pushed(variadic array(select t.role(t.id(e), n, r) from unnest(array[1, 2, 3]) as x(e),
  (values ('dan', 'delegate_full'), ('con', 'contributor'), ('vic', 'viewer')) as y(n, r)));

select t.be(null);
-- In the order of the people above.
insert into t.asked (who, what, statement, want)
select w.who, a.what, a.statement, w.want
  from (values
    ('change content',  'update public.events set title = ''x'' where id = t.id(1)',            array['', '', '', 'none', 'none', '42501']),
    ('change times',    'update public.events set duration = 30 where id = t.id(1)',            array['', '', '', 'none', 'none', '42501']),
    ('an exception',    'update public.events set title = ''x'' where id = t.id(4)',            array['', '', '', 'none', 'none', '42501']),
    ('make private',    'update public.events set private = true where id = t.id(1)',           array['', '', '42501', 'none', 'none', '42501']),
    ('change a private one', 'update public.events set title = ''x'' where id = t.id(2)',       array['', '', 'none', 'none', 'none', '42501']),
    ('mark deleted',    'update public.events set deleted_at = now() where id = t.id(1)',       array['', '', '42501', 'none', 'none', '42501']),
    ('take over',       'update public.events set owner_id = auth.uid() where id = t.id(1)',    array['', '42501', '42501', 'none', 'none', '42501']),
    ('new event',       'insert into public.events (title, start_time, duration) values (''n'', now(), 5)', array['', '', '', '', '', '42501']),
    ('new for another', 'insert into public.events (owner_id, title, start_time, duration) values (t.user(''zoe''), ''n'', now(), 5)', array['42501', '42501', '42501', '42501', '42501', '42501']),
    ('new exception',   'insert into public.events (owner_id, series_id, original_start, title, start_time, duration) values (t.user(''ann''), t.id(3), now(), ''n'', now(), 5)', array['', '', '', '42501', '42501', '42501']),
    ('give a role',     'insert into public.event_user_roles (event_id, user_id, role) values (t.id(1), t.user(''new''), ''viewer'')', array['', '', '42501', '42501', '42501', '42501']),
    ('make an owner',   'insert into public.event_user_roles (event_id, user_id, role) values (t.id(1), t.user(''new''), ''owner'')', array['42501', '42501', '42501', '42501', '42501', '42501']),
    ('take a role',     'insert into public.event_user_roles (event_id, user_id, role) values (t.id(1), auth.uid(), ''delegate_full'') on conflict (event_id, user_id) do update set role = excluded.role', array['42501', '42501', '42501', '42501', '42501', '42501']),
    ('raise oneself',   'update public.event_user_roles set role = ''delegate_full'' where user_id = auth.uid() and event_id = t.id(1)', array['none', '', '42501', '42501', 'none', '42501']),
    ('answer',          'update public.event_user_roles set rsvp = ''accepted'' where user_id = auth.uid() and event_id = t.id(1)', array['none', '', '', '', 'none', '42501']),
    ('leave',           'update public.event_user_roles set deleted_at = now() where user_id = auth.uid() and event_id = t.id(1)', array['none', '', '', '', 'none', '42501']),
    ('answer for vic',  'update public.event_user_roles set rsvp = ''accepted'' where user_id = t.user(''vic'') and event_id = t.id(1)', array['42501', '42501', 'none', '', 'none', '42501']),
    ('demote con',      'update public.event_user_roles set role = ''viewer'' where user_id = t.user(''con'') and event_id = t.id(1)', array['', '', '42501', 'none', 'none', '42501']),
    ('invite',          'insert into public.event_invites (event_id, email) values (t.id(1), ''x@example.org'')', array['', '', '42501', '42501', '42501', '42501']),
    ('own overlay',     'insert into public.event_details_personal (event_id, show_time_as) values (t.id(1), ''free'')', array['', '', '', '', '42501', '42501']),
    ('overlay of a private one', 'insert into public.event_details_personal (event_id) values (t.id(2))', array['', '', '42501', '42501', '42501', '42501']),
    ('overlay of another', 'insert into public.event_details_personal (event_id, user_id) values (t.id(1), t.user(''zoe''))', array['42501', '42501', '42501', '42501', '42501', '42501']),
    ('own calendar',    'insert into public.user_calendars (name) values (''c'')',                  array['', '', '', '', '', '42501']),
    ('calendar for another', 'insert into public.user_calendars (name, user_id) values (''c'', t.user(''zoe''))', array['42501', '42501', '42501', '42501', '42501', '42501']),
    ('calendars of all', 'update public.user_calendars set name = ''mine'' where user_id <> auth.uid()', array['none', 'none', 'none', 'none', 'none', '42501']),
    ('own profile',     'update public.user_profiles set title = ''Dr'' where id = auth.uid()',     array['', '', '', '', '', '42501']),
    ('own e-mail',      'update public.user_profiles set email = ''x@y.z'' where id = auth.uid()',  array['42501', '42501', '42501', '42501', '42501', '42501']),
    ('profiles of others', 'update public.user_profiles set title = ''Dr'' where id <> auth.uid()', array['none', 'none', 'none', 'none', 'none', '42501']),
    ('truncate',        'truncate public.events cascade',                                           array['42501', '42501', '42501', '42501', '42501', '42501']),
    ('the feed',        'select * from almanac.sync_feed',                                          array['42501', '42501', '42501', '42501', '42501', '42501']),
    ('merge rows',      'select almanac.apply_entries(auth.uid(), ''events'', ''{}'')',             array['42501', '42501', '42501', '42501', '42501', '42501']),
    ('move a head',     'update public.sync_head set seq = 0',                                      array['42501', '42501', '42501', '42501', '42501', '42501']),
    ('new epoch',       'select public.sync_new_epoch()',                                           array['42501', '42501', '42501', '42501', '42501', '42501']),
    ('collect',         'select almanac.collect_tombstones()',                                      array['42501', '42501', '42501', '42501', '42501', '42501']),
    ('accounts',        'select * from auth.users',                                                 array['42501', '42501', '42501', '42501', '42501', '42501'])
  ) as a(what, statement, wants)
 cross join lateral unnest(array['ann', 'dan', 'con', 'vic', 'sam', ''], a.wants) as w(who, want);

select t.all_as_asked();

-- Reading. Numbers of rows of: events, roles of event 1, roles of the private one, overlays, calendars, profiles, heads.
create function t.counts() returns text language sql as $$
  select concat_ws(' ',
    (select count(*) from public.events), (select count(*) from public.event_user_roles where event_id = t.id(1)),
    (select count(*) from public.event_user_roles where event_id = t.id(2)), (select count(*) from public.event_details_personal),
    (select count(*) from public.user_calendars), (select count(*) from public.user_profiles), (select count(*) from public.sync_head))
$$;
insert into public.event_details_personal (event_id, user_id) values (t.id(1), t.user('ann')), (t.id(1), t.user('vic'));
do $$
declare
  c record;
begin
  for c in select * from (values ('ann', '4 3 3 1 1 1 1'), ('dan', '4 3 3 0 1 1 1'), ('con', '3 3 0 0 1 1 1'),
                                 ('vic', '3 3 0 1 1 1 1'), ('sam', '0 0 0 0 1 1 1')) as x(who, want) loop
    perform t.be(c.who);
    perform t.is(t.counts(), c.want, 'what ' || c.who || ' reads');
  end loop;
  perform t.be('');
  perform t.is(t.state('select t.counts()'), '42501', 'anonymous reads nothing');
  perform t.is(t.state('select public.sync_pull(0, 1)'), '42501', 'anonymous pull');
  perform t.be(null);
end
$$;

-- Direct writes get stamps of the server, whatever they bring, and the caller's flag does not count.
select t.be('ann');
update public.events set title = 'direct', stamps = '{"title":"9999999999999999-ffffffffffffffff"}', updated_at = '2099-01-01' where id = t.id(1);
begin;
select set_config('almanac.push', 'on', true);
update public.events set location = 'forged', stamps = '{"location":"9999999999999999-ffffffffffffffff"}' where id = t.id(1);
commit;
select t.be(null);
do $$
declare
  e public.events;
begin
  select * into e from public.events where id = t.id(1);
  perform t.is(e.title || ' ' || e.location, 'direct forged', 'values');
  perform t.is((e.stamps ->> 'title') like '%-0000000000000000' and (e.stamps ->> 'location') like '%-0000000000000000', true, 'server stamps');
  perform t.is(abs(left(e.stamps ->> 'location', 16)::bigint - t.clock()) < 60000000, true, 'of now');
  perform t.is(e.updated_at, almanac.newest(e.stamps), 'updated_at');
  perform t.is((select count(*) from jsonb_object_keys(e.stamps))::int, 5, 'no more stamps than groups written');
end
$$;
-- A row of one's own can be inserted with RETURNING, also an exception.
select t.be('con');
insert into public.events (owner_id, series_id, original_start, title, start_time, duration)
  values (t.user('ann'), t.id(3), '2026-11-25 12:00Z', 'n', now(), 5) returning id;
delete from public.event_user_roles where event_id = t.id(1) and user_id = t.user('con');
do $$ begin perform t.is((select count(*) from public.events where id = t.id(1)), 0::bigint, 'left'); end $$;
select t.be(null);
