#!/usr/bin/env bash
# What several sessions at once must not break (docs/sync.md §6). Every wait is for a condition: a session that waits for a
# lock is seen waiting in pg_stat_activity before the other goes on.
set -euo pipefail
url=$1
q() { psql -X -q -At -v ON_ERROR_STOP=1 "$url" -c "$1"; }
fail() { echo "race: $1" >&2; exit 1; }
is() { [[ $1 == "$2" ]] || fail "$3: got '$1', want '$2'"; }

# Two sessions, A and B, fed line by line. `say` returns when the statement is done, `begin_to_say` when it is done or waits.
work=$(mktemp -d)
open_session() {
  mkfifo "$work/$1"
  PGAPPNAME="race_$1" psql -X -q -At -v ON_ERROR_STOP=1 "$url" <"$work/$1" >"$work/$1.out" 2>"$work/$1.err" &
  eval "pid_$1=$!"
  eval "exec $2>\"$work/$1\""
}
open_session A 7
open_session B 8
close_sessions() { exec 7>&- 8>&-; wait "$pid_A" "$pid_B" 2>/dev/null || true; rm -rf "$work"; }
trap close_sessions EXIT
turn=0
tell() { # session statement
  turn=$((turn + 1))
  local line="$2; select 'turn $turn';"
  if [[ $1 == A ]]; then echo "$line" >&7; else echo "$line" >&8; fi
}
done_or_waiting() { # session; prints what it is
  local waiting
  while true; do
    if grep -q "^turn $turn\$" "$work/$1.out"; then echo done; return; fi
    [[ -s $work/$1.err ]] && { cat "$work/$1.err" >&2; return 1; }
    waiting=$(q "select count(*) from pg_stat_activity where application_name = 'race_$1' and wait_event_type = 'Lock'")
    [[ $waiting == 1 ]] && { echo waiting; return; }
  done
}
say() { tell "$1" "$2"; local s; s=$(done_or_waiting "$1"); is "$s" done "session $1, $2"; }
say_waits() { tell "$1" "$2"; waited=$turn; local s; s=$(done_or_waiting "$1"); is "$s" waiting "session $1, $2"; }
say_commit() { tell "$1" "commit"; local s; s=$(done_or_waiting "$1"); is "$s" done "commit of $1"; }
finished() { # session: what it waited for is done
  while ! grep -q "^turn $waited\$" "$work/$1.out"; do
    [[ -s $work/$1.err ]] && { cat "$work/$1.err" >&2; fail "session $1"; }
    kill -0 "$(eval echo "\$pid_$1")" 2>/dev/null || fail "session $1 ended"
  done
}
pulled() { q "select array_to_string(t.pulled('$1', $2), ', ')" | tail -1; }
head_of() { q "select t.head('$1')"; }

q "select t.sign_up(n) from unnest(array['ann', 'vic']) as x(n);" >/dev/null
q "select t.be('ann'); select t.pushed(t.event(t.id(1)), t.event(t.id(2)), t.event(t.id(3), '{\"recurrence\":\"FREQ=DAILY\"}'));" >/dev/null

# A late commit: who writes first and commits last gets the greater number; the reader in between misses nothing.
start=$(head_of ann)
say A "begin; update public.events set title = 'early write' where id = t.id(1)"
say B "update public.events set title = 'later write' where id = t.id(2)"
is "$(pulled ann "$start")" "events $(q 'select t.id(2)')" "the reader in between"
middle=$(head_of ann)
say A "commit"
is "$(pulled ann "$middle")" "events $(q 'select t.id(1)')" "the late commit comes after"

# The other way round: the first has its numbers already, but has not committed. Nobody sees them, and nobody can commit
# greater ones before.
start=$(head_of ann)
say A "begin; update public.events set title = 'numbered early' where id = t.id(1); set constraints all immediate"
is "$(pulled ann "$start")" "" "a number is not seen before its commit"
is "$(head_of ann)" "$start" "nor is the head"
say_waits B "update public.events set title = 'wants a number' where id = t.id(2)"
is "$(pulled ann "$start")" "" "and no later one"
say_commit A
finished B
is "$(pulled ann "$start")" "events $(q 'select t.id(1)'), events $(q 'select t.id(2)')" "in commit order"

