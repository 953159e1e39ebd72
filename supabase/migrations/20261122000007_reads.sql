-- sync_pull, sync_bootstrap, sync_window, sync_rows, sync_digest, people (docs/wire.md).
--
-- All are STABLE: every statement inside sees the snapshot of the call, so `at` is the head in the same snapshot as the rows.
-- They run as the owner and say themselves what the caller may see; RLS says the same for direct reads.

-- The largest page, in bytes of row text.
create function almanac.page_bytes() returns integer language sql immutable parallel safe as $$ select 1000000 $$;

-- What a row takes of it, with table and key around it.
create function almanac.bytes_of(p_key text, p_row jsonb) returns integer
language sql immutable parallel safe as $$
  select coalesce(octet_length(p_row::text), 0) + octet_length(p_key) + 100
$$;

-- A token outlives its account by up to an hour. Nothing is answered then, so that a device keeps what it has.
create function almanac.caller() returns uuid
language plpgsql stable set search_path = '' as $$
declare
  me uuid := auth.uid();
begin
  if me is null then
    raise exception 'not signed in' using errcode = '42501';
  elsif not exists (select from auth.users u where u.id = me and u.deleted_at is null) then
    raise exception 'this account does not exist any more' using errcode = 'PT401';
  end if;
  return me;
end
$$;

-- What every answer begins with.
create function almanac.answer(p_user uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'now', almanac.now_micros(),
    'epoch', (select m.epoch from almanac.sync_meta m),
    'at', coalesce((select h.seq from public.sync_head h where h.user_id = p_user), 0))
$$;

-- The rows of these references that the user may see, in wire form. `ord` is the place in the arrays.
-- Every key begins with a UUID, so the casts cannot fail on keys that were noted or checked.
create function almanac.fetch(p_user uuid, p_tables text[], p_keys text[])
returns table (ord bigint, row_json jsonb)
language sql stable set search_path = '' as $$
  with ref as materialized (
    select r.ord, r.table_name, left(r.row_key, 36)::uuid as id, substr(r.row_key, 38) as tail,
           case when r.table_name = 'event_user_roles' then substr(r.row_key, 38)::uuid end as holder
      from unnest(p_tables, p_keys) with ordinality as r(table_name, row_key, ord)
  )
  select r.ord, almanac.wire(t) from ref r join public.user_profiles t on t.id = r.id
   where r.table_name = 'user_profiles' and t.id = p_user
  union all
  select r.ord, almanac.wire(t) from ref r join public.ai_personas t on t.id = r.id
   where r.table_name = 'ai_personas' and t.user_id = p_user
  union all
  select r.ord, almanac.wire(t) from ref r join public.user_calendars t on t.id = r.id
   where r.table_name = 'user_calendars' and t.user_id = p_user
  union all
  select r.ord, almanac.wire(t) from ref r join public.user_categories t on t.id = r.id
   where r.table_name = 'user_categories' and t.user_id = p_user
  union all
  select r.ord, almanac.wire(t) from ref r join public.events t on t.id = r.id
   where r.table_name = 'events' and (t.owner_id = p_user or almanac.role_in(p_user, t.id) is not null)
  union all
  -- Most of what hangs on an event is asked for by its owner, who needs no look at roles.
  select r.ord, almanac.wire(t)
    from ref r
    join public.event_details_personal t on t.event_id = r.id and t.user_id = p_user
    join public.events e on e.id = r.id
   where r.table_name = 'event_details_personal' and r.tail = p_user::text
     and (e.owner_id = p_user or almanac.role_in(p_user, e.id) is not null)
  union all
  select r.ord, almanac.wire(t)
    from ref r
    join public.event_user_roles t on t.event_id = r.id and t.user_id = r.holder
    join public.events e on e.id = r.id
   where r.table_name = 'event_user_roles' and (e.owner_id = p_user or almanac.role_in(p_user, e.id) is not null)
  union all
  select r.ord, almanac.wire(t) from ref r join public.event_invites t on t.event_id = r.id and t.email = r.tail
   where r.table_name = 'event_invites'
     and (almanac.role_in(p_user, t.event_id) in ('owner', 'delegate_full') or t.email = almanac.confirmed_email(p_user))
$$;

create function public.sync_pull(p_after bigint, p_limit integer default 500) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  me       uuid := almanac.caller();
  answer   jsonb := almanac.answer(me);
  lowest   bigint := coalesce((select h.floor from public.sync_head h where h.user_id = me), 0);
  tables   text[];
  keys     text[];
  seqs     bigint[];
  changes  jsonb;
