#!/usr/bin/env bash
# Copies what Almanac keeps in a Supabase project into the empty database of an `almanac-server`: accounts without their
# passwords (GoTrue's hashes are bcrypt, ours argon2), all rows, and the feed. All of one moment, all or nothing; the project
# is only read. Afterwards the database says that it is another one, so that devices fetch everything again.
#
#   supabase/move_to_server.sh <URL of the project's database> <URL of the new database, as its superuser>
#
# The new one must have been opened by `almanac-server` once, which makes the schema.
set -euo pipefail
export LC_ALL=C

from=${1:?"usage: $0 <from URL> <to URL>"}
to=${2:?"usage: $0 <from URL> <to URL>"}
ask() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$1" -c "$2"; }
fail() { echo "$*. Nothing was copied" >&2; exit 1; }

newest='select max(version) from supabase_migrations.schema_migrations'
there=$(ask "$from" "$newest")
here=$(ask "$to" "$newest") || fail "the new database has no schema: start almanac-server on it once"
[[ $there == "$here" ]] || fail "the schemas differ: the project is at migration $there, the new database at $here"
[[ $(ask "$to" 'select count(*) from auth.users') == 0 ]] || fail "the new database has accounts in it already"

# Which columns both have; what is computed is computed again.
columns="select string_agg(quote_ident(attname), ', ' order by attname) from pg_attribute
          where attrelid = '%s'::regclass and attnum > 0 and not attisdropped and attgenerated = ''"
columns_of() {
  local table=$1
  # shellcheck disable=SC2059
  comm -12 <(ask "$from" "$(printf "$columns" "$table")" | tr -d ' ' | tr , '\n' | sort) \
    <(ask "$to" "$(printf "$columns" "$table")" | tr -d ' ' | tr , '\n' | sort) |
    { grep -vx "${2:-}" || true; } | paste -sd, -
}

read -r -d '' tables <<'SQL' || true
select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and (n.nspname = 'almanac' and c.relname <> 'sync_meta' or n.nspname = 'public' and (c.relname = 'sync_head'
       or almanac.groups_of(c.relname) is not null))
 order by 1
SQL

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 700 "$work"
{
  # One moment for all tables.
  echo 'begin isolation level repeatable read read only;'
  # Times and numbers are read back as they were.
  echo "set local timezone = 'UTC'; set local extra_float_digits = 3;"
  echo "\\echo 'begin; set local session_replication_role = replica;'"
  for table in auth.users $(ask "$to" "$tables"); do
    cols=$(columns_of "$table" "$([[ $table == auth.users ]] && echo encrypted_password)")
    echo "\\echo 'copy $table ($cols) from stdin;'"
    if [[ $table == auth.users ]]; then
      echo "copy (select $cols from $table where deleted_at is null) to stdout;"
    else
      echo "copy $table ($cols) to stdout;"
    fi
    echo "\\echo '\\\\.'"
  done
  echo "\\echo 'set local session_replication_role = origin; select public.sync_new_epoch(); commit;'"
  echo 'commit;'
} >"$work/read.sql"
psql -X -q -v ON_ERROR_STOP=1 "$from" -f "$work/read.sql" >"$work/rows.sql"
psql -X -q -o /dev/null -v ON_ERROR_STOP=1 "$to" -f "$work/rows.sql"
echo "$(ask "$to" 'select count(*) from auth.users') accounts and $(ask "$to" 'select count(*) from public.events') events were copied"
