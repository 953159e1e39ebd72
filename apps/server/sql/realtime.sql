-- Tells the server which rows of published tables changed: a trigger on each table of the publication that Supabase's
-- Realtime reads. Idempotent; applied by a superuser at every start, and when a client joins a table not seen before.
-- A hosted project has its own Realtime and never sees this file.
create schema if not exists realtime;

-- The payload names the row and nothing else of it: what a subscriber may read is asked later, as that subscriber.
-- Equal payloads of one transaction are sent once by PostgreSQL.
create or replace function realtime.notify_change() returns trigger language plpgsql set search_path = '' as $$
declare
  changed jsonb;
  payload text;
begin
  if tg_op = 'DELETE' then changed := to_jsonb(old); else changed := to_jsonb(new); end if;
  select jsonb_build_object('schema', tg_table_schema, 'table', tg_table_name, 'type', tg_op,
           'key', (select jsonb_object_agg(k, changed -> k) from unnest(tg_argv) as k))::text
    into payload;
  -- A notification holds 8000 bytes; a longer key must not make the write fail.
  if octet_length(payload) < 7900 then
    perform pg_catalog.pg_notify('almanac_changes', payload);
  end if;
  return null;
end
$$;
revoke all on function realtime.notify_change() from public;

do $$
declare
  t record;
begin
  for t in
    select c.oid::regclass as name, coalesce(k.keys, '') as keys
      from pg_catalog.pg_publication_tables p
      join pg_catalog.pg_namespace n on n.nspname = p.schemaname
      join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = p.tablename
      left join lateral (
        select string_agg(quote_literal(a.attname), ', ' order by a.attnum) as keys
          from pg_catalog.pg_index i
          join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
         where i.indrelid = c.oid and i.indisprimary) k on true
     where p.pubname = 'supabase_realtime'
       and not exists (select from pg_catalog.pg_trigger g where g.tgrelid = c.oid and g.tgname = 'almanac_realtime')
  loop
    execute format('create trigger almanac_realtime after insert or update or delete on %s
                    for each row execute function realtime.notify_change(%s)', t.name, t.keys);
  end loop;

  for t in
    select g.tgrelid::regclass as name
      from pg_catalog.pg_trigger g
      join pg_catalog.pg_class c on c.oid = g.tgrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where g.tgname = 'almanac_realtime'
       and not exists (
         select from pg_catalog.pg_publication_tables p
          where p.pubname = 'supabase_realtime' and p.schemaname = n.nspname and p.tablename = c.relname)
  loop
    execute format('drop trigger almanac_realtime on %s', t.name);
  end loop;
end
$$;
