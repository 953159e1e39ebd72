-- The feed: for each user one numbered list of the rows that changed, numbered in commit order (docs/sync.md §6).
--
-- A statement only notes who must hear of which row. At commit a deferred trigger locks the heads of those users, in user
-- order, and gives the numbers. The head stays locked until the commit, so a reader who sees number n has seen every
-- smaller one, and there is no row lock after a head lock, so two writers never wait for each other in a circle.
--
-- `jit = off`, here and in what reads: compiling takes ten times as long as running what PostgreSQL takes for costly here.

create table public.sync_head (
  user_id uuid primary key,
  seq     bigint not null default 0,
  floor   bigint not null default 0
);
comment on table public.sync_head is 'The number of each user''s newest feed entry. Published to Realtime as a hint to pull.';
alter table public.sync_head enable row level security;
revoke all on table public.sync_head from public, anon, authenticated;
grant select on table public.sync_head to authenticated, service_role;
create policy own_head on public.sync_head for select to authenticated using (user_id = (select auth.uid()));

create table almanac.sync_feed (
  user_id    uuid not null,
  table_name text not null collate "C",
  row_key    text not null collate "C",
  seq        bigint not null,
  primary key (user_id, table_name, row_key)
) with (fillfactor = 80);
create unique index sync_feed_seq on almanac.sync_feed (user_id, seq);

-- One row: the life of this database. A restore must call sync_new_epoch().
create table almanac.sync_meta (
  only_one boolean primary key default true check (only_one),
  epoch    uuid not null default gen_random_uuid()
);
insert into almanac.sync_meta default values;

-- What the running transactions have touched: one row, or many of a table whose key is an id. Empty between transactions,
-- so it needs no log.
create unlogged table almanac.sync_note (
  xid        xid8 not null default pg_current_xact_id(),
  user_id    uuid not null,
  table_name text not null collate "C",
  row_key    text collate "C",
  ids        uuid[]
);
-- Ids do not compress.
alter table almanac.sync_note alter column ids set storage external;
create index sync_note_xid on almanac.sync_note (xid);

-- One row for a transaction that has notes: it carries the deferred trigger, so that it fires once and not for each note.
create unlogged table almanac.sync_noting (
  xid xid8 primary key default pg_current_xact_id()
);

revoke all on all tables in schema almanac from public, anon, authenticated;

-- The numbers of a large import, where each user was told once of all rows: the same as `number_notes` gives, in half the time.
-- Only who holds a head adds to that user's feed. So once the head is locked, a new statement sees all that is in it: what
-- has a place moves, the others are plainly added, and `on conflict` need not be ready for either with each row.
create function almanac.number_import() returns void
language plpgsql security definer set search_path = '' set enable_seqscan = off set enable_nestloop = off
set work_mem = '32MB' set jit = off as $$
declare
  me   constant xid8 := pg_current_xact_id();
  note record;
  last bigint;
begin
  for note in
    select n.user_id, n.table_name, n.ids, cardinality(n.ids) as many from almanac.sync_note n
     where n.xid = me order by n.user_id
  loop
    insert into public.sync_head as h (user_id, seq) values (note.user_id, note.many)
    on conflict (user_id) do update set seq = h.seq + excluded.seq
    returning h.seq into last;

    with placed as materialized (
      -- Ids sort as their text does. Rising, so that the indexes grow at one end.
      select k.id::text as row_key, last - note.many + row_number() over (order by k.id) as seq from unnest(note.ids) as k(id)
    ), moved as (
      update almanac.sync_feed f set seq = p.seq from placed p
       where f.user_id = note.user_id and f.table_name = note.table_name and f.row_key = p.row_key
      returning f.row_key
    )
    insert into almanac.sync_feed (user_id, table_name, row_key, seq)
    select note.user_id, note.table_name, p.row_key, p.seq from placed p
     where not exists (select from moved m where m.row_key = p.row_key);
  end loop;
end
$$;

-- Gives the numbers of this transaction.
create function almanac.number_notes() returns trigger
language plpgsql security definer set search_path = '' set enable_seqscan = off set enable_nestloop = off
set work_mem = '32MB' set jit = off as $$
declare
  me constant xid8 := pg_current_xact_id();
