-- What happens to a row that is written, whoever writes it: stamps, derived columns, locks, tombstones.
--
-- sync_push has merged its rows already and sets the transaction-local `almanac.push`, so that rows and stamps are stored as
-- they are. The flag counts only where RLS does not (the functions of these migrations, the service role): a person with a
-- plain connection cannot forge stamps by setting it.
-- For every other writer given stamps are ignored: a changed group gets max(now, the row's updated_at + 1 µs).

-- Locks the event that decides who sees a role, invitation, overlay or exception, before anything is read for it. A change
-- of roles takes it FOR NO KEY UPDATE, everything that only depends on the roles FOR SHARE (docs/sync.md §6). A missing event
-- is left to the foreign key. Returns the rule that spans rows and is broken, or null.
-- `p_user`: the holder of a role, the owner of an exception.
create function almanac.lock_parent(p_table text, p_event uuid, p_user uuid, p_role text) returns text
language plpgsql security definer set search_path = '' as $$
declare
  event record;
begin
  if p_table = 'event_user_roles' then
    select e.owner_id, e.series_id into event from public.events e where e.id = p_event for no key update;
    if event.series_id is not null or (p_role = 'owner') <> (p_user = event.owner_id) then
      return 'a role belongs to a series or single event, and only its owner is "owner"';
    end if;
  else
    select e.owner_id, e.series_id into event from public.events e where e.id = p_event for share;
    if p_table = 'events' and (event.series_id is not null or event.owner_id <> p_user) then
      return 'an exception belongs to a series and has its owner';
    end if;
  end if;
  return null;
end
$$;

-- Keeps an account from being deleted until this transaction ends, so that it cannot write rows which that would miss.
-- Raises PT401 when it is gone already.
create function almanac.hold_account(p_user uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform from auth.users u where u.id = p_user and u.deleted_at is null for key share;
  if not found and p_user is not null then
    raise exception 'this account does not exist any more' using errcode = 'PT401';
  end if;
end
$$;

-- Raises 42501 unless the caller may write these groups, P0001 when they have invited too many.
create function almanac.guard(p_table text, p_old jsonb, p_new jsonb, p_groups text[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  code text := almanac.refusal(auth.uid(), p_table, p_old, p_new, p_groups);
begin
  perform almanac.hold_account(auth.uid());
  if code is not null then
    raise exception 'not allowed to write % of % (%)', array_to_string(p_groups, ', '), p_table, code using errcode = '42501';
  end if;
  if p_table = 'event_invites' and almanac.is_invitation(p_old, p_new) and not almanac.may_invite(auth.uid()) then
    raise exception 'rate_limited: 20 invitations an hour' using errcode = 'P0001';
  end if;
end
$$;

-- The short way of an import: live events that stand alone, from a writer whose rights are not in question. `before_write`
-- does the same, in six times as long. Its arguments are the groups. It sets no search path, which would cost as much as
-- the rest of it: it runs with the rights of its writer, who may write any stamp anyhow.
create function almanac.before_import() returns trigger
language plpgsql as $$
declare
  at    constant timestamptz := clock_timestamp();
  stamp constant text := (date_part('epoch', at) * 1000000)::bigint || '-0000000000000000';
begin
  new.stamps := jsonb_object(tg_argv, array_fill(stamp, array[tg_nargs]));
  new.updated_at := at;
  new.start_timestamp_ms := floor(extract(epoch from new.start_time) * 1000)::bigint;
  new.end_timestamp_ms := new.start_timestamp_ms + new.duration * 60000::bigint;
  return new;
end
$$;

-- Its arguments are the table's groups.
create function almanac.before_write() returns trigger
language plpgsql set search_path = '' as $$
declare
  direct  boolean := pg_catalog.row_security_active(tg_relid);
  spec    jsonb;
  g       jsonb;
  col     text;
  o       jsonb;
  n       jsonb;
  groups  text[];
  us      bigint;
  broken  text;
begin
  if not direct and current_setting('almanac.push', true) = 'on' then
    return new;
  end if;

  -- Locks first, then what depends on them.
  case tg_table_name
    when 'events' then
      if new.series_id is not null then
        broken := almanac.lock_parent(tg_table_name, new.series_id, new.owner_id, null);
      elsif new.split_from is not null and tg_op = 'INSERT' then
        perform almanac.lock_parent('split', new.split_from, null, null);
      end if;
    when 'event_user_roles' then
      broken := almanac.lock_parent(tg_table_name, new.event_id, new.user_id, new.role);
    when 'event_invites' then
      new.email := lower(new.email);
      if direct then
        perform almanac.hold_invitations(auth.uid());
        if tg_op = 'INSERT' then
          new.status := 'waiting';
        end if;
      end if;
      perform almanac.lock_parent(tg_table_name, new.event_id, null, null);
    when 'event_details_personal' then
      perform almanac.lock_parent(tg_table_name, new.event_id, null, null);
    else null;
  end case;

  us := (extract(epoch from clock_timestamp()) * 1000000)::bigint;

  if tg_op = 'INSERT' then
    groups := tg_argv;
  else
    spec := almanac.groups_of(tg_table_name);
    o := to_jsonb(old);
    n := to_jsonb(new);
    groups := '{}';
    for col in select jsonb_array_elements_text((spec -> 'key') || (spec -> 'fixed')) loop
      if (o -> col) is distinct from (n -> col) then
        -- An account's e-mail changes; the service follows it.
        if direct or not coalesce(spec -> 'written' ? col, false) then
          raise exception '% of % is written once', col, tg_table_name using errcode = '42501';
        end if;
        groups := groups || (spec -> 'written' ->> col);
      end if;
    end loop;
    for g in select jsonb_array_elements(spec -> 'groups') loop
      for col in select jsonb_array_elements_text(g -> 'columns') loop
        if (o -> col) is distinct from (n -> col) and col not in ('start_timestamp_ms', 'end_timestamp_ms') then
          groups := groups || (g ->> 'name');
          exit;
        end if;
      end loop;
    end loop;
    -- Not always by the same step: the same row written twice from one state, before a restore and after it, would carry
    -- two values under one stamp, and no device could tell.
    us := greatest(us, (extract(epoch from old.updated_at) * 1000000)::bigint + 1 + (random() * 999)::bigint);
  end if;

  if tg_table_name = 'events' then
    if 'when' = any (groups) then
      new.start_timestamp_ms := almanac.start_ms(new.start_time);
      new.end_timestamp_ms := almanac.end_ms(new.start_time, new.duration, new.recurrence);
    else
      new.start_timestamp_ms := old.start_timestamp_ms;
      new.end_timestamp_ms := old.end_timestamp_ms;
    end if;
  end if;

  if direct then
    perform almanac.guard(tg_table_name, o, to_jsonb(new), groups);
  end if;
  -- After the guard: who may not write does not learn more than that.
  if broken is not null then
    raise exception '%', broken using errcode = '23514';
  end if;

  if tg_op = 'UPDATE' and groups = '{}' then
    new.stamps := old.stamps;
    new.updated_at := old.updated_at;
    return new;
  end if;

  new.stamps := case when tg_op = 'UPDATE' then old.stamps else '{}' end
                || jsonb_object(groups, array_fill(almanac.server_stamp(us), array[cardinality(groups)]));
  if new.deleted_at is not null then
    if 'life' = any (groups) then
      -- A deletion must be greater than the content it deletes.
      us := us + 1;
      new.stamps := new.stamps || jsonb_build_object('life', almanac.server_stamp(us));
    elsif exists (select from jsonb_array_elements(spec -> 'groups') as x(y)
                   where (y -> 'content')::boolean and y ->> 'name' = any (groups)) then
      new.deleted_at := null;
    end if;
  end if;
  new.updated_at := almanac.from_micros(us);
  return new;
end
$$;

-- The instants an event covers, in ms since 1970 UTC. Only clients expand rules: from SQL a series has no end.
create function almanac.start_ms(p_start timestamptz) returns bigint
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return floor(extract(epoch from p_start) * 1000)::bigint;
end
$$;
create function almanac.end_ms(p_start timestamptz, p_duration integer, p_recurrence text) returns bigint
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  if p_recurrence is not null then
    return 253402300799999;
  end if;
  return floor(extract(epoch from p_start) * 1000)::bigint + p_duration * 60000::bigint;
end
$$;

-- The transactions in which an account is being deleted. A setting would not do: the account's own call says so while its
-- role is still `authenticated`, and settings can be forged.
create unlogged table almanac.forgetting (xid xid8 primary key);
revoke all on table almanac.forgetting from public, anon, authenticated;

-- DELETE becomes a tombstone. Only the collection of old tombstones removes rows, by `almanac.collect`.
-- Under PostgREST the role is set for the request and stays readable here, so nobody but a maintainer can use the flag.
create function almanac.before_delete() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  spec jsonb := almanac.groups_of(tg_table_name);
begin
  if current_setting('almanac.collect', true) = 'on'
     and (current_setting('role') not in ('anon', 'authenticated')
          or exists (select from almanac.forgetting f where f.xid = pg_current_xact_id())) then
    return old;
  end if;
  if old.deleted_at is null then
    case
      when spec -> 'key' = '["id"]' then
        execute format('update public.%I set deleted_at = clock_timestamp() where id = $1', tg_table_name) using old.id;
      when spec -> 'key' ->> 1 = 'user_id' then
        execute format('update public.%I set deleted_at = clock_timestamp() where event_id = $1 and user_id = $2', tg_table_name)
          using old.event_id, old.user_id;
      else
        execute format('update public.%I set deleted_at = clock_timestamp() where event_id = $1 and email = $2', tg_table_name)
          using old.event_id, old.email;
    end case;
  end if;
  return null;
end
$$;

create function almanac.before_truncate() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception 'synced tables are not truncated: devices would keep the rows'
    using errcode = '0A000', hint = 'DELETE leaves tombstones.';
end
$$;

-- An event that was split from another of the same owner has its roles too, as they are now, answers included.
create function almanac.inherit_roles() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  pushing constant text := current_setting('almanac.push', true);
begin
  if exists (select from touched t where t.split_from is not null) then
    -- Stored as they are, stamps included: an edit that is on its way merges with its copy as with the original.
    perform set_config('almanac.push', 'on', true);
    insert into public.event_user_roles (event_id, user_id, role, rsvp, following, stamps, updated_at)
    select t.id, r.user_id, r.role, r.rsvp, r.following, r.stamps, r.updated_at
      from touched t
      join public.events e on e.id = t.split_from and e.owner_id = t.owner_id and e.series_id is null
      join public.event_user_roles r on r.event_id = e.id and r.deleted_at is null
     where t.series_id is null and t.deleted_at is null
    on conflict (event_id, user_id) do nothing;
    perform set_config('almanac.push', coalesce(pushing, ''), true);
  end if;
  return null;
end
$$;
create trigger inherit_roles after insert on public.events referencing new table as touched
  for each statement execute function almanac.inherit_roles();

do $$
declare
  t        text;
  g        text;
  imported text;
begin
  foreach t in array array['user_profiles', 'ai_personas', 'user_calendars', 'user_categories', 'events',
                           'event_details_personal', 'event_user_roles', 'event_invites']
  loop
    g := (select string_agg(quote_literal(x), ', ') from unnest(almanac.group_names(t)) as y(x));
    if t = 'events' then
      imported := $when$not pg_catalog.row_security_active('public.events'::regclass)
        and coalesce(pg_catalog.current_setting('almanac.push', true), '') <> 'on'
        and coalesce(new.series_id, new.split_from) is null and new.deleted_at is null and new.recurrence is null$when$;
      execute format('create trigger before_import before insert on public.events
                      for each row when (%s) execute function almanac.before_import(%s)', imported, g);
      execute format('create trigger before_insert before insert on public.events
                      for each row when (not (%s)) execute function almanac.before_write(%s)', imported, g);
      execute format('create trigger before_write before update on public.events
                      for each row execute function almanac.before_write(%s)', g);
    else
      execute format('create trigger before_write before insert or update on public.%I
                      for each row execute function almanac.before_write(%s)', t, g);
    end if;
    execute format('create trigger before_delete before delete on public.%I
                    for each row execute function almanac.before_delete()', t);
    execute format('create trigger before_truncate before truncate on public.%I
                    for each statement execute function almanac.before_truncate()', t);
  end loop;
end
$$;

revoke all on all functions in schema almanac from public, anon, authenticated;
-- What the trigger calls as the writer. None of it returns or changes a row that is not the caller's.
grant execute on function
  almanac.role_of(uuid), almanac.held(boolean), almanac.hold_invitations(uuid),
  almanac.guard(text, jsonb, jsonb, text[]), almanac.lock_parent(text, uuid, uuid, text),
  almanac.groups_of(text), almanac.from_micros(bigint), almanac.server_stamp(bigint), almanac.start_ms(timestamptz), almanac.end_ms(timestamptz, integer, text)
  to authenticated, service_role;
