-- sync_push: a batch of entries, each applied or refused by itself (docs/sync.md §5, docs/wire.md).
--
-- Entries are applied table by table, parents first, whatever their order in the request: one transaction shows nothing
-- of it. All entries of a table are tried together in one savepoint, which is ten times as fast as one by one; when that
-- fails, each is tried in a savepoint of its own, so that a bad one costs only itself.

-- What is wrong with an entry's form: {"code","message"}, or null. Nothing of it is trusted before.
create function almanac.entry_fault(e jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
declare
  t   text := e ->> 'table';
  row jsonb := e -> 'row';
  g   jsonb;
  spec jsonb := almanac.groups_of(t);
  bad text;
begin
  if spec is null then
    return jsonb_build_object('code', '42P01', 'message', 'unknown table');
  end if;
  if jsonb_typeof(row) is distinct from 'object' or jsonb_typeof(e -> 'stamps') is distinct from 'object'
     or e -> 'stamps' = '{}' or not almanac.is_key(t, e ->> 'key') then
    return jsonb_build_object('code', 'invalid', 'message', 'the entry needs a key, a row and stamps');
  end if;
  if e ->> 'key' is distinct from (row ->> (spec -> 'key' ->> 0)) || coalesce(':' || (row ->> (spec -> 'key' ->> 1)), '') then
    return jsonb_build_object('code', 'invalid', 'message', 'the key is not the row''s');
  end if;
  select x.key into bad from jsonb_each(e -> 'stamps') as x
   where jsonb_typeof(x.value) <> 'string' or x.value #>> '{}' !~ '^[0-9]{16}-[0-9a-f]{16}$' limit 1;
  if found then
    return jsonb_build_object('code', 'invalid', 'message', 'stamp of ' || bad || ' is malformed');
  end if;
  select x.key into bad from jsonb_object_keys(e -> 'stamps') as x(key)
   where not x.key = any (almanac.group_names(t)) limit 1;
  if found then
    -- The client is newer than this database. Dropping the group would lose the edit.
    return jsonb_build_object('code', '42703', 'message', 'unknown group ' || bad);
  end if;
  -- A group travels whole: a column left out would be wiped.
  for g in select jsonb_array_elements(spec -> 'groups') loop
    if e -> 'stamps' ? (g ->> 'name') then
      select c into bad from jsonb_array_elements_text(g -> 'columns') as x(c)
       where not row ? c and c not in ('start_timestamp_ms', 'end_timestamp_ms') limit 1;
      if found then
        return jsonb_build_object('code', 'invalid', 'message', bad || ' is missing');
      end if;
    end if;
  end loop;
  return null;
end
$$;

-- The columns an entry may bring: its key, the fixed ones that are given, all of its groups. In the database's own form,
-- so that equal values are equal text. For events the derived times are computed, or checked when there is a rule.
create function almanac.entry_patch(e jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  t     text := e ->> 'table';
  spec  jsonb := almanac.groups_of(t);
  given jsonb := e -> 'row';
  cols  text[];
  ev    public.events;
  form  jsonb;
begin
  cols := array(
    select jsonb_array_elements_text(g -> 'columns') from jsonb_array_elements(spec -> 'groups') as x(g)
     where e -> 'stamps' ? (g ->> 'name')
    union all select jsonb_array_elements_text(spec -> 'key')
    union all select c from jsonb_array_elements_text(spec -> 'fixed') as y(c) where given ->> c is not null);
  case t
    when 'events' then
      ev := jsonb_populate_record(null::public.events, given);
      if e -> 'stamps' ? 'when' then
        ev.start_timestamp_ms := almanac.start_ms(ev.start_time);
        if ev.recurrence is null or ev.end_timestamp_ms is null
           or ev.end_timestamp_ms < almanac.end_ms(ev.start_time, ev.duration, null) then
          ev.end_timestamp_ms := almanac.end_ms(ev.start_time, ev.duration, ev.recurrence);
        end if;
      end if;
      form := almanac.wire(ev);
    when 'event_details_personal' then form := almanac.wire(jsonb_populate_record(null::public.event_details_personal, given));
    when 'event_user_roles' then form := almanac.wire(jsonb_populate_record(null::public.event_user_roles, given));
    when 'event_invites' then form := almanac.wire(jsonb_populate_record(null::public.event_invites, given));
    when 'user_calendars' then form := almanac.wire(jsonb_populate_record(null::public.user_calendars, given));
    when 'user_categories' then form := almanac.wire(jsonb_populate_record(null::public.user_categories, given));
    when 'ai_personas' then form := almanac.wire(jsonb_populate_record(null::public.ai_personas, given));
    when 'user_profiles' then form := almanac.wire(jsonb_populate_record(null::public.user_profiles, given));
  end case;
  return (select jsonb_object_agg(c, form -> c) from unnest(cols) as x(c));
end
$$;

-- Applies entries of one table, of well-formed entries with different keys. Answers in their order. Any failure is the caller's to catch.
create function almanac.apply_entries(p_user uuid, p_table text, p_entries jsonb[]) returns jsonb[]
language plpgsql security definer set search_path = '' as $$
declare
  spec     jsonb := almanac.groups_of(p_table);
  names    text[] := almanac.group_names(p_table);
  owner_column constant text := case p_table when 'events' then 'owner_id' when 'event_invites' then 'invited_by' else 'user_id' end;
  many     integer := array_length(p_entries, 1);
  keys     text[] := array(select e ->> 'key' from unnest(p_entries) with ordinality as x(e, o) order by o);
  key_match text;
  columns  text;
  patches  jsonb[];
  now_rows jsonb[];
  answers  jsonb[] := array_fill(null::jsonb, array[many]);
  inserts  jsonb[] := '{}';
  updates  jsonb[] := '{}';
  written  jsonb;
  e        jsonb;
  patch    jsonb;
  old_row  jsonb;
  new_row  jsonb;
  groups   text[];
  code     text;
begin
  -- Whose row it is need not be said when it is one's own.
  patches := array(
    select case when spec -> 'fixed' ? owner_column and not p ? owner_column
                then p || jsonb_build_object(owner_column, p_user) else p end
      from (select o, almanac.entry_patch(x.e) as p from unnest(p_entries) with ordinality as x(e, o)) as y
     order by o);

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
  elsif p_table = 'events' then
    perform from public.events v
      where v.id in (select (p ->> 'series_id')::uuid from unnest(patches) as x(p) where p ->> 'series_id' is not null
                     union
                     select w.series_id from public.events w
                      where w.id in (select left(k, 36)::uuid from unnest(keys) as x(k)) and w.series_id is not null)
      order by v.id for share;
  end if;

  key_match := case when spec -> 'key' = '["id"]' then 't.id = left(k.key, 36)::uuid'
                    when spec -> 'key' ->> 1 = 'user_id' then 't.event_id = left(k.key, 36)::uuid and t.user_id = substr(k.key, 38)::uuid'
                    else 't.event_id = left(k.key, 36)::uuid and t.email = substr(k.key, 38)' end;
  execute format($sql$
    with locked as (
      select k.ord, almanac.wire(t) as row_json
        from unnest($1) with ordinality as k(key, ord) join public.%I t on %s
       order by k.key collate "C" for no key update of t)
    select array_agg(l.row_json order by o.ord) from generate_series(1, $2) as o(ord) left join locked l on l.ord = o.ord
    $sql$, p_table, key_match) using keys, many into now_rows;

  for i in 1 .. many loop
    e := p_entries[i];
    patch := patches[i];
    old_row := now_rows[i];
    groups := array(select jsonb_object_keys(e -> 'stamps'));
    if old_row is not null then
      -- What stands in the row decides, not what the entry says about it.
      patch := patch || almanac.group_columns(old_row, (spec -> 'key') || (spec -> 'fixed'));
    end if;
    -- The commonest case needs no look at roles.
    if old_row ->> owner_column = p_user::text and p_table in ('events', 'user_calendars', 'user_categories', 'ai_personas') then
      code := null;
    else
      code := almanac.refusal(p_user, p_table, old_row, patch, groups);
    end if;
    if code is null and p_table = 'event_invites' and almanac.is_invitation(old_row, patch) and not almanac.may_invite(p_user) then
      code := 'rate_limited';
    end if;

    if code is not null then
      answers[i] := jsonb_build_object('status', 'refused', 'code', code,
        'message', code || ': ' || array_to_string(groups, ', ') || ' of ' || p_table);
    elsif old_row is null then
      new_row := patch || jsonb_build_object('stamps', e -> 'stamps', 'updated_at', almanac.newest(e -> 'stamps'))
                 || case p_table when 'event_invites' then '{"status":"waiting"}'::jsonb else '{}' end;
      inserts := inserts || new_row;
    else
      new_row := almanac.merge_groups(p_table, old_row,
        patch || jsonb_build_object('stamps', (old_row -> 'stamps') || (e -> 'stamps')), groups);
      if new_row <> old_row then
        updates := updates || new_row;
      else
        answers[i] := jsonb_build_object('status', 'done', 'row', old_row);
      end if;
    end if;
  end loop;

  -- `key` of a row in wire form.
  key_match := case when jsonb_array_length(spec -> 'key') = 1 then $k$w ->> 'id'$k$
                    else format('(w ->> %L) || %L || (w ->> %L)', spec -> 'key' ->> 0, ':', spec -> 'key' ->> 1) end;
  written := '{}';
  if cardinality(inserts) > 0 then
    execute format($sql$
      with written as (
        insert into public.%1$I as t
        select r.* from unnest($1) as x(j), jsonb_populate_record(null::public.%1$I, x.j) as r
        returning almanac.wire(t) as w)
      select $2 || jsonb_object_agg(%2$s, w) from written
      $sql$, p_table, key_match) using inserts, written into written;
  end if;
  if cardinality(updates) > 0 then
    select string_agg(quote_ident(c), ', ') into columns
      from (select jsonb_array_elements_text(g -> 'columns') as c from jsonb_array_elements(spec -> 'groups') as x(g)
            union all select unnest(array['stamps', 'updated_at'])) as y;
    execute format($sql$
      with written as (
        update public.%1$I as t set (%2$s) = (select %3$s)
          from unnest($1) as x(j), jsonb_populate_record(null::public.%1$I, x.j) as r
         where %4$s
        returning almanac.wire(t) as w)
      select $2 || coalesce(jsonb_object_agg(%5$s, w), '{}') from written
      $sql$, p_table, columns, 'r.' || replace(columns, ', ', ', r.'),
      (select string_agg(format('t.%1$I = r.%1$I', c), ' and ') from jsonb_array_elements_text(spec -> 'key') as x(c)),
      key_match) using updates, written into written;
  end if;
  return array(
    select coalesce(answers[o.i], jsonb_build_object('status', 'done', 'row', written -> keys[o.i]))
      from generate_series(1, many) as o(i) order by o.i);
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
language plpgsql volatile security definer set search_path = '' as $$
declare
  me       uuid := almanac.caller();
  -- `at` is read before the writes: the rows of the answer are at least as new, and no number is counted that this
  -- transaction has yet to give.
  answer   jsonb := almanac.answer(me);
  entries  jsonb[];
  faults   jsonb[];
  results  jsonb[];
  many     integer;
  ahead    text := almanac.server_stamp(almanac.now_micros() + 300000000);
  run      record;
  outcome  jsonb[];
  rows     jsonb;
begin
  if jsonb_typeof(p_entries) is distinct from 'array' or jsonb_array_length(p_entries) > 500 then
    raise exception 'p_entries is an array of at most 500 entries' using errcode = '22023';
  end if;
  many := jsonb_array_length(p_entries);
  if many = 0 then
    return answer || '{"results":[]}';
  end if;
  entries := array(select e from jsonb_array_elements(p_entries) with ordinality as x(e, o) order by o);
  faults := array(select almanac.entry_fault(e) from unnest(entries) with ordinality as x(e, o) order by o);
  if exists (select from unnest(entries, faults) as x(e, f), jsonb_each_text(e -> 'stamps') as s
              where f is null and s.value collate "C" > ahead) then
    return (answer - 'at') || '{"error":"clock_ahead"}';
  end if;
  results := array_fill(null::jsonb, array[many]);
  for i in 1 .. many loop
    if faults[i] is not null then
      results[i] := '{"status":"refused"}'::jsonb || faults[i];
    end if;
  end loop;

  perform set_config('almanac.push', 'on', true);
  -- A run: entries of one table with different keys. Exceptions come after their series; an edit of one's own role, which
  -- changes one's rights, stands alone and before the others; a second entry of a row comes after the first.
  for run in
    select array_agg(p.ord::integer order by p.row_key collate "C", p.ord) as ords, p.t as table_name
      from (select x.ord, x.e ->> 'table' as t, x.e ->> 'key' as row_key,
                   row_number() over (partition by x.e ->> 'table', x.e ->> 'key' order by x.ord) as again,
                   case when x.e ->> 'table' = 'events' then (x.e -> 'row' ->> 'series_id' is not null)::integer
                        when x.e ->> 'table' = 'event_user_roles' then (x.e -> 'row' ->> 'user_id' is distinct from me::text)::integer
                        else 0 end as later
              from unnest(entries, faults) with ordinality as x(e, f, ord)
             where x.f is null) as p
     group by p.t, p.later, p.again
     order by almanac.table_order(p.t), p.again, p.later
  loop
    outcome := almanac.try_entries(me, run.table_name, array(select entries[o] from unnest(run.ords) with ordinality as x(o, i) order by i));
    for i in 1 .. array_length(run.ords, 1) loop
      results[run.ords[i]] := outcome[i];
    end loop;
  end loop;
  perform set_config('almanac.push', '', true);

  -- A refusal shows the row as it is, if the caller may see it.
  if exists (select from unnest(results) as x(r) where r ->> 'status' = 'refused') then
    select jsonb_object_agg(f.ord, f.row_json) into rows
      from (select array_agg(case when faults[o] is null or almanac.is_key(entries[o] ->> 'table', entries[o] ->> 'key')
                                  then entries[o] ->> 'table' end order by o) as t,
                   array_agg(case when almanac.is_key(entries[o] ->> 'table', entries[o] ->> 'key')
                                  then entries[o] ->> 'key' end order by o) as k
              from generate_series(1, many) as y(o)) as refs
     cross join lateral almanac.fetch(me, refs.t, refs.k) as f
     where results[f.ord] ->> 'status' = 'refused';
  end if;

  return answer || jsonb_build_object('results', (
    select jsonb_agg(
             jsonb_build_object('table', entries[o] -> 'table', 'key', entries[o] -> 'key', 'generation', entries[o] -> 'generation')
             || case when results[o] ->> 'status' = 'refused'
                     then jsonb_build_object('row', coalesce(rows -> o::text, 'null')) else '{}' end
             || results[o] order by o)
      from generate_series(1, many) as y(o)));
end
$$;

revoke all on function public.sync_push(text, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.sync_push(text, jsonb) to authenticated;
revoke all on function
  almanac.entry_fault(jsonb), almanac.entry_patch(jsonb), almanac.apply_entries(uuid, text, jsonb[]),
  almanac.try_entries(uuid, text, jsonb[])
  from public, anon, authenticated;