begin
  if exists (select from almanac.sync_note n where n.xid = me and cardinality(n.ids) >= 5000)
     and (select bool_and(n.ids is not null) and count(*) = count(distinct n.user_id) from almanac.sync_note n where n.xid = me) then
    perform almanac.number_import();
    delete from almanac.sync_note where xid = me;
    delete from almanac.sync_noting where xid = me;
    return null;
  end if;

  with placed as materialized (
    -- One sort for all: a row that was noted twice has the same place twice. Rising, so that the indexes grow at one end.
    select n.user_id, n.table_name, k.row_key,
           dense_rank() over sorted as place, rank() over sorted = row_number() over sorted as first
      from almanac.sync_note n
     cross join lateral (
       select n.row_key where n.ids is null union all select i::text from unnest(n.ids) as x(i)) as k(row_key)
     where n.xid = me
    window sorted as (partition by n.user_id order by almanac.table_order(n.table_name), k.row_key)
  ), counted as materialized (
    select p.user_id, max(p.place) as many from placed p group by p.user_id
  ), heads as (
    -- One statement locks and moves all heads, in user order.
    insert into public.sync_head as h (user_id, seq)
    select x.user_id, x.many from (select * from counted order by user_id) as x
    on conflict (user_id) do update set seq = h.seq + excluded.seq
    returning h.user_id, h.seq
  )
  insert into almanac.sync_feed as f (user_id, table_name, row_key, seq)
  select p.user_id, p.table_name, p.row_key, h.seq - c.many + p.place
    from placed p join heads h using (user_id) join counted c using (user_id)
   where p.first
  on conflict (user_id, table_name, row_key) do update set seq = excluded.seq;

  delete from almanac.sync_note where xid = me;
  delete from almanac.sync_noting where xid = me;
  return null;
end
$$;

create constraint trigger number_notes after insert on almanac.sync_noting
  deferrable initially deferred for each row execute function almanac.number_notes();

-- Called before the first note of a statement.
create function almanac.begin_noting() returns void
language plpgsql security definer set search_path = '' as $$
begin
  -- An older snapshot would not see a grant that came in between, and the new holder would never hear of this change.
  if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
    raise exception 'synced tables are written in READ COMMITTED transactions'
      using errcode = '25001', hint = 'Begin the transaction with ISOLATION LEVEL READ COMMITTED.';
  end if;
  insert into almanac.sync_noting default values on conflict do nothing;
end
$$;

-- Personal rows: only their user hears of them.
create function almanac.note_personal() returns trigger
language plpgsql security definer set search_path = '' set jit = off as $$
begin
  -- `touched` are the rows as they are now, whatever was done.
  if not exists (select from touched) then
    return null;
  end if;
  perform almanac.begin_noting();
  case tg_table_name
    when 'user_profiles' then
      insert into almanac.sync_note (user_id, table_name, row_key) select t.id, tg_table_name, t.id::text from touched t;
    when 'event_details_personal' then
      insert into almanac.sync_note (user_id, table_name, row_key)
      select t.user_id, tg_table_name, t.event_id || ':' || t.user_id from touched t;
    else
      insert into almanac.sync_note (user_id, table_name, row_key) select t.user_id, tg_table_name, t.id::text from touched t;
  end case;
  return null;
end
$$;

-- A new event: its owner and, for an exception, the holders of the series' roles.
create function almanac.note_events_inserted() returns trigger
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  arrived    uuid[];
  exceptions boolean;
begin
  if not exists (select from touched) then
    return null;
  end if;
  perform almanac.begin_noting();
  insert into almanac.sync_note (user_id, table_name, ids)
  select t.owner_id, 'events', array_agg(t.id) from touched t group by t.owner_id;
  -- Nothing hangs yet on an event that stands alone.
  select array_agg(t.id) filter (where t.deleted_at is null), bool_or(t.series_id is not null) into arrived, exceptions
    from touched t
   where t.series_id is not null or t.split_from is not null;
  if exceptions then
    insert into almanac.sync_note (user_id, table_name, row_key)
    select r.user_id, 'events', t.id::text
      from touched t
      join public.events root on root.id = t.series_id
      join public.event_user_roles r on r.event_id = root.id and r.deleted_at is null
     where r.role = 'delegate_full' or not (t.private or root.private);
  end if;
  if arrived is not null then
    perform almanac.note_arrivals(arrived, false);
  end if;
  return null;
end
$$;

-- A changed event: everyone who could see it before or can see it now. When `private` changed, all rows that travel with
-- the event enter or leave with it, and so do the exceptions of a series.
-- (`before` and `touched` are not joined: plans are kept, and one made for few rows would be quadratic for many.)
create function almanac.note_events_updated() returns trigger
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  flipped uuid[];
  arrived uuid[];
  opened  uuid[];