begin
  answer := answer || jsonb_build_object('floor', lowest, 'changes', '[]'::jsonb);
  if p_after > (answer ->> 'at')::bigint then
    return answer || '{"resync":"head"}';
  elsif p_after < lowest then
    return answer || '{"resync":"floor"}';
  end if;

  select array_agg(f.table_name order by f.seq), array_agg(f.row_key order by f.seq), array_agg(f.seq order by f.seq)
    into tables, keys, seqs
    from (select * from almanac.sync_feed x where x.user_id = me and x.seq > p_after
           order by x.seq limit least(greatest(coalesce(p_limit, 500), 1), 1000)) as f;
  if seqs is null then
    return answer;
  end if;

  select jsonb_agg(c.change order by c.ord) into changes
    from (
      select o.ord,
             jsonb_build_object('seq', seqs[o.ord], 'table', tables[o.ord], 'key', keys[o.ord])
             || case when f.row_json is null then '{"gone":true}' else jsonb_build_object('row', f.row_json) end as change,
             sum(almanac.bytes_of(keys[o.ord], f.row_json)) over (order by o.ord) as bytes
        from generate_series(1, array_length(seqs, 1)) as o(ord)
        left join almanac.fetch(me, tables, keys) as f on f.ord = o.ord
    ) as c
   where c.ord = 1 or c.bytes <= almanac.page_bytes();
  return answer || jsonb_build_object('changes', changes);
end
$$;

create function public.sync_rows(p_refs jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  me     uuid := almanac.caller();
  answer jsonb := almanac.answer(me);
  tables text[];
  keys   text[];
  rows   jsonb;
begin
  if jsonb_typeof(p_refs) is distinct from 'array' or jsonb_array_length(p_refs) > 500 then
    raise exception 'p_refs is an array of at most 500 references' using errcode = '22023';
  end if;
  select array_agg(r ->> 'table' order by o), array_agg(r ->> 'key' order by o) into tables, keys
    from jsonb_array_elements(p_refs) with ordinality as x(r, o);
  if exists (select from unnest(tables, keys) as r(t, k) where not almanac.is_key(r.t, r.k)) then
    raise exception 'a reference has an unknown table or a malformed key' using errcode = '22023';
  end if;
  select jsonb_agg(c.found order by c.ord) into rows
    from (select r.ord,
                 jsonb_build_object('table', r.t, 'key', r.k)
                 || case when f.row_json is null then '{"gone":true}' else jsonb_build_object('row', f.row_json) end as found,
                 sum(almanac.bytes_of(r.k, f.row_json)) over (order by r.ord) as bytes
            from unnest(tables, keys) with ordinality as r(t, k, ord)
            left join almanac.fetch(me, tables, keys) as f on f.ord = r.ord) as c
   where c.ord = 1 or c.bytes <= almanac.page_bytes();
  return answer || jsonb_build_object('rows', coalesce(rows, '[]'));
end
$$;

-- Whether a text can be a key of that table. Keys are lower case, so that equal keys are equal text.
create function almanac.is_key(p_table text, p_key text) returns boolean
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return coalesce(case
    when p_table in ('events', 'user_calendars', 'user_categories', 'ai_personas', 'user_profiles') then
      p_key ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
    when p_table in ('event_user_roles', 'event_details_personal') then
      p_key ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
    when p_table = 'event_invites' then
      p_key ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}:.+@'
  end, false);
end
$$;

-- Whether an event and a span [from, to) share an instant; an event without length counts as its start.
create function almanac.overlaps(p_start bigint, p_end bigint, p_from bigint, p_to bigint) returns boolean
language sql immutable parallel safe as $$
  select p_start < p_to and p_end >= p_from and greatest(p_end, p_start + 1) > p_from
$$;

