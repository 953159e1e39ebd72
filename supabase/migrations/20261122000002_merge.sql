-- Groups, stamps, the wire form of a row, and merge (docs/wire.md). Pure functions; nothing here reads a table.

-- The one place on the server that knows which column is in which group.
-- `key`: the key's columns · `fixed`: written once, or by the server only · `groups`: in wire order, `content` marks those
-- whose newer stamp revives a deleted row. `written`: fixed columns that the server changes, with the stamp it then sets.
create function almanac.groups_of(p_table text) returns jsonb
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  case p_table
    when 'events' then return '{"key":["id"],"fixed":["owner_id","series_id","original_start","split_from","ical_uid"],"groups":[
      {"name":"title","columns":["title"],"content":true},
      {"name":"when","columns":["start_time","duration","all_day","time_zone","recurrence","start_timestamp_ms","end_timestamp_ms"],"content":true},
      {"name":"private","columns":["private"],"content":false},
      {"name":"location","columns":["location"],"content":true},
      {"name":"notes","columns":["notes"],"content":true},
      {"name":"life","columns":["deleted_at"],"content":false}]}'::jsonb;
    when 'event_details_personal' then return '{"key":["event_id","user_id"],"fixed":[],"groups":[
      {"name":"calendar","columns":["calendar_id"],"content":false},
      {"name":"category","columns":["category_id"],"content":false},
      {"name":"show_time_as","columns":["show_time_as"],"content":false},
      {"name":"time_defense_level","columns":["time_defense_level"],"content":false},
      {"name":"ai","columns":["ai_managed","ai_instructions","persona_id"],"content":false},
      {"name":"reminders","columns":["reminders"],"content":false},
      {"name":"life","columns":["deleted_at"],"content":false}]}'::jsonb;
    when 'event_user_roles' then return '{"key":["event_id","user_id"],"fixed":[],"groups":[
      {"name":"role","columns":["role"],"content":false},
      {"name":"rsvp","columns":["rsvp"],"content":false},
      {"name":"following","columns":["following"],"content":false},
      {"name":"life","columns":["deleted_at"],"content":false}]}'::jsonb;
    when 'event_invites' then return '{"key":["event_id","email"],"fixed":["invited_by","status"],"groups":[
      {"name":"role","columns":["role"],"content":false},
      {"name":"life","columns":["deleted_at"],"content":false}]}'::jsonb;
    when 'user_calendars' then return '{"key":["id"],"fixed":["user_id"],"groups":[
      {"name":"name","columns":["name"],"content":true},
      {"name":"color","columns":["color"],"content":false},
      {"name":"visible","columns":["visible"],"content":false},
      {"name":"is_default","columns":["is_default"],"content":false},
      {"name":"position","columns":["position"],"content":false},
      {"name":"default_reminders","columns":["default_reminders"],"content":false},
      {"name":"life","columns":["deleted_at"],"content":false}]}'::jsonb;
    when 'user_categories' then return '{"key":["id"],"fixed":["user_id"],"groups":[
      {"name":"name","columns":["name"],"content":true},
      {"name":"color","columns":["color"],"content":false},
      {"name":"visible","columns":["visible"],"content":false},
      {"name":"is_default","columns":["is_default"],"content":false},
      {"name":"position","columns":["position"],"content":false},
      {"name":"life","columns":["deleted_at"],"content":false}]}'::jsonb;
    when 'ai_personas' then return '{"key":["id"],"fixed":["user_id"],"groups":[
      {"name":"name","columns":["name"],"content":true},
      {"name":"avatar","columns":["avatar_url"],"content":false},
      {"name":"prompt","columns":["system_prompt"],"content":true},
      {"name":"position","columns":["position"],"content":false},
      {"name":"life","columns":["deleted_at"],"content":false}]}'::jsonb;
    when 'user_profiles' then return '{"key":["id"],"fixed":["email"],"written":{"email":"account"},"groups":[
      {"name":"names","columns":["first_name","last_name","display_name"],"content":false},
      {"name":"title","columns":["title"],"content":false},
      {"name":"organization","columns":["organization"],"content":false},
      {"name":"avatar","columns":["avatar_url"],"content":false},
      {"name":"clock","columns":["timezone","time_format","week_start_day"],"content":false},
      {"name":"work_schedule","columns":["work_schedule"],"content":false},
      {"name":"life","columns":["deleted_at"],"content":false}]}'::jsonb;
    else return null;
  end case;
end
$$;

