-- What is reachable, whatever the project's default grants: exactly what is meant.
do $$
declare
  got text[];
begin
  -- Functions of `public` by role.
  select array_agg(distinct p.proname order by p.proname) into got from pg_proc p
   where p.pronamespace = 'public'::regnamespace and has_function_privilege('authenticated', p.oid, 'execute');
  perform t.is(got::text[], array['delete_account', 'invitations', 'people', 'sync_bootstrap', 'sync_digest', 'sync_pull', 'sync_push', 'sync_rows', 'sync_window'], 'functions');
  perform t.is((select count(*) from pg_proc p where p.pronamespace in ('public'::regnamespace, 'almanac'::regnamespace)
                   and has_function_privilege('anon', p.oid, 'execute')), 0::bigint, 'functions of anonymous callers');
  -- Tables.
  select array_agg(c.relname || ' ' || concat(
           case when has_table_privilege('authenticated', c.oid, 'select') then 's' end,
           case when has_table_privilege('authenticated', c.oid, 'insert') then 'i' end,
           case when has_table_privilege('authenticated', c.oid, 'update') then 'u' end,
           case when has_table_privilege('authenticated', c.oid, 'delete') then 'd' end,
           case when has_table_privilege('authenticated', c.oid, 'truncate, references, trigger') then '!' end) order by c.relname) into got
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r';
  perform t.is(got, array['ai_personas siud', 'event_details_personal siud', 'event_invites siud', 'event_user_roles siud',
    'events siud', 'sync_head s', 'user_calendars siud', 'user_categories siud', 'user_profiles siu'], 'tables');
  perform t.is((select count(*) from pg_class c where c.relnamespace in ('public'::regnamespace, 'almanac'::regnamespace) and c.relkind in ('r', 'v')
                   and has_table_privilege('anon', c.oid, 'select, insert, update, delete, truncate, references, trigger')), 0::bigint, 'tables of anonymous callers');
  perform t.is((select count(*) from pg_class c where c.relnamespace = 'almanac'::regnamespace and c.relkind = 'r'
                   and has_table_privilege('authenticated', c.oid, 'select, insert, update, delete')), 0::bigint, 'internals');
  perform t.is((select count(*) from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not c.relrowsecurity), 0::bigint, 'RLS everywhere');
  -- Every definer function has an empty search path.
  perform t.is((select count(*) from pg_proc p where p.pronamespace in ('public'::regnamespace, 'almanac'::regnamespace) and p.prosecdef
                   and not coalesce(p.proconfig @> array['search_path=""'], false)), 0::bigint, 'search_path');
  perform t.is((select count(*) from pg_proc p where p.pronamespace in ('public'::regnamespace, 'almanac'::regnamespace) and p.prosecdef) > 10, true, 'there are some');
  -- Nobody who applied the migrations was a superuser.
  perform t.is((select count(*) from pg_class c join pg_roles r on r.oid = c.relowner
                 where c.relnamespace in ('public'::regnamespace, 'almanac'::regnamespace) and r.rolsuper), 0::bigint, 'owner');
  -- Realtime carries the heads and nothing else.
  perform t.is((select array_agg(tablename::text) from pg_publication_tables where pubname = 'supabase_realtime'), array['sync_head'], 'published');
  -- A CHECK spans one group at most.
  perform t.is((select array_agg(con.conname::text) from pg_constraint con join pg_class c on c.oid = con.conrelid
     where con.contype = 'c' and c.relnamespace = 'public'::regnamespace and almanac.groups_of(c.relname) is not null
       and (select count(distinct coalesce(g ->> 'name', 'fixed')) from unnest(con.conkey) as k(n)
              join pg_attribute a on a.attrelid = c.oid and a.attnum = k.n
              left join jsonb_array_elements(almanac.groups_of(c.relname) -> 'groups') as x(g) on g -> 'columns' ? a.attname) > 1), null::text[], 'checks');
end
$$;