-- The live events that a user sees and that belong to a span: a family (a series and its exceptions) belongs to it whole
-- when one of these rows overlaps it.
create function almanac.window_events(p_user uuid, p_from bigint, p_to bigint)
returns table (id uuid)
language sql stable set search_path = '' as $$
  with held as materialized (
    select r.event_id, r.role = 'delegate_full' as sees_private
      from public.event_user_roles r
      join public.events e on e.id = r.event_id
     where r.user_id = p_user and r.deleted_at is null and e.owner_id <> p_user
       and (r.role = 'delegate_full' or not e.private)
  ), family as materialized (
    select coalesce(e.series_id, e.id) as root from public.events e
     where e.owner_id = p_user and e.deleted_at is null
       and e.start_timestamp_ms < p_to and e.end_timestamp_ms >= p_from
       and almanac.overlaps(e.start_timestamp_ms, e.end_timestamp_ms, p_from, p_to)
    union
    select h.event_id from held h join public.events e on e.id = h.event_id
     where e.deleted_at is null and almanac.overlaps(e.start_timestamp_ms, e.end_timestamp_ms, p_from, p_to)
    union
    select h.event_id from held h join public.events e on e.series_id = h.event_id
     where e.deleted_at is null and (h.sees_private or not e.private)
       and almanac.overlaps(e.start_timestamp_ms, e.end_timestamp_ms, p_from, p_to)
  ), member as (
    select e.id, e.owner_id, e.private, f.root from family f join public.events e on e.id = f.root where e.deleted_at is null
    union all
    select e.id, e.owner_id, e.private, f.root from family f join public.events e on e.series_id = f.root where e.deleted_at is null
  )
  select m.id from member m
   where m.owner_id = p_user or not m.private
      or exists (select from held h where h.event_id = m.root and h.sees_private)
$$;

-- The live rows of a span's events and, with `p_personal`, all that is the user's own, as (place, table, key).
create function almanac.window_keys(p_user uuid, p_from bigint, p_to bigint, p_personal boolean)
returns table (place integer, table_name text, row_key text)
language sql stable set search_path = '' as $$
  with recursive seen as materialized (
    select w.id from almanac.window_events(p_user, p_from, p_to) as w
  ), origin as (
    -- The events from which those of the span were split: what the user keeps about them still applies (docs/sync.md §7).
    select e.split_from as id from seen s join public.events e on e.id = s.id where e.split_from is not null
    union
    select e.split_from from origin o join public.events e on e.id = o.id where e.split_from is not null
  )
  select 1, 'user_profiles', t.id::text from public.user_profiles t
   where p_personal and t.id = p_user and t.deleted_at is null
  union all
  select 2, 'ai_personas', t.id::text from public.ai_personas t
   where p_personal and t.user_id = p_user and t.deleted_at is null
  union all
  select 3, 'user_calendars', t.id::text from public.user_calendars t
   where p_personal and t.user_id = p_user and t.deleted_at is null
  union all
  select 4, 'user_categories', t.id::text from public.user_categories t
   where p_personal and t.user_id = p_user and t.deleted_at is null
  union all
  select 5, 'events', s.id::text from seen s
  union all
  select 6, 'event_user_roles', t.event_id || ':' || t.user_id
    from seen s join public.event_user_roles t on t.event_id = s.id where t.deleted_at is null
  union all
  select 7, 'event_details_personal', t.event_id || ':' || t.user_id
    from seen s join public.event_details_personal t on t.event_id = s.id and t.user_id = p_user where t.deleted_at is null
  union all
  select 7, 'event_details_personal', t.event_id || ':' || t.user_id
    from origin o join public.event_details_personal t on t.event_id = o.id and t.user_id = p_user
   where t.deleted_at is null and o.id not in (select id from seen) and almanac.role_in(p_user, o.id) is not null
  union all
  select 8, 'event_invites', t.event_id || ':' || t.email
    from seen s join public.event_invites t on t.event_id = s.id
   where t.deleted_at is null and almanac.role_in(p_user, t.event_id) in ('owner', 'delegate_full')
  union all
  -- Invitations to oneself stand alone: their event is not seen yet.
  select 8, 'event_invites', t.event_id || ':' || t.email
    from public.event_invites t
   where p_personal and t.email = almanac.confirmed_email(p_user) and t.deleted_at is null
     and almanac.role_in(p_user, t.event_id) is distinct from 'owner'
     and almanac.role_in(p_user, t.event_id) is distinct from 'delegate_full'
$$;

-- One page of the above. The cursor is "<place>:<key>" of the last row sent.
create function almanac.window_page(p_from_ms bigint, p_to_ms bigint, p_after text, p_limit integer, p_personal boolean)
returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  me       uuid := almanac.caller();
  answer   jsonb := almanac.answer(me);
  -- Far enough for any instant, and no overflow when something is added.
  from_ms  bigint := coalesce(p_from_ms, -1000000000000000);
  to_ms    bigint := coalesce(p_to_ms, 1000000000000000);
  page     integer := least(greatest(coalesce(p_limit, 1000), 1), 2000);
  after_place integer := 0;
  after_key   text := '';
  places   integer[];
  tables   text[];
  keys     text[];
  rows     jsonb;
  sent     integer;
  total    bigint;