# A grant against an edit of the same event, both orders: the new holder has the row as it is in the end.
start=$(head_of vic)
say A "begin; insert into public.event_user_roles (event_id, user_id) values (t.id(1), t.user('vic'))"
say_waits B "update public.events set title = 'during the grant' where id = t.id(1)"
say_commit A
finished B
is "$(pulled vic "$start" | grep -c "events $(q 'select t.id(1)')")" 1 "granted, then edited"
after_grant=$(q "select seq from almanac.sync_feed where user_id = t.user('vic') and table_name = 'events'")
is "$after_grant" "$(head_of vic)" "the edit after the grant reached the new holder"

start=$(head_of vic)
say A "begin; update public.events set title = 'before the grant' where id = t.id(2)"
say_waits B "insert into public.event_user_roles (event_id, user_id) values (t.id(2), t.user('vic'))"
say_commit A
finished B
is "$(pulled vic "$start" | grep -c "events $(q 'select t.id(2)')")" 1 "edited, then granted"

# A new exception against a grant of its series: the new holder gets the exception.
say A "begin; insert into public.events (id, owner_id, series_id, original_start, title, start_time, duration) values (t.id(4), t.user('ann'), t.id(3), now(), 'x', now(), 5)"
say_waits B "insert into public.event_user_roles (event_id, user_id) values (t.id(3), t.user('vic'))"
say_commit A
finished B
is "$(q "select count(*) from almanac.sync_feed where user_id = t.user('vic') and row_key = t.id(4)::text")" 1 "exception, then grant"
q "delete from public.event_user_roles where event_id = t.id(3)"
say A "begin; update public.event_user_roles set deleted_at = null where event_id = t.id(3) and user_id = t.user('vic')"
say_waits B "insert into public.events (id, owner_id, series_id, original_start, title, start_time, duration) values (t.id(5), t.user('ann'), t.id(3), now(), 'x', now(), 5)"
say_commit A
finished B
is "$(q "select count(*) from almanac.sync_feed where user_id = t.user('vic') and row_key = t.id(5)::text")" 1 "grant, then exception"

# Twenty invitations an hour are twenty, however many requests send them: by push and directly.
invite() { echo "t.entry('event_invites', t.id(2) || ':$1@example.org', jsonb_build_object('event_id', t.id(2), 'email', '$1@example.org', 'role', 'viewer'), array['role'], t.stamp(t.clock()))"; }
say A "begin; select t.be('ann'); select t.pushed(variadic array(select $(invite "' || i || '") from generate_series(1, 19) as x(i)))"
say B "select t.be('ann')"
say_waits B "select 'invited ' || t.verdict($(invite twentieth))"
say_commit A
finished B
is "$(grep -c '^invited done$' "$work/B.out")" 1 "the twentieth"
is "$(q "select t.be('ann'); select t.verdict($(invite more))" | tail -1)" rate_limited "the next"
q "delete from almanac.invite_log where at > now() - interval '1 hour' and ctid in (select ctid from almanac.invite_log limit 1)"
say A "begin; insert into public.event_invites (event_id, email) values (t.id(2), 'direct@example.org')"
say_waits B "select 'invited at the same time ' || t.verdict($(invite late))"
say_commit A
finished B
is "$(grep -c '^invited at the same time rate_limited$' "$work/B.out")" 1 "a push beside a direct insert"
say A "select t.be(null)"
say B "select t.be(null)"

# A push against a revocation: whoever commits first decides.
q "update public.event_user_roles set role = 'contributor' where event_id = t.id(1)"
say A "begin; delete from public.event_user_roles where event_id = t.id(1) and user_id = t.user('vic')"
say B "select t.be('vic')"
say_waits B "select 'verdict ' || t.verdict(t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(1), 'title', 'too late'), array['title'], t.stamp(t.clock())))"
say_commit A
finished B
is "$(grep -c '^verdict forbidden$' "$work/B.out")" 1 "an edit that waited for the revocation"
say B "select t.be(null)"

