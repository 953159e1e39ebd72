-- What hosted Supabase asks of the schema (docs/sync.md, section 12). That the migrations apply as a non-superuser, under both
-- kinds of default grants, is how every test here gets its database; 90_grants.sql has what is reachable.
do $$
begin
  -- The owner is what hosted Supabase's `postgres` is.
  perform t.is((select concat_ws(' ', rolsuper, rolbypassrls) from pg_roles where rolname = 'almanac_owner'), 'f t', 'the owner');
  perform t.is((select array_agg(distinct r.rolname::text) from pg_class c join pg_roles r on r.oid = c.relowner
                 where c.relnamespace in ('public'::regnamespace, 'almanac'::regnamespace)), array['almanac_owner'], 'owns everything');
  -- In `auth` there are triggers of ours on `users`, and nothing else.
  perform t.is((select count(*) from pg_class c join pg_roles r on r.oid = c.relowner where c.relnamespace = 'auth'::regnamespace and r.rolname = 'almanac_owner')
             + (select count(*) from pg_proc p join pg_roles r on r.oid = p.proowner where p.pronamespace = 'auth'::regnamespace and r.rolname = 'almanac_owner'), 0::bigint, 'auth');
  perform t.is((select array_agg(g.tgname::text order by g.tgname) from pg_trigger g join pg_class c on c.oid = g.tgrelid
                 where c.relnamespace = 'auth'::regnamespace and not g.tgisinternal),
    array['almanac_user_changed', 'almanac_user_created', 'almanac_user_deleted', 'almanac_user_retired'], 'triggers on accounts');
  -- Extensions that are not there by default would have to be enabled first.
  perform t.is((select array_agg(extname::text) from pg_extension), array['plpgsql'], 'extensions');

  -- Policies read no policed table: that would ask its policies in turn, and theirs (42P17).
  perform t.is((select array_agg(distinct p.polrelid::regclass || ' ' || d.refobjid::regclass)
                  from pg_policy p join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
                 where d.refclassid = 'pg_class'::regclass and d.refobjid <> p.polrelid), null::text[], 'policies of other tables');
  perform t.is((select count(*) > 15 from pg_policy), true, 'there are policies');
  -- The functions they ask run as the owner, whom no policy holds.
  perform t.is((select array_agg(distinct f.proname::text order by f.proname::text) from pg_policy p
                  join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass
                  join pg_proc f on f.oid = d.refobjid
                 where f.pronamespace <> 'pg_catalog'::regnamespace and not f.prosecdef), array['uid'], 'functions of policies');
  -- SELECT policies do not look at `deleted_at`: a row could not be marked deleted.
  perform t.is((select count(*) from pg_policies where schemaname = 'public' and coalesce(qual, '') like '%deleted_at%'), 0::bigint, 'tombstones');

  -- Foreign keys: only to the event a row belongs to, and none cascades.
  perform t.is((select array_agg(distinct concat_ws(' ', confrelid::regclass, confdeltype, confupdtype)) from pg_constraint
                 where contype = 'f' and connamespace in ('public'::regnamespace, 'almanac'::regnamespace)), array['events a a'], 'foreign keys');
  -- No UNIQUE but the keys, of what people write.
  perform t.is((select count(*) from pg_index i join pg_class c on c.oid = i.indrelid
                 where c.relnamespace = 'public'::regnamespace and i.indisunique and not i.indisprimary), 0::bigint, 'unique');
end
$$;

-- Every table can be read and written by its policies alone, without recursion, by anyone signed in.
select t.sign_up('ann');
select t.be('ann');
select t.pushed(t.event(t.id(1)));
do $$
declare
  tab text;
begin
  foreach tab in array array['user_profiles', 'ai_personas', 'user_calendars', 'user_categories', 'events', 'event_details_personal', 'event_user_roles',
                             'event_invites', 'sync_head'] loop
    perform t.is(t.state(format('select * from public.%I', tab)), '', 'select ' || tab);
  end loop;
  foreach tab in array array['user_profiles', 'ai_personas', 'user_calendars', 'user_categories', 'events', 'event_details_personal', 'event_user_roles',
                             'event_invites'] loop
    perform t.is(t.state(format('update public.%I set deleted_at = null', tab)), '', 'update ' || tab);
  end loop;
end
$$;
select t.be(null);

-- Pages stay within a megabyte, whatever is in them, and together hold everything.
insert into public.events (id, owner_id, title, start_time, duration, notes)
  select t.id(1000 + i), t.user('ann'), 'n ' || i, '2026-11-22 12:00Z', 60, case when i % 100 = 0 then repeat('Ä', 200000) when i % 10 = 0 then repeat('x', 3000) end
    from generate_series(1, 3000) as x(i);
insert into public.event_invites (event_id, email, invited_by)
  select t.id(1), rpad('p' || i, 300, 'x') || '@example.org', t.user('ann') from generate_series(1, 3000) as x(i);
select t.be('ann');
do $$
declare
  page   jsonb;
  fn     text;
  after  text;
  cursor bigint := 0;
  many   integer;
  most   integer := 0;
begin
  many := 0;
  loop
    page := public.sync_pull(cursor, 1000);
    exit when page -> 'changes' = '[]';
    many := many + jsonb_array_length(page -> 'changes');
    most := greatest(most, octet_length(page::text));
    cursor := (page -> 'changes' -> -1 ->> 'seq')::bigint;
  end loop;
  perform t.is(many, 6003, 'pulled');
  foreach fn in array array['sync_bootstrap', 'sync_window'] loop
    many := 0;
    after := null;
    loop
      execute format('select public.%I(null, null, $1, 2000)', fn) using after into page;
      many := many + jsonb_array_length(page -> 'rows');
      most := greatest(most, octet_length(page::text));
      after := page ->> 'next';
      exit when after is null;
    end loop;
    perform t.is(many, case fn when 'sync_window' then 6001 else 6003 end, fn);
  end loop;
  page := public.sync_rows((select jsonb_agg(jsonb_build_object('table', 'events', 'key', t.id(1000 + i * 10))) from generate_series(1, 300) as x(i)));
  most := greatest(most, octet_length(page::text));
  perform t.is(jsonb_array_length(page -> 'rows') between 1 and 299, true, 'rows, as many as fit');
  perform t.is(most <= 1048576 and most > 900000, true, 'the largest page: ' || most);
end
$$;
select t.be(null);

-- The file for clients that listen to rows publishes the seven tables of the plan, and may be applied again.
\i :optional
\i :optional
select t.is((select array_agg(tablename::text order by tablename) from pg_publication_tables where pubname = 'supabase_realtime'),
  array['ai_personas', 'event_details_personal', 'event_user_roles', 'events', 'sync_head', 'user_calendars', 'user_categories', 'user_profiles'], 'published');