-- The groups' names of a table, in wire order.
create function almanac.group_names(p_table text) returns text[]
language sql immutable parallel safe set search_path = '' as $$
  select array_agg(g ->> 'name' order by o) from jsonb_array_elements(almanac.groups_of(p_table) -> 'groups') with ordinality as x(g, o)
$$;

-- All columns this version knows but `stamps` and `updated_at`: key, fixed and grouped.
create function almanac.columns_of(p_table text) returns text[]
language sql immutable parallel safe set search_path = '' as $$
  select array(select jsonb_array_elements_text(s -> 'key'))
      || array(select jsonb_array_elements_text(s -> 'fixed'))
      || array(select jsonb_array_elements_text(g -> 'columns') from jsonb_array_elements(s -> 'groups') as x(g))
    from almanac.groups_of(p_table) as s
$$;

-- Parents before children: the order in which tables are numbered, paged and pushed. Null for an unknown table.
create function almanac.table_order(p_table text) returns integer
language sql immutable parallel safe as $$
  select case p_table
    when 'user_profiles' then 1 when 'ai_personas' then 2 when 'user_calendars' then 3 when 'user_categories' then 4
    when 'events' then 5 when 'event_user_roles' then 6 when 'event_details_personal' then 7 when 'event_invites' then 8 end
$$;