is "$(q "select t.be('vic'); select x -> 'row' from jsonb_array_elements(public.sync_push('d', jsonb_build_array(t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(1), 'title', 'x'), array['title'], t.stamp(t.clock())))) -> 'results') as y(x)" | tail -1)" null "the refusal shows nothing"

# The other order: the push holds the event, the revocation waits for it. The edit is kept; its answer was read before, so a
# device that has pulled the "gone" meanwhile knows by `at` that the answer is older.
q "update public.event_user_roles set deleted_at = null where event_id = t.id(1) and user_id = t.user('vic')"
say B "select t.be('vic')"
say B "begin; select 'answered at ' || (public.sync_push('d', jsonb_build_array(t.entry('events', t.id(1)::text, jsonb_build_object('id', t.id(1), 'title', 'in time'), array['title'], t.stamp(t.clock())))) ->> 'at')"
say_waits A "update public.event_user_roles set deleted_at = now() where event_id = t.id(1) and user_id = t.user('vic')"
say_commit B
finished A
say B "select t.be(null)"
gone_seq() { q "select seq from almanac.sync_feed where user_id = t.user('vic') and table_name = 'events' and row_key = t.id(1)::text"; }
is "$(q "select title from public.events where id = t.id(1)")" "in time" "an edit before the revocation"
answered=$(sed -n 's/^answered at //p' "$work/B.out" | tail -1)
is "$(( $(gone_seq) > answered ))" 1 "the answer is older than the gone"

# A revocation against a window, both orders: what was read before is older than the "gone", what is read after shows nothing.
window() { q "select t.be('vic'); select (w ->> 'at') || ' ' || (select count(*) from jsonb_array_elements(w -> 'rows') as x(r) where r ->> 'key' = t.id(1)::text) from public.sync_window(null, null) as y(w)" | tail -1; }
q "update public.event_user_roles set deleted_at = null where event_id = t.id(1) and user_id = t.user('vic')"
say A "begin; update public.event_user_roles set deleted_at = now() where event_id = t.id(1) and user_id = t.user('vic'); set constraints all immediate"
read -r at seen <<<"$(window)"
is "$seen" 1 "a window while the revocation is under way"
say_commit A
is "$(( $(gone_seq) > at ))" 1 "it is older than the gone"
is "$(pulled vic "$at" | grep -c "gone events $(q 'select t.id(1)')")" 1 "which comes after it"
read -r at seen <<<"$(window)"
is "$seen" 0 "a window after the revocation"
is "$(( at >= $(gone_seq) ))" 1 "it knows of the gone"
# The same for a grant: a window that does not know of it yet is older than what it brings.
say A "begin; update public.event_user_roles set deleted_at = null where event_id = t.id(1) and user_id = t.user('vic'); set constraints all immediate"
read -r at seen <<<"$(window)"
is "$seen" 0 "a window while the grant is under way"
say_commit A
is "$(( $(gone_seq) > at ))" 1 "the event comes after it"

# Two pushes over the same shared rows, named in opposite order: one waits for the other, neither for ever. The later stamp
# wins in both orders, edits of different groups both stay, and both people hear of both rows.
q "update public.event_user_roles set role = 'contributor', deleted_at = null where event_id in (t.id(1), t.id(2)) and user_id = t.user('vic')"
q "create function t.both(a uuid, b uuid, col text, val text, us bigint) returns text language sql as \$\$
     select string_agg(r ->> 'status', ' ') from jsonb_array_elements(t.push(
       t.entry('events', a::text, jsonb_build_object('id', a, col, val), array[col], t.stamp(us)),
       t.entry('events', b::text, jsonb_build_object('id', b, col, val), array[col], t.stamp(us)))) as x(r) \$\$"
