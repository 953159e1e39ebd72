-- sync_push: a batch of entries, each applied or refused by itself (docs/sync.md §5, docs/wire.md).
--
-- Entries are applied table by table, parents first, whatever their order in the request: one transaction shows nothing
-- of it. All entries of a table are tried together in one savepoint, which is ten times as fast as one by one; when that
-- fails, each is tried in a savepoint of its own, so that a bad one costs only itself.

-- What is wrong with an entry's form: {"code","message"}, or null. Nothing of it is trusted before.
create function almanac.entry_fault(e jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
declare
  t    text := e ->> 'table';
  r    jsonb := e -> 'row';
  spec jsonb := almanac.groups_of(t);
begin
  if spec is null then
    return jsonb_build_object('code', '42P01', 'message', 'unknown table');
  end if;
  if jsonb_typeof(r) is distinct from 'object' or not almanac.is_key(t, e ->> 'key') then
    return jsonb_build_object('code', 'invalid', 'message', 'the entry needs a key and a row');
  end if;
  if e ->> 'key' is distinct from (r ->> (spec -> 'key' ->> 0)) || coalesce(':' || (r ->> (spec -> 'key' ->> 1)), '') then
    return jsonb_build_object('code', 'invalid', 'message', 'the key is not the row''s');
  end if;
  -- As PostgreSQL prints a jsonb object of stamps.
  if coalesce((e -> 'stamps')::text, '') !~ '^\{("[a-z0-9_]+": "[0-9]{16}-[0-9a-f]{16}"(, |\}$))+' then
    return jsonb_build_object('code', 'invalid', 'message', 'the entry needs well-formed stamps');
  end if;
  return null;
end
$$;

-- Applies well-formed entries of one table with different keys; answers in their order. A failure is the caller's to catch.
create function almanac.apply_entries(p_user uuid, p_table text, p_entries jsonb[]) returns jsonb[]
language plpgsql security definer set search_path = '' as $$
declare
  spec     constant jsonb := almanac.groups_of(p_table);
  names    constant text[] := almanac.group_names(p_table);
  key_cols constant text[] := array(select jsonb_array_elements_text(spec -> 'key'));
  -- Whose the row is. It need not be said when it is one's own.
  owner_column constant text := case p_table when 'events' then 'owner_id' when 'event_invites' then 'invited_by'
                                             when 'user_profiles' then 'id' else 'user_id' end;
  own_only constant boolean := p_table in ('events', 'user_calendars', 'user_categories', 'ai_personas', 'user_profiles');
  -- The caller's own among the events that the entries' overlays are about.
  own_events jsonb := '{}';
  keys     text[];
  joined   constant text := (select string_agg(format('t.%1$I = r.%1$I', c), ' and ') from unnest(key_cols) as x(c));
  key_of   constant text := case cardinality(key_cols) when 1 then format('w ->> %L', key_cols[1])
                            else format('(w ->> %L) || '':'' || (w ->> %L)', key_cols[1], key_cols[2]) end;
  entry    record;
  answers  jsonb[] := array_fill(null::jsonb, array[array_length(p_entries, 1)]);
  inserts  jsonb[] := '{}';
  updates  jsonb[] := '{}';
  written  jsonb := '{}';
  columns  text;
  e        jsonb;
  stamps   jsonb;
  form     jsonb;
  patch    jsonb;
  old_row  jsonb;
  old_stamps jsonb;
  new_row  jsonb;
  groups   text[];
  g        text;
  code     text;
  newest   text collate "C";
  all_newer boolean;
  -- The columns of the last set of groups: most entries of a batch change the same.
  known_groups text[];
  needed   text[];
  dropped  text[];
begin
  keys := array(select x.e ->> 'key' from unnest(p_entries) with ordinality as x(e, o) order by o);

  -- First the events that decide who sees the rows, then the rows; each in key order.
  if p_table = 'event_user_roles' then
    perform from public.events v
      where v.id in (select left(k, 36)::uuid from unnest(keys) as x(k)) order by v.id for no key update;
  elsif p_table in ('event_details_personal', 'event_invites') then
    -- The roles of an exception are its series'.
    perform from public.events v
      where v.id in (select coalesce(w.series_id, w.id) from public.events w
                      where w.id in (select left(k, 36)::uuid from unnest(keys) as x(k)))
      order by v.id for share;
    if p_table = 'event_details_personal' then
      own_events := coalesce((select jsonb_object_agg(v.id, true) from public.events v
                               where v.id in (select left(k, 36)::uuid from unnest(keys) as x(k)) and v.owner_id = p_user), '{}');
    end if;
  elsif p_table = 'events' then
    perform from public.events v
      where v.id in (select (x.e -> 'row' ->> y.parent)::uuid from unnest(p_entries) as x(e),
                            (values ('series_id'), ('split_from')) as y(parent)
                      where x.e -> 'row' ->> y.parent is not null
                     union
                     select w.series_id from public.events w
                      where w.id in (select left(k, 36)::uuid from unnest(keys) as x(k)) and w.series_id is not null)
      order by v.id for share;
  end if;

  -- Each entry in the database's own form, so that equal values are equal text, beside the row as it is now.
  for entry in execute format($sql$
    with given as materialized (
      select x.o, x.e, r.*
        from unnest($1) with ordinality as x(e, o), jsonb_populate_record(null::public.%1$I, x.e -> 'row') as r
    ), locked as materialized (
      select %3$s, almanac.wire(t) as row_json
        from public.%1$I t where (%3$s) in (select %4$s from given r)
       order by %3$s for no key update of t
    )
    select r.o, r.e, almanac.wire(row(%5$s)::public.%1$I) as form, t.row_json as old_row
      from given r left join locked t on %2$s
     order by r.o
    $sql$, p_table, joined,
    (select string_agg('t.' || quote_ident(c), ', ') from unnest(key_cols) as x(c)),
    (select string_agg('r.' || quote_ident(c), ', ') from unnest(key_cols) as x(c)),
    (select string_agg('r.' || quote_ident(a.attname), ', ' order by a.attnum) from pg_catalog.pg_attribute a
      where a.attrelid = ('public.' || p_table)::regclass and a.attnum > 0 and not a.attisdropped))
    using p_entries
  loop
    e := entry.e;
    stamps := e -> 'stamps';
    form := entry.form;
    old_row := entry.old_row;

    groups := '{}';
    foreach g in array names loop
      if stamps ? g then
        groups := array_append(groups, g);
      end if;
    end loop;
    if groups is distinct from known_groups then
      known_groups := groups;
      -- A group travels whole: a column left out would be wiped. The derived times may be left out.
      needed := array(select c from jsonb_array_elements(spec -> 'groups') as x(y), jsonb_array_elements_text(y -> 'columns') as z(c)
                       where y ->> 'name' = any (groups));
      dropped := array(select c from unnest(almanac.columns_of(p_table) || array['stamps', 'updated_at']) as x(c)
                        where not c = any (needed));
      needed := array_remove(array_remove(needed, 'start_timestamp_ms'), 'end_timestamp_ms');
    end if;
    if (stamps - names) <> '{}' then
      -- The client is newer than this database. Dropping the group would lose the edit.
      answers[entry.o] := jsonb_build_object('status', 'refused', 'code', '42703', 'message', 'unknown group in ' || (stamps - names)::text);
      continue;
    elsif not (e -> 'row') ?& needed then
      answers[entry.o] := jsonb_build_object('status', 'refused', 'code', 'invalid',
        'message', 'missing of ' || array_to_string(needed, ', '));
      continue;
    end if;

    if p_table = 'events' and stamps ? 'when' then
      -- Computed, or checked where there is a rule.
      form := form || jsonb_build_object('start_timestamp_ms', almanac.start_ms((form ->> 'start_time')::timestamptz));
      if form ->> 'recurrence' is null
         or coalesce((form ->> 'end_timestamp_ms')::bigint, -9e15)
            < almanac.end_ms((form ->> 'start_time')::timestamptz, (form ->> 'duration')::integer, null) then
        form := form || jsonb_build_object('end_timestamp_ms',
          almanac.end_ms((form ->> 'start_time')::timestamptz, (form ->> 'duration')::integer, form ->> 'recurrence'));
      end if;
    end if;

    if old_row is null then
      if form ->> owner_column is null then
        form := form || jsonb_build_object(owner_column, p_user);
      end if;
      new_row := form;
    else
      -- What stands in the row decides, not what the entry says about its other columns.
      patch := form - dropped;
      new_row := old_row || patch;
    end if;

    -- The commonest cases need no look at roles: one's own row, and one's overlay of one's own event.
    if own_only and old_row ->> owner_column = p_user::text then
      code := null;
    elsif own_events ? left(e ->> 'key', 36) and new_row ->> 'user_id' = p_user::text
          and (old_row is not null or array_append(groups, 'life') @> names) then
      code := null;
    else
      code := almanac.refusal(p_user, p_table, old_row, new_row, groups);
    end if;
    if code is null and p_table = 'event_invites' and almanac.is_invitation(old_row, new_row) and not almanac.may_invite(p_user) then
      code := 'rate_limited';
    end if;
    if code is not null then
      answers[entry.o] := jsonb_build_object('status', 'refused', 'code', code,
        'message', code || ': ' || array_to_string(groups, ', ') || ' of ' || p_table);
      continue;
    end if;

    if old_row is null then
      inserts := array_append(inserts, new_row || jsonb_build_object('stamps', stamps,
        'deleted_at', case when stamps ? 'life' then new_row -> 'deleted_at' end, 'updated_at', almanac.newest(stamps))
        || case p_table when 'event_invites' then '{"status":"waiting"}'::jsonb else '{}' end);
      continue;
    end if;

    -- merge, with short ways for the two common cases: all is newer, and all is known already.
    old_stamps := old_row -> 'stamps';
    newest := '';
    all_newer := true;
    foreach g in array groups loop
      if (stamps ->> g) collate "C" > newest then
        newest := stamps ->> g;
      end if;
      all_newer := all_newer and (stamps ->> g) collate "C" > coalesce(old_stamps ->> g, '');
    end loop;
    if all_newer and old_row ->> 'deleted_at' is null and not stamps ? 'life' then
      new_row := new_row || jsonb_build_object('stamps', old_stamps || stamps, 'updated_at',
        greatest(old_row ->> 'updated_at' collate "C", almanac.instant(almanac.from_micros(left(newest, 16)::bigint)) collate "C"));
    elsif old_stamps @> stamps and old_row @> patch then
      new_row := old_row;
    else
      new_row := almanac.merge_groups(p_table, old_row, new_row || jsonb_build_object('stamps', old_stamps || stamps), groups);
    end if;
    -- Nothing below or in the triggers changes a row that is pushed: this is what will stand there.
    answers[entry.o] := jsonb_build_object('status', 'done', 'row', new_row);
    if new_row <> old_row then
      updates := array_append(updates, new_row);
    end if;
  end loop;

  if cardinality(inserts) > 0 then
    execute format($sql$
      with written as (
        insert into public.%1$I as t
        select r.* from unnest($1) as x(j), jsonb_populate_record(null::public.%1$I, x.j) as r
        returning almanac.wire(t) as w)
      select jsonb_object_agg(%2$s, w) from written
      $sql$, p_table, key_of) using inserts into written;
  end if;
  if cardinality(updates) > 0 then
    select string_agg(quote_ident(c), ', ') into columns
      from (select jsonb_array_elements_text(y -> 'columns') as c from jsonb_array_elements(spec -> 'groups') as x(y)
            union all select unnest(array['stamps', 'updated_at'])) as z;
    execute format($sql$
      update public.%1$I as t set (%2$s) = row(%3$s)
        from unnest($1) as x(j), jsonb_populate_record(null::public.%1$I, x.j) as r
       where %4$s
      $sql$, p_table, columns, 'r.' || replace(columns, ', ', ', r.'), joined) using updates;
  end if;

  return array(
    select coalesce(a.answer, jsonb_build_object('status', 'done', 'row', written -> a.row_key))
      from unnest(answers, keys) with ordinality as a(answer, row_key, o) order by a.o);
end
$$;

-- Applies entries of one table together or, when that fails, one by one.
create function almanac.try_entries(p_user uuid, p_table text, p_entries jsonb[]) returns jsonb[]
language plpgsql security definer set search_path = '' as $$
declare
  answers jsonb[] := '{}';
  state   text;
  said    text;
  named   text;
begin
  -- The embedded PostgreSQL cannot catch: an error in a block with a handler leaves it unusable. There the server gives
  -- the savepoints, asks for this, and does the refusing itself.
  if current_setting('almanac.catch', true) = 'off' then
    return almanac.apply_entries(p_user, p_table, p_entries);
  end if;
  -- A second try only for a row that another transaction inserted in the meantime: now it can be seen and merged.
  for attempt in 1 .. 3 loop
    begin
      return almanac.apply_entries(p_user, p_table, p_entries);
    exception when others then
      get stacked diagnostics state = returned_sqlstate, said = message_text, named = constraint_name;
      -- The server's trouble, not the entry's: the request fails as a whole and is sent again.
      if left(state, 2) in ('08', '25', '40', '53', '55', '57', '58') then
        raise;
      end if;
    end;
    if array_length(p_entries, 1) > 1 then
      for i in 1 .. array_length(p_entries, 1) loop
        answers := answers || almanac.try_entries(p_user, p_table, p_entries[i : i]);
      end loop;
      return answers;
    end if;
    exit when state <> '23505';
  end loop;
  return array[jsonb_build_object(
    'status', 'refused',
    'code', case when state = '23503' then 'parent_missing'
                 when left(state, 2) in ('22', '23') then 'invalid'
                 when state = '42501' then 'forbidden'
                 else state end,
    'message', case when named <> '' then named || ': ' || said else said end)];
end
$$;

create function public.sync_push(p_device text, p_entries jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set jit = off as $$
declare
  me       uuid := almanac.caller();
  -- `at` is read before the writes: the rows of the answer are at least as new, and no number is counted that this
  -- transaction has yet to give.
  answer   jsonb := almanac.answer(me);
  ahead    text := almanac.server_stamp(almanac.now_micros() + 300000000);
  entries  jsonb[];
  results  jsonb[];
  run      record;
  outcome  jsonb[];
  rows     jsonb;
begin
  perform almanac.hold_account(me);
  if p_entries @> '[{"table":"event_invites"}]' then
    perform almanac.hold_invitations(me);
  end if;
  if jsonb_typeof(p_entries) is distinct from 'array' or jsonb_array_length(p_entries) > 500 then
    raise exception 'p_entries is an array of at most 500 entries' using errcode = '22023';
  end if;
  if p_entries = '[]' then
    return answer || '{"results":[]}';
  end if;
  select array_agg(x.e order by x.o), array_agg('{"status":"refused"}'::jsonb || x.fault order by x.o)
    into entries, results
    from (select y.e, y.o, almanac.entry_fault(y.e) as fault from jsonb_array_elements(p_entries) with ordinality as y(e, o) offset 0) as x;
  if exists (select from unnest(entries, results) as x(e, r), jsonb_each_text(e -> 'stamps') as s
              where r is null and s.value collate "C" > ahead) then
    return (answer - 'at') || '{"error":"clock_ahead"}';
  end if;

  perform set_config('almanac.push', 'on', true);
  -- A run: entries of one table with different keys. Exceptions come after their series; an edit of one's own role, which
  -- changes one's rights, stands alone and before the others; a second entry of a row comes after the first.
  for run in
    select p.t as table_name, array_agg(p.ord::integer order by p.row_key collate "C") as ords,
           array_agg(p.e order by p.row_key collate "C") as entries
      from (select x.ord, x.e, x.e ->> 'table' as t, x.e ->> 'key' as row_key,
                   row_number() over (partition by x.e ->> 'table', x.e ->> 'key' order by x.ord) as again,
                   case when x.e ->> 'table' = 'events' then (x.e -> 'row' ->> 'series_id' is not null)::integer
                        when x.e ->> 'table' = 'event_user_roles' then (x.e -> 'row' ->> 'user_id' is distinct from me::text)::integer
                        else 0 end as later
              from unnest(entries, results) with ordinality as x(e, r, ord)
             where x.r is null) as p
     group by p.t, p.later, p.again
     order by almanac.table_order(p.t), p.again, p.later
  loop
    outcome := almanac.try_entries(me, run.table_name, run.entries);
    for i in 1 .. array_length(outcome, 1) loop
      results[run.ords[i]] := outcome[i];
    end loop;
  end loop;
  perform set_config('almanac.push', '', true);

  -- A refusal shows the row as it is, if the caller may see it.
  if exists (select from unnest(results) as x(r) where r ->> 'status' = 'refused') then
    select jsonb_object_agg(refs.ords[f.ord], f.row_json) into rows
      from (select array_agg(x.e ->> 'table') as tables, array_agg(x.e ->> 'key') as keys, array_agg(x.o) as ords
              from unnest(entries, results) with ordinality as x(e, r, o)
             where x.r ->> 'status' = 'refused' and almanac.is_key(x.e ->> 'table', x.e ->> 'key')) as refs
     cross join lateral almanac.fetch(me, refs.tables, refs.keys) as f;
  end if;

  return answer || jsonb_build_object('results', (
    select jsonb_agg(
             jsonb_build_object('table', x.e -> 'table', 'key', x.e -> 'key', 'generation', x.e -> 'generation')
             || case when x.r ->> 'status' = 'refused' then jsonb_build_object('row', coalesce(rows -> x.o::text, 'null')) else '{}' end
             || x.r order by x.o)
      from unnest(entries, results) with ordinality as x(e, r, o)));
end
$$;

revoke all on function public.sync_push(text, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.sync_push(text, jsonb) to authenticated;
revoke all on function
  almanac.entry_fault(jsonb), almanac.apply_entries(uuid, text, jsonb[]),
  almanac.try_entries(uuid, text, jsonb[])
  from public, anon, authenticated;