-- Instants on the wire: UTC, always six digits, always `Z`.
create function almanac.instant(t timestamptz) returns text
language sql stable parallel safe as $$
  select to_char(t at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- Microseconds since 1970.
create function almanac.micros(t timestamptz) returns bigint
language sql immutable parallel safe as $$
  select (extract(epoch from t) * 1000000)::bigint
$$;

create function almanac.now_micros() returns bigint
language sql volatile parallel safe as $$
  select (extract(epoch from clock_timestamp()) * 1000000)::bigint
$$;

create function almanac.from_micros(us bigint) returns timestamptz
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return timestamptz 'epoch' + us * interval '1 microsecond';
end
$$;

-- A stamp of the server itself.
create function almanac.server_stamp(us bigint) returns text
language sql immutable parallel safe as $$
  select lpad(us::text, 16, '0') || '-0000000000000000'
$$;

-- The time of a row's greatest stamp.
create function almanac.newest(p_stamps jsonb) returns timestamptz
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return timestamptz 'epoch'
    + coalesce((select max(left(x.value, 16))::bigint from jsonb_each_text(p_stamps) as x), 0) * interval '1 microsecond';
end
$$;

-- The wire form of a row of each table.
create function almanac.wire(r public.user_profiles) returns jsonb
language sql stable parallel safe as $$
  select jsonb_build_object('id', r.id, 'email', r.email, 'first_name', r.first_name, 'last_name', r.last_name,
    'display_name', r.display_name, 'title', r.title, 'organization', r.organization, 'avatar_url', r.avatar_url,
    'timezone', r.timezone, 'time_format', r.time_format, 'week_start_day', r.week_start_day,
    'work_schedule', r.work_schedule, 'stamps', r.stamps,
    'updated_at', almanac.instant(r.updated_at), 'deleted_at', almanac.instant(r.deleted_at))
$$;
create function almanac.wire(r public.ai_personas) returns jsonb
language sql stable parallel safe as $$
  select jsonb_build_object('id', r.id, 'user_id', r.user_id, 'name', r.name, 'avatar_url', r.avatar_url,
    'system_prompt', r.system_prompt, 'position', r.position, 'stamps', r.stamps,
    'updated_at', almanac.instant(r.updated_at), 'deleted_at', almanac.instant(r.deleted_at))
$$;
create function almanac.wire(r public.user_calendars) returns jsonb
language sql stable parallel safe as $$
  select jsonb_build_object('id', r.id, 'user_id', r.user_id, 'name', r.name, 'color', r.color, 'visible', r.visible,
    'is_default', r.is_default, 'position', r.position, 'default_reminders', r.default_reminders, 'stamps', r.stamps,
    'updated_at', almanac.instant(r.updated_at), 'deleted_at', almanac.instant(r.deleted_at))
$$;
create function almanac.wire(r public.user_categories) returns jsonb
language sql stable parallel safe as $$
  select jsonb_build_object('id', r.id, 'user_id', r.user_id, 'name', r.name, 'color', r.color, 'visible', r.visible,
    'is_default', r.is_default, 'position', r.position, 'stamps', r.stamps,
    'updated_at', almanac.instant(r.updated_at), 'deleted_at', almanac.instant(r.deleted_at))
$$;
create function almanac.wire(r public.events) returns jsonb
language sql stable parallel safe as $$
  select jsonb_build_object('id', r.id, 'owner_id', r.owner_id, 'series_id', r.series_id,
    'original_start', almanac.instant(r.original_start), 'split_from', r.split_from, 'ical_uid', r.ical_uid,
    'title', r.title, 'start_time', almanac.instant(r.start_time), 'duration', r.duration, 'all_day', r.all_day,
    'time_zone', r.time_zone, 'recurrence', r.recurrence, 'start_timestamp_ms', r.start_timestamp_ms,
    'end_timestamp_ms', r.end_timestamp_ms, 'private', r.private, 'location', r.location, 'notes', r.notes,
    'stamps', r.stamps, 'updated_at', almanac.instant(r.updated_at), 'deleted_at', almanac.instant(r.deleted_at))
$$;
create function almanac.wire(r public.event_details_personal) returns jsonb
language sql stable parallel safe as $$
  select jsonb_build_object('event_id', r.event_id, 'user_id', r.user_id, 'calendar_id', r.calendar_id,
    'category_id', r.category_id, 'show_time_as', r.show_time_as, 'time_defense_level', r.time_defense_level,
    'ai_managed', r.ai_managed, 'ai_instructions', r.ai_instructions, 'persona_id', r.persona_id,
    'reminders', r.reminders, 'stamps', r.stamps,
    'updated_at', almanac.instant(r.updated_at), 'deleted_at', almanac.instant(r.deleted_at))
$$;
create function almanac.wire(r public.event_user_roles) returns jsonb
language sql stable parallel safe as $$
  select jsonb_build_object('event_id', r.event_id, 'user_id', r.user_id, 'role', r.role, 'rsvp', r.rsvp,
    'following', r.following, 'stamps', r.stamps,
    'updated_at', almanac.instant(r.updated_at), 'deleted_at', almanac.instant(r.deleted_at))
$$;
create function almanac.wire(r public.event_invites) returns jsonb
language sql stable parallel safe as $$
  select jsonb_build_object('event_id', r.event_id, 'email', r.email, 'invited_by', r.invited_by, 'status', r.status,
    'role', r.role, 'stamps', r.stamps,
    'updated_at', almanac.instant(r.updated_at), 'deleted_at', almanac.instant(r.deleted_at))
$$;

-- The text by which a tie is broken: the group's columns in order, a missing one as `null`, joined by commas.
create function almanac.group_text(p_row jsonb, p_columns jsonb) returns text
language sql immutable parallel safe as $$
  select string_agg(coalesce((p_row -> c)::text, 'null'), ',' order by o)
    from jsonb_array_elements_text(p_columns) with ordinality as x(c, o)
$$;

-- The columns of one group, as an object; a column the row does not have stays away.
create function almanac.group_columns(p_row jsonb, p_columns jsonb) returns jsonb
language sql immutable parallel safe as $$
  select coalesce(jsonb_object_agg(c, p_row -> c) filter (where p_row ? c), '{}')
    from jsonb_array_elements_text(p_columns) as x(c)
$$;

-- Two versions of one row become one: group by group the greater stamp. Commutative, associative, idempotent.
-- `p_groups` limits it to those groups, for a caller who knows that the others are equal; null = all.
create function almanac.merge_groups(p_table text, a jsonb, b jsonb, p_groups text[]) returns jsonb
language plpgsql immutable parallel safe set search_path = '' as $$
declare
  spec    jsonb := almanac.groups_of(p_table);
  sa      jsonb := coalesce(a -> 'stamps', '{}');
  sb      jsonb := coalesce(b -> 'stamps', '{}');
  merged  jsonb := a;
  stamps  jsonb := sa;
  g       jsonb;
  cols    jsonb;
  grp     text;
  stamp_a text collate "C";
  stamp_b text collate "C";
  text_a  text collate "C";
  text_b  text collate "C";
  b_wins  boolean;
  -- Whether b has columns that a has not.
  b_has   constant boolean := exists (select from jsonb_object_keys(b) as x(k) where not a ? x.k);
  life    text collate "C";
  revived boolean := false;
  col     text;
  names   text[];
  known   text[];
  rest_a  jsonb;
  rest_b  jsonb;
  order_a text collate "C";
  order_b text collate "C";
  written text;
begin
  for g in select jsonb_array_elements(spec -> 'groups') loop
    grp := g ->> 'name';
    continue when p_groups is not null and not grp = any (p_groups);
    cols := g -> 'columns';
    stamp_a := coalesce(sa ->> grp, '');
    stamp_b := coalesce(sb ->> grp, '');
    if stamp_a > stamp_b then
      b_wins := false;
    elsif stamp_b > stamp_a then
      b_wins := true;
    else
      text_a := almanac.group_text(a, cols);
      text_b := almanac.group_text(b, cols);
      b_wins := text_b > text_a;
      if text_a = text_b and b_has then
        -- Equal but for nulls that one of them does not have.
        merged := almanac.group_columns(b, cols) || merged;
      end if;
      if grp = 'life' then
        -- Deleted wins, so that a cloned device cannot undelete; two deletions by the greater text.
        if (a ->> 'deleted_at' is null) <> (b ->> 'deleted_at' is null) then
          b_wins := b ->> 'deleted_at' is not null;
        end if;
      end if;
    end if;
    if b_wins then
      if jsonb_array_length(cols) = 1 then
        grp := cols ->> 0;
        merged := case when b ? grp then merged || jsonb_build_object(grp, b -> grp) else merged - grp end;
        grp := g ->> 'name';
      else
        merged := (merged - array(select jsonb_array_elements_text(cols))) || almanac.group_columns(b, cols);
      end if;
      if stamp_b <> '' then
        stamps := stamps || jsonb_build_object(grp, stamp_b);
      end if;
    end if;
  end loop;

  if p_groups is null then
    names := almanac.group_names(p_table);
    known := array['stamps', 'updated_at'] || almanac.columns_of(p_table);

    -- Stamps of groups this version does not know: the greater of each.
    stamps := stamps || coalesce((
      select jsonb_object_agg(x.key, greatest(x.value collate "C", (sa ->> x.key) collate "C"))
        from jsonb_each_text(sb) as x
       where not x.key = any (names)), '{}');

    -- Key and fixed columns never differ, but for what the server writes: there its stamp decides. Should they, the one
    -- that is there, else the greater text.
    for col in
      select jsonb_array_elements_text(spec -> 'key') union all select jsonb_array_elements_text(spec -> 'fixed')
    loop
      continue when not b ? col or (a -> col) is not distinct from (b -> col);
      written := spec -> 'written' ->> col;
      stamp_a := coalesce(sa ->> written, '');
      stamp_b := coalesce(sb ->> written, '');
      if a ->> col is null
         or (b ->> col is not null
             and (stamp_b > stamp_a or (stamp_b = stamp_a and (b -> col)::text collate "C" > (a -> col)::text collate "C"))) then
        merged := merged || jsonb_build_object(col, b -> col);
      end if;
    end loop;

    -- Columns this version does not know stay together: from the row with the newest stamp of an unknown group, on a tie
    -- the greater text.
    rest_a := a - known;
    rest_b := b - known;
    if rest_a <> rest_b then
      order_a := (select max(x.value collate "C") from jsonb_each_text(sa) as x where not x.key = any (names));
      order_b := (select max(x.value collate "C") from jsonb_each_text(sb) as x where not x.key = any (names));
      if coalesce(order_b, '') > coalesce(order_a, '')
         or (coalesce(order_b, '') = coalesce(order_a, '') and rest_b::text collate "C" > rest_a::text collate "C") then
        merged := (merged - array(select jsonb_object_keys(rest_a))) || rest_b;
      end if;
    end if;
    if not merged ? 'deleted_at' then
      merged := merged || '{"deleted_at":null}';
    end if;
  end if;

  -- A row is dead only while its deletion is greater than every content stamp: a later edit of content revives it whole.
  if merged ->> 'deleted_at' is not null then
    life := coalesce(stamps ->> 'life', '');
    select bool_or((stamps ->> (x ->> 'name')) collate "C" >= life) into revived
      from jsonb_array_elements(spec -> 'groups') as y(x)
     where (x -> 'content')::boolean;
    if revived then
      merged := merged || '{"deleted_at":null}';
    end if;
  end if;

  return merged || jsonb_build_object('stamps', stamps, 'updated_at', almanac.instant(almanac.newest(stamps)));
end
$$;

create function almanac.merge(p_table text, a jsonb, b jsonb) returns jsonb
language sql immutable parallel safe as $$
  select case
    when almanac.groups_of(p_table) is null then null
    when a is null and b is null then null
    else almanac.merge_groups(p_table, coalesce(a, b), coalesce(b, a), null) end
$$;

revoke all on all functions in schema almanac from public, anon, authenticated;