clock=$(q "select t.clock()")
for order in "0 1" "1 0"; do
  read -r first second <<<"$order"
  start=$(head_of ann); vics=$(head_of vic)
  say A "select t.be('ann')"; say B "select t.be('vic')"
  say A "begin; select t.both(t.id(1), t.id(2), 'title', 'stamp $first', $((clock + first)))"
  say A "select t.both(t.id(1), t.id(2), 'location', 'by ann $order', $clock)"
  say_waits B "select 'both ' || t.both(t.id(2), t.id(1), 'title', 'stamp $second', $((clock + second)))"
  say_commit A
  finished B
  is "$(grep -c '^both done done$' "$work/B.out")" $((first + 1)) "both pushes are done"
  say B "select t.both(t.id(2), t.id(1), 'notes', 'by vic $order', $clock)"
  say A "select t.be(null)"; say B "select t.be(null)"
  is "$(q "select count(*) from public.events where id in (t.id(1), t.id(2)) and title = 'stamp 1' and location = 'by ann $order' and notes = 'by vic $order'")" 2 "order $order"
  is "$(pulled ann "$start" | grep -o 'events' | wc -l)" 2 "ann hears of both"
  is "$(pulled vic "$vics" | grep -o 'events' | wc -l)" 2 "vic hears of both"
  clock=$((clock + 10))
done

# An account is deleted while one of its devices pushes, both orders: nothing of it is left, and the push that came too late
# is told that there is no account.
q "select t.sign_up(n) from unnest(array['eve', 'fay']) as x(n)" >/dev/null
say A "select t.be('eve')"
say A "begin; select t.pushed(t.event(t.id(20)))"
say_waits B "delete from auth.users where id = t.user('eve')"
say_commit A
finished B
say A "select t.be(null)"
is "$(q "select count(*) from public.events where id = t.id(20)")" 0 "pushed, then deleted"
say A "begin; delete from auth.users where id = t.user('fay')"
say B "select t.be('fay')"
say_waits B "select 'too late ' || t.state('select t.pushed(t.event(t.id(21)))')"
say_commit A
finished B
say B "select t.be(null)"
is "$(grep -c '^too late PT401$' "$work/B.out")" 1 "deleted, then pushed"
is "$(q "select count(*) from public.events where id = t.id(21)")" 0 "nothing is left"

# A split against a revocation, both orders: who lost the role on the series before has none on what goes on from it.
q "select t.be('ann'); select t.pushed(t.event(t.id(30), '{\"recurrence\":\"FREQ=DAILY\"}'), t.role(t.id(30), 'vic', 'viewer'))" >/dev/null
split() { echo "insert into public.events (id, owner_id, split_from, title, start_time, duration) values (t.id($1), t.user('ann'), t.id(30), 'x', now(), 5)"; }
say A "begin; update public.event_user_roles set deleted_at = now() where event_id = t.id(30)"
say_waits B "$(split 31)"
say_commit A
finished B
is "$(q "select count(*) from public.event_user_roles where event_id = t.id(31)")" 0 "revoked, then split"
q "update public.event_user_roles set deleted_at = null where event_id = t.id(30)"
say A "begin; $(split 32)"
say_waits B "update public.event_user_roles set deleted_at = now() where event_id = t.id(30)"
say_commit A
finished B
is "$(q "select count(*) from public.event_user_roles where event_id = t.id(32) and deleted_at is null")" 1 "split, then revoked"

# Two pushes that make the same row at the same time (an answer was lost and the request sent again): both are done.
say A "select t.be('ann')"
say B "select t.be('ann')"
say A "begin; select t.pushed(t.event(t.id(9), '{\"title\":\"once\"}', t.stamp(1763823723123456)))"
say_waits B "select 'again ' || t.verdict(t.event(t.id(9), '{\"title\":\"once\"}', t.stamp(1763823723123456)))"
say_commit A
finished B
is "$(grep -c '^again done$' "$work/B.out")" 1 "the same entry twice at once"

