#!/usr/bin/env bash
# How long 50,000 events in one statement take with our triggers and without, side by side, medians of nine. Not a test:
# run.sh does not run it. On a quiet machine:
#
#   supabase/tests/bench_import.sh <connection URL of a superuser>
set -euo pipefail
export PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning"
url=${1:?"usage: $0 <connection URL of a superuser>"}
root=$(cd "$(dirname "$0")/../.." && pwd)
name="almanac_bench_$$"
[[ ${url%%\?*} =~ ^([a-z]+://[^/]*) ]] || { echo "not a connection URL: $url" >&2; exit 1; }
target="${BASH_REMATCH[1]}/$name"
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }
sql "$url" -c "create database $name"
trap 'sql "$url" -c "drop database $name with (force)"' EXIT
sql "$target" -f "$root/apps/server/sql/bootstrap.sql" >/dev/null
{ echo 'set role almanac_owner;'; cat "$root"/supabase/migrations/*.sql; } | sql "$target" -f -
{
  cat <<'SQL'
create table public.import as
  select gen_random_uuid() as id, gen_random_uuid() as owner, 'event ' || i as title, timestamptz '2024-01-01 00:00Z' + i * interval '1 hour' as start_time,
         jsonb_object_agg(g, '1763823723123456-0000000000000000') as stamps
    from generate_series(1, 50000) as x(i), unnest(almanac.group_names('events')) as y(g) group by i;
update public.import set owner = '00000000-0000-7000-8000-000000000001';
analyze public.import;
create table public.lap (triggers boolean, ms double precision);
\set load 'insert into public.events (id, owner_id, title, start_time, duration, start_timestamp_ms, end_timestamp_ms, stamps) select id, owner, title, start_time, 60, 0, 1, stamps from public.import'
SQL
  for _ in 1 2 3 4 5 6 7 8 9; do
    for triggers in disable enable; do
      cat <<SQL
alter table public.events $triggers trigger user;
set session_replication_role = replica;
delete from public.events; delete from almanac.sync_feed; delete from public.sync_head;
set session_replication_role = origin;
vacuum public.events, almanac.sync_feed, almanac.sync_note, public.sync_head;
checkpoint;
select clock_timestamp() as begun \gset
:load;
insert into public.lap values ('$triggers' = 'enable', extract(epoch from clock_timestamp() - :'begun') * 1000);
SQL
    done
  done
  cat <<'SQL'
select format('without triggers %s ms, with %s ms: %s times', round(bare::numeric), round(ours::numeric), round((ours / bare)::numeric, 1))
  from (select percentile_cont(0.5) within group (order by ms) filter (where not triggers) as bare,
               percentile_cont(0.5) within group (order by ms) filter (where triggers) as ours from public.lap) as x;
SQL
} | sql "$target" -f -