begin
  if not exists (select from touched) then
    return null;
  end if;
  perform almanac.begin_noting();
  -- Arrived: alive, and before it was dead or somewhere else in time. Opened: was private.
  select array_agg(x.id) filter (where x.flips),
         array_agg(x.id) filter (where x.now_lives and (x.was_dead or x.grew)),
         array_agg(x.id) filter (where x.now_lives and x.flips and x.was_private)
    into flipped, arrived, opened
    from (select v.id,
                 bool_or(v.private) <> bool_and(v.private) as flips,
                 bool_or(v.private) filter (where v.old) as was_private,
                 bool_or(v.dead) filter (where v.old) as was_dead,
                 not bool_or(v.dead) filter (where not v.old) as now_lives,
                 min(v.first) filter (where not v.old) < min(v.first) filter (where v.old)
                 or max(v.last) filter (where not v.old) > max(v.last) filter (where v.old) as grew
            from (select b.id, b.private, b.deleted_at is not null as dead, true as old,
                         b.start_timestamp_ms as first, b.end_timestamp_ms as last from before b
                  union all
                  select t.id, t.private, t.deleted_at is not null, false,
                         t.start_timestamp_ms, t.end_timestamp_ms from touched t) as v
           group by v.id) as x;

  insert into almanac.sync_note (user_id, table_name, ids)
  select t.owner_id, 'events', array_agg(t.id) from touched t group by t.owner_id;

  insert into almanac.sync_note (user_id, table_name, row_key)
  select r.user_id, 'events', t.id::text
    from touched t
    join public.event_user_roles r on r.event_id = coalesce(t.series_id, t.id) and r.deleted_at is null
   where r.role = 'delegate_full'
      -- A series' own change of `private` is in `touched`; an exception is judged by its series as it is now.
      or ((not t.private or t.id = any (flipped))
          and (t.series_id is null or not (select root.private from public.events root where root.id = t.series_id)));

  if flipped is not null then
    insert into almanac.sync_note (user_id, table_name, row_key)
    select n.user_id, n.table_name, n.row_key
      from unnest(flipped) as f(id)
      join public.events e on e.id = f.id
      join public.event_user_roles r
        on r.event_id = coalesce(e.series_id, e.id) and r.deleted_at is null and r.role <> 'delegate_full'
     cross join lateral almanac.family_rows(e.id, r.user_id, false) as n
     where e.series_id is null or not (select root.private from public.events root where root.id = e.series_id);
  end if;
  if arrived is not null then
    perform almanac.note_arrivals(arrived, false);
  end if;
  if opened is not null then
    perform almanac.note_arrivals(opened, true);
  end if;
  return null;
end
$$;

-- Events that live again, cover other times than before or are private no longer: a device may have begun without them,
-- because they were not in its window, and then holds nothing that hangs on them. So their families are noted whole, each
-- member and row for those who see it: exceptions, roles, one's overlays (also of what it was split from), invitations.
-- An exception within the time of its living series brings nothing: whoever sees it had the family already.
-- `p_opened`: only those are told who do not see what is private; the others had it all along.
create function almanac.note_arrivals(p_events uuid[], p_opened boolean) returns void
language plpgsql security definer set search_path = '' set jit = off as $$
begin
  insert into almanac.sync_note (user_id, table_name, row_key)
  with recursive root as materialized (
    select distinct r.id, r.owner_id, r.private
      from public.events e
      join public.events r on r.id = coalesce(e.series_id, e.id)
     where e.id = any (p_events)
       and (e.series_id is null or r.deleted_at is not null
            or e.start_timestamp_ms < r.start_timestamp_ms
            or greatest(e.end_timestamp_ms, e.start_timestamp_ms + 1) > greatest(r.end_timestamp_ms, r.start_timestamp_ms + 1))
  ), member as materialized (
    select e.id, e.private, e.split_from, e.id as root from public.events e
     where e.id in (select r.id from root r) and e.deleted_at is null
    union all
    select e.id, e.private, e.split_from, e.series_id from public.events e
     where e.series_id in (select r.id from root r) and e.deleted_at is null
  ), reader as materialized (
    select r.id as root, r.owner_id as user_id, true as sees_private from root r where not p_opened
    union all
    select h.event_id, h.user_id, h.role = 'delegate_full'
      from root r join public.event_user_roles h on h.event_id = r.id and h.deleted_at is null
     where h.user_id <> r.owner_id and case when h.role = 'delegate_full' then not p_opened else not r.private end
  ), origin as (
    select m.split_from as id, m.root from member m where m.split_from is not null
    union
    select e.split_from, o.root from origin o join public.events e on e.id = o.id where e.split_from is not null
  )
  select p.user_id, 'events', m.id::text
    from member m join reader p on p.root = m.root where p.sees_private or not m.private
  union all
  select p.user_id, 'event_user_roles', r.event_id || ':' || r.user_id
    from root x join public.event_user_roles r on r.event_id = x.id and r.deleted_at is null join reader p on p.root = x.id
  union all
  select p.user_id, 'event_details_personal', d.event_id || ':' || d.user_id
    from member m
    join public.event_details_personal d on d.event_id = m.id and d.deleted_at is null
    join reader p on p.root = m.root and p.user_id = d.user_id
   where p.sees_private or not m.private
  union all
  select p.user_id, 'event_details_personal', d.event_id || ':' || d.user_id
    from origin o
    join public.event_details_personal d on d.event_id = o.id and d.deleted_at is null
    join reader p on p.root = o.root and p.user_id = d.user_id
   where almanac.role_in(d.user_id, d.event_id) is not null
  union all
  select p.user_id, 'event_invites', i.event_id || ':' || i.email
    from root x join public.event_invites i on i.event_id = x.id and i.deleted_at is null
    join reader p on p.root = x.id and p.sees_private;
