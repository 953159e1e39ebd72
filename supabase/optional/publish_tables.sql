-- Optional: publishes the tables themselves, for clients that listen to `postgres_changes` of rows instead of pulling.
-- Almanac's own clients do not need it. Idempotent. Apply with: psql "$DATABASE_URL" -f supabase/optional/publish_tables.sql
do $$
declare
  t text;
begin
  foreach t in array array['user_profiles', 'ai_personas', 'user_calendars', 'user_categories', 'events',
                           'event_details_personal', 'event_user_roles']
  loop
    if not exists (select from pg_catalog.pg_publication_tables
                    where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = t) then
      execute format('alter publication supabase_realtime add table public.%I', t);
    end if;
  end loop;
end
$$;