begin
  if p_after is not null then
    if p_after !~ '^[1-8]:' then
      raise exception 'p_after is not a cursor of this function' using errcode = '22023';
    end if;
    after_place := left(p_after, 1)::integer;
    after_key := substr(p_after, 3);
  end if;

  select array_agg(k.place), array_agg(k.table_name), array_agg(k.row_key), max(k.many)
    into places, tables, keys, total
    from (select w.place, w.table_name, w.row_key, count(*) over () as many
            from almanac.window_keys(me, from_ms, to_ms, p_personal) as w
           where w.place > after_place or (w.place = after_place and w.row_key collate "C" > after_key)
           order by w.place, w.row_key collate "C"
           limit page + 1) as k;

  select jsonb_agg(jsonb_build_object('table', tables[c.ord], 'key', keys[c.ord], 'row', c.row_json) order by c.ord), max(c.ord)
    into rows, sent
    from (select f.ord, f.row_json,
                 sum(almanac.bytes_of(keys[f.ord], f.row_json)) over (order by f.ord) as bytes
            from almanac.fetch(me, tables[1:page], keys[1:page]) as f) as c
   where c.ord = 1 or c.bytes <= almanac.page_bytes();
  sent := coalesce(sent, 0);

  return answer || jsonb_build_object(
    'rows', coalesce(rows, '[]'),
    'next', case when sent < coalesce(array_length(keys, 1), 0) then places[sent] || ':' || keys[sent] end,
    'total', case when p_after is null then coalesce(total, 0) end);
end
$$;

create function public.sync_bootstrap(
  p_from_ms bigint, p_to_ms bigint, p_after text default null, p_limit integer default 1000) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select almanac.window_page(p_from_ms, p_to_ms, p_after, p_limit, true)
$$;

create function public.sync_window(
  p_from_ms bigint, p_to_ms bigint, p_after text default null, p_limit integer default 1000) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select almanac.window_page(p_from_ms, p_to_ms, p_after, p_limit, false)
$$;

-- One row's part of a digest: 16 hex digits of md5 as a number.
create function almanac.row_hash(p_key text, p_stamps jsonb) returns numeric
language sql immutable parallel safe set search_path = '' as $$
  select ('x' || left(md5(p_key || '|' || coalesce(
           string_agg(x.key || '=' || x.value, ',' order by x.key collate "C"), '')), 16))::bit(64)::bigint::numeric
    from jsonb_each_text(p_stamps) as x
$$;

create function almanac.hash_text(p_sum numeric) returns text
language sql immutable parallel safe set search_path = '' as $$
  -- Modulo 2^64, also of a negative sum.
  select lpad(to_hex(div(m.low, 4294967296)::bigint), 8, '0') || lpad(to_hex(mod(m.low, 4294967296)::bigint), 8, '0')
    from (select trunc(mod(mod(coalesce(p_sum, 0), 18446744073709551616) + 18446744073709551616, 18446744073709551616)) as low) as m
$$;