end
$$;

-- What enters or leaves one user's feed with an event: the event and, for a series, its exceptions; their roles; the
-- user's own overlays, also of what it was split from; invitations if `p_all`. Without `p_all` members that are private
-- themselves stay out, except the event asked for.
-- (`offset 0` keeps the lookups by key: the tables may have grown in this very statement, with no figures yet to plan by.)
create function almanac.family_rows(p_event uuid, p_user uuid, p_all boolean)
returns table (user_id uuid, table_name text, row_key text)
language sql stable security definer set search_path = '' set enable_seqscan = off set jit = off as $$
  with recursive member as (
    select e.id, e.split_from from public.events e where e.id = p_event
    union all
    select e.id, e.split_from from public.events e where e.series_id = p_event and (p_all or not e.private)
  ), origin as (
    select m.split_from as id from member m where m.split_from is not null
    union
    select e.split_from from origin o join public.events e on e.id = o.id where e.split_from is not null
  )
  select p_user, 'events', m.id::text from member m
  union all
  select p_user, 'event_user_roles', m.id || ':' || r.user_id
    from member m cross join lateral (
      select x.user_id from public.event_user_roles x where x.event_id = m.id offset 0) as r
  union all
  select p_user, 'event_details_personal', m.id || ':' || p_user
    from member m cross join lateral (
      select from public.event_details_personal x where x.event_id = m.id and x.user_id = p_user offset 0) as d
  union all
  select p_user, 'event_details_personal', o.id || ':' || p_user
    from origin o cross join lateral (
      select from public.event_details_personal x where x.event_id = o.id and x.user_id = p_user offset 0) as d
   where almanac.role_in(p_user, o.id) is not null
  union all
  select p_user, 'event_invites', m.id || ':' || i.email
    from member m cross join lateral (
      select x.email from public.event_invites x where x.event_id = m.id offset 0) as i
   where p_all
$$;

-- One changed role: what its holder could see before and can see now. 0: nothing · 1: all but private · 2: all.
create type almanac.role_change as (event_id uuid, user_id uuid, sight_before integer, sight_now integer);

create function almanac.sight(p_role text, p_deleted_at timestamptz) returns integer
language sql immutable parallel safe as $$
  select case when p_deleted_at is not null then 0 when p_role = 'delegate_full' then 2 else 1 end
$$;