# A large import has a short way to its numbers: it waits for the head like any other, and then sees what was numbered before.
start=$(head_of ann)
say A "begin; update public.events set title = 'numbered before the import' where id = t.id(2); set constraints all immediate"
say_waits B "insert into public.events (owner_id, title, start_time, duration) select t.user('ann'), 'import', now(), 5 from generate_series(1, 6000)"
is "$(pulled ann "$start")" "" "no number of the import is seen before"
say_commit A
finished B
is "$(head_of ann)" $((start + 6001)) "all are numbered"
is "$(q "select array[count(*), count(distinct seq), min(seq)] from almanac.sync_feed where user_id = t.user('ann') and seq > $start")" "{6001,6001,$((start + 1))}" "each once, without a gap"
is "$(q "select row_key from almanac.sync_feed where user_id = t.user('ann') and seq = $((start + 1))")" "$(q 'select t.id(2)')" "who committed first is first"

# Sixteen writers and two followers: each follower ends with exactly what the feed says, every number seen in order.
q "select t.sign_up('u' || i) from generate_series(1, 4) as x(i);" >/dev/null
q "insert into public.events (id, owner_id, title, start_time, duration) select t.id(1000 + i), t.user('u1'), 'x', now(), 5 from generate_series(1, 100) as x(i);
   insert into public.event_user_roles (event_id, user_id, role) select t.id(1000 + i), t.user('u' || j), 'contributor' from generate_series(1, 100) as x(i), generate_series(2, 4) as y(j);
   create table t.stop (at timestamptz); create table t.followed (who text, row_key text, seq bigint, title text, primary key (who, row_key));
   create function t.follow(who text) returns void language plpgsql as \$\$
   declare
     cursor_at bigint := 0; page jsonb; stopping boolean; c jsonb;
   begin
     perform set_config('request.jwt.claims', jsonb_build_object('sub', t.user(who))::text, false);
     loop
       stopping := exists (select from t.stop);
       page := public.sync_pull(cursor_at, 50);
       for c in select jsonb_array_elements(page -> 'changes') loop
         assert (c ->> 'seq')::bigint > cursor_at, 'a number behind the cursor';
         cursor_at := (c ->> 'seq')::bigint;
         insert into t.followed values (who, c ->> 'key', cursor_at, c -> 'row' ->> 'title')
           on conflict on constraint followed_pkey do update set seq = excluded.seq, title = excluded.title;
       end loop;
       assert cursor_at <= (page ->> 'at')::bigint, 'the cursor is beyond the head';
       exit when stopping and page -> 'changes' = '[]';
     end loop;
   end \$\$;"
cat >"$work/writer.sql" <<'SQL'
\set who random(1, 4)
\set one random(1, 100)
\set two random(1, 100)
select t.be('u' || :who);
select t.pushed(t.entry('events', t.id(1000 + :one)::text, jsonb_build_object('id', t.id(1000 + :one), 'title', 'by ' || :who || ' ' || :two), array['title'], t.stamp(t.clock())),
                t.entry('events', t.id(1000 + :two)::text, jsonb_build_object('id', t.id(1000 + :two), 'location', 'by ' || :who), array['location'], t.stamp(t.clock())));
SQL
q "select t.follow('u1')" >/dev/null & f1=$!
q "select t.follow('u3')" >/dev/null & f2=$!
# Deadlocks are answered with 40P01 and sent again by clients.
pgbench -n -c 16 -j 2 -t 60 --max-tries=10 -f "$work/writer.sql" "$url" >"$work/bench.out" 2>&1 || { cat "$work/bench.out" >&2; fail "writers"; }
grep -q 'number of failed transactions: 0 ' "$work/bench.out" || { cat "$work/bench.out" >&2; fail "some writers failed"; }
q "insert into t.stop values (now())"
wait $f1 || fail "follower u1"
wait $f2 || fail "follower u3"
for who in u1 u3; do
  is "$(q "select count(*) from almanac.sync_feed f where f.user_id = t.user('$who')
            and not exists (select from t.followed x where x.who = '$who' and x.row_key = f.row_key and x.seq = f.seq)")" 0 "numbers that $who passed by"
  is "$(q "select count(*) from public.events e join t.followed x on x.who = '$who' and x.row_key = e.id::text where x.title <> e.title")" 0 "rows that are older at $who"
  is "$(q "select count(*) from t.followed where who = '$who' and title like 'by %'" | awk '{print ($1 > 50)}')" 1 "$who saw edits"
done