create function public.sync_digest(p_coverage jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  me     uuid := almanac.caller();
  answer jsonb := almanac.answer(me);
  tables jsonb;
begin
  if jsonb_typeof(p_coverage) is distinct from 'array' or jsonb_array_length(p_coverage) > 1000 then
    raise exception 'p_coverage is an array of at most 1000 intervals' using errcode = '22023';
  end if;
  with seen as materialized (
    -- Each instant once, however often it is asked for: a thousand times the same span would take a thousand times as long.
    select distinct w.id
      from unnest((select range_agg(int8range(x.first, x.beyond))
                     from (select (c.span ->> 0)::bigint as first, (c.span ->> 1)::bigint as beyond
                             from jsonb_array_elements(p_coverage) as c(span)) as x
                    where x.first < x.beyond)) as r(span)
     cross join lateral almanac.window_events(me, lower(r.span), upper(r.span)) as w
  ), hashed as (
    select 'user_profiles' as t, almanac.row_hash(r.id::text, r.stamps) as h
      from public.user_profiles r where r.id = me and r.deleted_at is null
    union all
    select 'ai_personas', almanac.row_hash(r.id::text, r.stamps)
      from public.ai_personas r where r.user_id = me and r.deleted_at is null
    union all
    select 'user_calendars', almanac.row_hash(r.id::text, r.stamps)
      from public.user_calendars r where r.user_id = me and r.deleted_at is null
    union all
    select 'user_categories', almanac.row_hash(r.id::text, r.stamps)
      from public.user_categories r where r.user_id = me and r.deleted_at is null
    union all
    select 'events', almanac.row_hash(r.id::text, r.stamps) from seen s join public.events r on r.id = s.id
    union all
    select 'event_user_roles', almanac.row_hash(r.event_id || ':' || r.user_id, r.stamps)
      from seen s join public.event_user_roles r on r.event_id = s.id where r.deleted_at is null
    union all
    select 'event_details_personal', almanac.row_hash(r.event_id || ':' || r.user_id, r.stamps)
      from seen s join public.event_details_personal r on r.event_id = s.id and r.user_id = me where r.deleted_at is null
    union all
    select 'event_invites', almanac.row_hash(r.event_id || ':' || r.email, r.stamps)
      from seen s join public.event_invites r on r.event_id = s.id
     where r.deleted_at is null and almanac.role_in(me, r.event_id) in ('owner', 'delegate_full')
  ), summed as (
    select h.t, count(*) as many, sum(h.h) as total from hashed h group by h.t
  )
  select jsonb_object_agg(n.t, jsonb_build_object('count', coalesce(s.many, 0), 'hash', almanac.hash_text(s.total)))
    into tables
    from unnest(array['user_profiles', 'ai_personas', 'user_calendars', 'user_categories', 'events', 'event_user_roles',
                      'event_details_personal', 'event_invites']) as n(t)
    left join summed s on s.t = n.t;
  return answer || jsonb_build_object('tables', tables);
end
$$;

-- The people one shares a live event with. Never an e-mail address.
create function public.people(p_event_ids uuid[] default null) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  me    uuid := almanac.caller();
  -- The events asked about, an exception's series in its place; null: all.
  roots uuid[];
begin
  if p_event_ids is not null then
    roots := array(select distinct coalesce(e.series_id, e.id) from public.events e where e.id = any (p_event_ids));
  end if;
  return (
    -- Three ways in, each by an index, of which one or two are taken.
    with shared as (
      select e.id, e.owner_id from public.events e
       where roots is not null and e.id = any (roots) and e.deleted_at is null and e.series_id is null
         and almanac.role_in(me, e.id) is not null
      union all
      select e.id, e.owner_id from public.events e
       where roots is null and e.owner_id = me and e.deleted_at is null and e.series_id is null
      union all
      select e.id, e.owner_id
        from public.event_user_roles r join public.events e on e.id = r.event_id
       where roots is null and r.user_id = me and r.deleted_at is null
         and e.deleted_at is null and e.series_id is null and (r.role = 'delegate_full' or not e.private)
    ), person as (
      select s.owner_id as id from shared s
      union
      select r.user_id from shared s join public.event_user_roles r on r.event_id = s.id and r.deleted_at is null
    )
    select coalesce(jsonb_agg(jsonb_build_object(
             'user_id', p.id,
             'display_name', coalesce(nullif(u.display_name, ''), nullif(concat_ws(' ', u.first_name, u.last_name), '')),
             'avatar_url', u.avatar_url) order by p.id), '[]')
      from person p left join public.user_profiles u on u.id = p.id
     where p.id <> me);
end
$$;

revoke all on function
  public.sync_pull(bigint, integer), public.sync_rows(jsonb), public.sync_bootstrap(bigint, bigint, text, integer),
  public.sync_window(bigint, bigint, text, integer), public.sync_digest(jsonb), public.people(uuid[])
  from public, anon, authenticated, service_role;
grant execute on function
  public.sync_pull(bigint, integer), public.sync_rows(jsonb), public.sync_bootstrap(bigint, bigint, text, integer),
  public.sync_window(bigint, bigint, text, integer), public.sync_digest(jsonb), public.people(uuid[])
  to authenticated;
revoke all on function
  almanac.page_bytes(), almanac.bytes_of(text, jsonb), almanac.caller(), almanac.answer(uuid), almanac.fetch(uuid, text[], text[]), almanac.is_key(text, text),
  almanac.overlaps(bigint, bigint, bigint, bigint), almanac.window_events(uuid, bigint, bigint),
  almanac.window_keys(uuid, bigint, bigint, boolean), almanac.window_page(bigint, bigint, text, integer, boolean),
  almanac.row_hash(text, jsonb), almanac.hash_text(numeric)
  from public, anon, authenticated;