-- Roles that were made or changed.
-- Everyone who sees the event hears of the role. A holder whose sight changed gets the whole event, or loses it.
create function almanac.note_roles(p_changed almanac.role_change[]) returns void
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  pushing constant text := current_setting('almanac.push', true);
begin
  perform almanac.begin_noting();
  -- The role itself: to the owner and to all holders who can see the event now.
  insert into almanac.sync_note (user_id, table_name, row_key)
  select e.owner_id, 'event_user_roles', c.event_id || ':' || c.user_id
    from unnest(p_changed) c join public.events e on e.id = c.event_id
  union all
  select r.user_id, 'event_user_roles', c.event_id || ':' || c.user_id
    from unnest(p_changed) c
    join public.events e on e.id = c.event_id
    join public.event_user_roles r on r.event_id = c.event_id and r.deleted_at is null
   where r.role = 'delegate_full' or not e.private;

  -- To a holder whose sight changed: everything.
  insert into almanac.sync_note (user_id, table_name, row_key)
  select n.user_id, n.table_name, n.row_key
    from unnest(p_changed) c
    join public.events e on e.id = c.event_id
   cross join lateral (select greatest(c.sight_before, c.sight_now) as most) as s
   cross join lateral almanac.family_rows(c.event_id, c.user_id, s.most = 2) as n
   where c.sight_before <> c.sight_now
     and c.user_id <> e.owner_id
     and (s.most = 2 or not e.private);

  -- An invitation that became a role is done with. A write of the service's own: it stamps itself.
  if exists (select from unnest(p_changed) c join public.event_invites i on i.event_id = c.event_id
              where c.sight_before = 0 and c.sight_now > 0 and i.deleted_at is null) then
    perform set_config('almanac.push', '', true);
    update public.event_invites i set deleted_at = clock_timestamp()
      from unnest(p_changed) c join auth.users u on u.id = c.user_id
     where i.event_id = c.event_id and i.email = lower(u.email) and u.email_confirmed_at is not null
       and c.sight_before = 0 and c.sight_now > 0 and i.deleted_at is null;
    perform set_config('almanac.push', coalesce(pushing, ''), true);
  end if;
end
$$;

create function almanac.note_roles_inserted() returns trigger
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  changed almanac.role_change[];
begin
  select array_agg((t.event_id, t.user_id, 0, almanac.sight(t.role, t.deleted_at))::almanac.role_change)
    into changed from touched t;
  if changed is not null then
    perform almanac.note_roles(changed);
  end if;
  return null;
end
$$;

create function almanac.note_roles_updated() returns trigger
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  changed almanac.role_change[];
begin
  -- Not joined, as above.
  select array_agg((x.event_id, x.user_id, x.sight_before, x.sight_now)::almanac.role_change) into changed
    from (select v.event_id, v.user_id, max(v.sight_before) as sight_before, max(v.sight_now) as sight_now
            from (select b.event_id, b.user_id, almanac.sight(b.role, b.deleted_at) as sight_before, null::integer as sight_now from before b
                  union all
                  select t.event_id, t.user_id, null, almanac.sight(t.role, t.deleted_at) from touched t) as v
           group by v.event_id, v.user_id) as x;
  if changed is not null then
    perform almanac.note_roles(changed);
  end if;
  return null;
end
$$;

-- An invitation: the owner, the delegates, and the invited account if there is a confirmed one.
create function almanac.note_invites() returns trigger
language plpgsql security definer set search_path = '' set jit = off as $$
begin
  if not exists (select from touched) then
    return null;
  end if;
  perform almanac.begin_noting();
  insert into almanac.sync_note (user_id, table_name, row_key)
  select e.owner_id, tg_table_name, t.event_id || ':' || t.email
    from touched t join public.events e on e.id = t.event_id
  union all
  select r.user_id, tg_table_name, t.event_id || ':' || t.email
    from touched t
    join public.event_user_roles r on r.event_id = t.event_id and r.deleted_at is null and r.role = 'delegate_full'
  union all
  select u.id, tg_table_name, t.event_id || ':' || t.email
    from touched t join auth.users u on u.email = t.email and u.email_confirmed_at is not null;
  return null;
end
$$;

do $$
declare
  t text;
begin
  foreach t in array array['user_profiles', 'ai_personas', 'user_calendars', 'user_categories', 'event_details_personal']
  loop
    execute format('create trigger note_inserted after insert on public.%I referencing new table as touched
                    for each statement execute function almanac.note_personal()', t);
    execute format('create trigger note_updated after update on public.%I referencing new table as touched
                    for each statement execute function almanac.note_personal()', t);
  end loop;
end
$$;
create trigger note_inserted after insert on public.events referencing new table as touched
  for each statement execute function almanac.note_events_inserted();
create trigger note_updated after update on public.events referencing old table as before new table as touched
  for each statement execute function almanac.note_events_updated();
create trigger note_inserted after insert on public.event_user_roles referencing new table as touched
  for each statement execute function almanac.note_roles_inserted();
create trigger note_updated after update on public.event_user_roles referencing old table as before new table as touched
  for each statement execute function almanac.note_roles_updated();
create trigger note_inserted after insert on public.event_invites referencing new table as touched
  for each statement execute function almanac.note_invites();
create trigger note_updated after update on public.event_invites referencing new table as touched
  for each statement execute function almanac.note_invites();

revoke all on all functions in schema almanac from public, anon, authenticated;
grant execute on function almanac.role_of(uuid), almanac.held(boolean), almanac.hold_invitations(uuid) to authenticated, service_role;
