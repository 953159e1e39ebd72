#!/usr/bin/env bash
# Runs the SQL tests: every tests/*.sql in a fresh database of its own, and every tests/*.sh with the address of one.
#
#   supabase/tests/run.sh <connection URL of a superuser> [name ...]
#
# The schema is built as on hosted Supabase: bootstrap as superuser, migrations as the owner, who is none. All tests run
# under both kinds of default grants: new projects grant nothing, older ones everything to everybody.
set -euo pipefail
export PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning"

url=${1:?"usage: $0 <connection URL of a superuser> [test name ...]"}
shift
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export TESTS=$here
prefix="almanac_test_$$"
passed=0
failed=0

# The same URL with another database.
url_of() {
  local base=${url%%\?*} query=
  [[ $url == *\?* ]] && query="?${url#*\?}"
  if [[ $base =~ ^([a-z]+://[^/]*)(/.*)?$ ]]; then
    echo "${BASH_REMATCH[1]}/$1$query"
  else
    echo "not a connection URL: $url" >&2
    return 1
  fi
}
sql() { psql -X -q -o /dev/null -v ON_ERROR_STOP=1 "$@"; }
admin() { sql "$url" -c "$1"; }
drop() { admin "drop database if exists \"$1\" with (force)" 2>/dev/null || true; }
cleanup() { for kind in new old; do drop "${prefix}_$kind"; drop "${prefix}_run"; done; }
trap cleanup EXIT

log=$(mktemp)
for kind in new old; do
  template="${prefix}_$kind"
  admin "create database \"$template\""
  target=$(url_of "$template")
  {
    sql "$target" -f "$root/apps/server/sql/bootstrap.sql"
    if [[ $kind == old ]]; then
      sql "$target" -f "$here/setup/old_default_grants.sql"
    fi
    {
      echo 'set role almanac_owner;'
      cat "$root"/supabase/migrations/*.sql
    } | sql "$target" -f -
    sql "$target" -f "$here/setup/helpers.sql"
  } >"$log" 2>&1 || { cat "$log" >&2; echo "FAILED schema ($kind default grants)"; exit 1; }
done

for kind in new old; do
  for file in "$here"/*.sql "$here"/*_test.sh; do
    [[ -e $file ]] || continue
    name=$(basename "$file"); name=${name%.sql}; name=${name%.sh}
    if (($# > 0)) && [[ ! " $* " == *" $name "* ]]; then continue; fi
    # Races do not depend on the grants.
    if [[ $file == *.sh && $kind == old ]]; then continue; fi
    drop "${prefix}_run"
    admin "create database \"${prefix}_run\" template \"${prefix}_$kind\""
    target=$(url_of "${prefix}_run")
    if case $file in
        *.sql) sql "$target" -v optional="$root/supabase/optional/publish_tables.sql" -f "$file" ;;
        *.sh) bash "$file" "$target" ;;
      esac >"$log" 2>&1; then
      echo "ok $name ($kind default grants)"
      passed=$((passed + 1))
    else
      cat "$log" >&2
      echo "FAILED $name ($kind default grants)"
      failed=$((failed + 1))
    fi
  done
done
rm -f "$log"
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
