-- Who may see and who may write what (docs/sync.md §10). One place, used by the policies, by the guard on direct writes
-- and by sync_push. Policies never read a policed table themselves: they ask these functions, which run as the owner.

-- A person's role on an event, or null when they may not see it. An exception has the roles of its series.
-- A private event (or an exception of a private series) exists only for its owner and delegates.
-- (In plpgsql, whose plan is kept: a function in SQL that another one calls is planned anew for each row.)
create function almanac.role_in(p_user uuid, p_event uuid) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select case
             when root.owner_id = p_user then 'owner'
             when r.role = 'delegate_full' or not (e.private or root.private) then r.role
           end
      from public.events e
      join public.events root on root.id = coalesce(e.series_id, e.id)
      left join public.event_user_roles r
             on r.event_id = root.id and r.user_id = p_user and r.deleted_at is null
     where e.id = p_event);
end
$$;

-- The caller's role on an event.
create function almanac.role_of(p_event uuid) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return almanac.role_in(auth.uid(), p_event);
end
$$;

-- The events of others on which the caller has a role and which they may see; `p_fully`: also what is private in them.
-- A policy asks once a statement and not once a row, and finds the rows by index.
create function almanac.held(p_fully boolean) returns uuid[]
language sql stable security definer set search_path = '' as $$
  select coalesce(array_agg(r.event_id), '{}')
    from public.event_user_roles r
    join public.events e on e.id = r.event_id
   where r.user_id = auth.uid() and r.deleted_at is null and e.owner_id <> r.user_id
     and (r.role = 'delegate_full' or not (p_fully or e.private))
$$;

-- The e-mail address by which a person can be invited: confirmed, in lower case. Null for anybody else.
create function almanac.confirmed_email(p_user uuid) returns text
language sql stable security definer set search_path = '' as $$
  select lower(u.email) from auth.users u where u.id = p_user and u.email_confirmed_at is not null
$$;

-- The live invitation of a person to an event: the role it offers, or null.
create function almanac.invited_as(p_user uuid, p_event uuid) returns text
language sql stable security definer set search_path = '' as $$
  select i.role from public.event_invites i
   where i.event_id = p_event and i.email = almanac.confirmed_email(p_user) and i.deleted_at is null
$$;

-- Whether a new event goes on with one that it was split from ("this and following"), written by somebody who may change
-- that one's content. It stays the owner's; its roles come along (see inherit_roles).
create function almanac.may_split(p_user uuid, p_new jsonb) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.events e
     where e.id = (p_new ->> 'split_from')::uuid and e.owner_id = (p_new ->> 'owner_id')::uuid and e.series_id is null
       and case almanac.role_in(p_user, e.id)
             when 'delegate_full' then true
             when 'contributor' then not (p_new ->> 'private')::boolean and p_new ->> 'deleted_at' is null
             else false end)
$$;

-- Why a person may not write these groups of a row, as a code of docs/wire.md; null when they may.
-- `p_old`: the row as it is now (null: there is none) · `p_new`: the row or the changed columns, key and owner included.
-- The caller has locked what the answer depends on.
create function almanac.refusal(p_user uuid, p_table text, p_old jsonb, p_new jsonb, p_groups text[]) returns text
language plpgsql stable security definer set search_path = '' as $$
declare
  -- An entry can build the row when it brings every group but, perhaps, `life`.
  builds  constant boolean := array_append(p_groups, 'life') @> almanac.group_names(p_table);
  deletes constant boolean := 'life' = any (p_groups) and p_new ->> 'deleted_at' is not null;
  row_now constant jsonb := coalesce(p_old, p_new);
  target  uuid;
  event   record;
  my_role text;
  offered text;
begin
  if p_old is null and not builds and p_table <> 'event_user_roles' then
    return 'missing';
  end if;

  case p_table
    when 'user_profiles' then
      return case when (row_now ->> 'id')::uuid = p_user then null
                  when builds then 'forbidden' else 'missing' end;

    when 'ai_personas', 'user_calendars', 'user_categories' then
      return case when (row_now ->> 'user_id')::uuid = p_user then null
                  when builds then 'forbidden' else 'missing' end;

    when 'events' then
      if p_old is null then
        if p_new ->> 'series_id' is null then
          return case when (p_new ->> 'owner_id')::uuid = p_user or almanac.may_split(p_user, p_new) then null else 'forbidden' end;
        end if;
        -- A new exception: whoever may change the series' content, in the name of the series' owner.
        select e.owner_id, e.series_id into event from public.events e where e.id = (p_new ->> 'series_id')::uuid;
        if not found then
          return 'parent_missing';
        end if;
        my_role := almanac.role_in(p_user, (p_new ->> 'series_id')::uuid);
        return case
          when my_role is null then 'parent_missing'
          when my_role = 'viewer' then 'forbidden'
          when event.series_id is not null then 'invalid'
          when event.owner_id is distinct from (p_new ->> 'owner_id')::uuid then 'forbidden'
          when my_role = 'contributor' and ((p_new ->> 'private')::boolean or deletes) then 'forbidden'
        end;
      end if;
      if (p_old ->> 'owner_id')::uuid = p_user then
        return null;
      end if;
      my_role := almanac.role_in(p_user, (p_old ->> 'id')::uuid);
      return case
        when my_role = 'delegate_full' then null
        when my_role = 'contributor' then
          case when not array['title', 'when', 'location', 'notes'] @> p_groups then 'forbidden'
               when p_old ->> 'deleted_at' is not null then 'deleted' end
        when my_role is not null or builds then 'forbidden'
        -- Somebody who had a role is told so; a stranger does not learn that the event exists.
        when exists (select from public.event_user_roles r
                      where r.event_id = coalesce(p_old ->> 'series_id', p_old ->> 'id')::uuid and r.user_id = p_user)
          then 'forbidden'
        else 'missing'
      end;

    when 'event_details_personal' then
      if (row_now ->> 'user_id')::uuid <> p_user then
        return case when builds then 'forbidden' else 'missing' end;
      end if;
      my_role := almanac.role_in(p_user, (row_now ->> 'event_id')::uuid);
      return case when my_role is not null then null
                  when p_old is null then 'parent_missing' else 'forbidden' end;

    when 'event_user_roles' then
      target := (row_now ->> 'user_id')::uuid;
      select e.owner_id, e.series_id into event from public.events e where e.id = (row_now ->> 'event_id')::uuid;
      if not found then
        return case when builds then 'parent_missing' else 'missing' end;
      end if;
      my_role := almanac.role_in(p_user, (row_now ->> 'event_id')::uuid);
      if my_role is null then
        -- Accepting an invitation is writing one's own role as offered (docs/adr: invites).
        offered := case when target = p_user then almanac.invited_as(p_user, (row_now ->> 'event_id')::uuid) end;
        return case
          when offered is not null and builds and not deletes and p_new ->> 'role' = offered then null
          when p_old is not null and target = p_user then
            case when p_old ->> 'deleted_at' is null then 'forbidden' else 'deleted' end
          when builds then 'parent_missing' else 'missing' end;
      end if;
      if p_old is null and not builds then
        return 'missing';
      end if;
      if event.series_id is not null then
        return 'invalid';
      end if;
      -- `owner` is not given: the event's owner_id decides. The owner may have a row for their own answer.
      if 'role' = any (p_groups) and (p_new ->> 'role' = 'owner') <> (target = event.owner_id) then
        return 'forbidden';
      end if;
      if target = p_user then
        return case
          when my_role = 'owner' then null
          when p_old is null then 'forbidden'
          -- A holder answers, follows, leaves. A delegate may also step down, which is not raising.
          when 'role' = any (p_groups) and my_role <> 'delegate_full' then 'forbidden'
          when 'life' = any (p_groups) and not deletes and my_role <> 'delegate_full' then 'forbidden'
        end;
      end if;
      return case
        when my_role not in ('owner', 'delegate_full') then 'forbidden'
        when target = event.owner_id then 'forbidden'
        -- Nobody answers for another; a new role comes without an answer.
        when p_old is null and p_new ->> 'rsvp' is not null then 'forbidden'
        when p_old is not null and not array['role', 'life'] @> p_groups
             and not (builds and p_new ->> 'rsvp' is null) then 'forbidden'
      end;

    when 'event_invites' then
      select e.owner_id, e.series_id into event from public.events e where e.id = (row_now ->> 'event_id')::uuid;
      if not found then
        return 'parent_missing';
      end if;
      my_role := almanac.role_in(p_user, (row_now ->> 'event_id')::uuid);
      if my_role in ('owner', 'delegate_full') then
        return case when event.series_id is not null then 'invalid'
                    when p_old is null and (p_new ->> 'invited_by')::uuid is distinct from p_user then 'forbidden' end;
      end if;
      -- The invitee may turn it down, and nothing else.
      if p_old is not null and p_old ->> 'email' = almanac.confirmed_email(p_user) then
        return case when p_old ->> 'deleted_at' is not null then 'deleted'
                    when p_groups = array['life'] and deletes then null else 'forbidden' end;
      end if;
      return case when my_role is not null then 'forbidden'
                  when p_old is null then 'parent_missing' else 'missing' end;

    else
      return '42P01';
  end case;
end
$$;

-- Invitations each person has made in the last hour, for the limit.
create table almanac.invite_log (
  user_id uuid not null,
  at      timestamptz not null default clock_timestamp()
);
create index invite_log_user on almanac.invite_log (user_id, at);
revoke all on table almanac.invite_log from public, anon, authenticated;

-- Whether a write of an invite row invites somebody: a new one, or one that was dead.
create function almanac.is_invitation(p_old jsonb, p_new jsonb) returns boolean
language sql immutable parallel safe as $$
  select (p_old is null or p_old ->> 'deleted_at' is not null) and p_new ->> 'deleted_at' is null
$$;

-- Invitations of one person are counted one after the other: of two requests at once neither would see what the other has
-- used up. Whoever may invite takes this before any row, so that nobody waits in a circle.
create function almanac.hold_invitations(p_user uuid) returns void
language sql volatile set search_path = '' as $$
  select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('almanac.invitations ' || p_user, 0))
$$;

-- Counts one more invitation; false when the 20 of this hour are used up.
create function almanac.may_invite(p_user uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  delete from almanac.invite_log l where l.user_id = p_user and l.at < clock_timestamp() - interval '1 hour';
  if (select count(*) from almanac.invite_log l where l.user_id = p_user) >= 20 then
    return false;
  end if;
  insert into almanac.invite_log (user_id) values (p_user);
  return true;
end
$$;

revoke all on all functions in schema almanac from public, anon, authenticated;
-- Policies are evaluated as the caller.
grant usage on schema almanac to authenticated, service_role;
grant execute on function almanac.role_of(uuid), almanac.held(boolean), almanac.hold_invitations(uuid) to authenticated, service_role;
