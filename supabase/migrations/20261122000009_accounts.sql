-- A new account gets its profile and one calendar. Their stamps are zero: defaults nobody touched give way to any edit and,
-- when a device that was used without an account signs in, to what the device has.

create function almanac.zero_stamps(p_table text) returns jsonb
language sql immutable parallel safe set search_path = '' as $$
  select jsonb_object_agg(g, '0000000000000000-0000000000000000')
    from (select unnest(almanac.group_names(p_table)) union all
          select jsonb_each_text.value from jsonb_each_text(almanac.groups_of(p_table) -> 'written')) as x(g)
$$;

create function almanac.on_user_created() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  pushing text := current_setting('almanac.push', true);
begin
  -- Rows and stamps are stored as they are.
  perform set_config('almanac.push', 'on', true);
  insert into public.user_profiles (id, email, display_name, stamps, updated_at)
  values (new.id, coalesce(new.email, ''),
          left(coalesce(new.raw_user_meta_data ->> 'display_name', new.raw_user_meta_data ->> 'full_name',
                        new.raw_user_meta_data ->> 'name'), 500),
          almanac.zero_stamps('user_profiles'), timestamptz 'epoch')
  on conflict (id) do nothing;
  insert into public.user_calendars (user_id, name, is_default, stamps, updated_at)
  values (new.id, 'Calendar', true, almanac.zero_stamps('user_calendars'), timestamptz 'epoch');
  perform set_config('almanac.push', coalesce(pushing, ''), true);
  if new.email_confirmed_at is not null then
    perform almanac.note_invites_to(new.id, array[lower(new.email)]);
  end if;
  return null;
end
$$;

-- A freshly confirmed address learns of the invitations sent to it.
create function almanac.note_invites_to(p_user uuid, p_emails text[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.event_invites i where i.email = any (p_emails)) then
    perform almanac.begin_noting();
    insert into almanac.sync_note (user_id, table_name, row_key)
    select p_user, 'event_invites', i.event_id || ':' || i.email
      from public.event_invites i where i.email = any (p_emails);
  end if;
end
$$;

-- The profile follows the account's e-mail.
create function almanac.on_user_changed() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.user_profiles p set email = coalesce(new.email, '')
   where p.id = new.id and p.email is distinct from coalesce(new.email, '');
  perform almanac.note_invites_to(new.id, array[lower(new.email), lower(old.email)]);
  return null;
end
$$;

-- Deletes all that an account has, when the account is deleted. The others hear of it by their feeds: what it shared is
-- gone for them, with their roles, overlays and invitations there; its roles on their events have ended. Rows nobody else
-- holds are removed at once, not left as tombstones. What remains is the id, in those ended roles.
create function almanac.forget_user(p_user uuid) returns void
language plpgsql security definer set search_path = '' set jit = off as $$
begin
  -- The events first, then what hangs on them, as everywhere.
  perform from public.events e
    where e.owner_id = p_user
       or e.id in (select r.event_id from public.event_user_roles r where r.user_id = p_user and r.deleted_at is null)
    order by e.id for update;
  delete from public.event_user_roles r where r.user_id = p_user
     and not exists (select from public.events e where e.id = r.event_id and e.owner_id = p_user);
  -- Ended, the roles take the event with all its rows out of their holders' feeds.
  delete from public.event_user_roles r using public.events e where e.id = r.event_id and e.owner_id = p_user;
  delete from public.event_invites i using public.events e where e.id = i.event_id and e.owner_id = p_user;

  insert into almanac.forgetting (xid) values (pg_current_xact_id()) on conflict do nothing;
  perform set_config('almanac.collect', 'on', true);
  delete from public.event_invites i using public.events e where e.id = i.event_id and e.owner_id = p_user;
  delete from public.event_user_roles r using public.events e where e.id = r.event_id and e.owner_id = p_user;
  delete from public.event_details_personal d using public.events e where e.id = d.event_id and e.owner_id = p_user;
  delete from public.event_details_personal d where d.user_id = p_user;
  delete from public.events e where e.owner_id = p_user and e.series_id is not null;
  delete from public.events e where e.owner_id = p_user;
  delete from public.user_categories c where c.user_id = p_user;
  delete from public.user_calendars c where c.user_id = p_user;
  delete from public.ai_personas p where p.user_id = p_user;
  delete from public.user_profiles p where p.id = p_user;
  perform set_config('almanac.collect', '', true);
  delete from almanac.forgetting f where f.xid = pg_current_xact_id();

  delete from almanac.invite_log l where l.user_id = p_user;
  -- Nothing of the above is news to the account itself.
  delete from almanac.sync_note n where n.xid = pg_current_xact_id() and n.user_id = p_user;
  delete from almanac.sync_feed f where f.user_id = p_user;
  delete from public.sync_head h where h.user_id = p_user;
end
$$;

create function almanac.on_user_deleted() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform almanac.forget_user(old.id);
  return null;
end
$$;

create trigger almanac_user_created after insert on auth.users
  for each row execute function almanac.on_user_created();
create trigger almanac_user_changed after update of email, email_confirmed_at on auth.users
  for each row when (old.email is distinct from new.email or old.email_confirmed_at is distinct from new.email_confirmed_at)
  execute function almanac.on_user_changed();

create trigger almanac_user_deleted after delete on auth.users
  for each row execute function almanac.on_user_deleted();
-- GoTrue's soft delete keeps the account's row.
create trigger almanac_user_retired after update of deleted_at on auth.users
  for each row when (old.deleted_at is null and new.deleted_at is not null)
  execute function almanac.on_user_deleted();

-- A person deletes their own account. The same on a hosted project, where only the service role may call GoTrue's admin API.
create function public.delete_account() returns void
language sql volatile security definer set search_path = '' as $$
  delete from auth.users where id = almanac.caller()
$$;
revoke all on function public.delete_account() from public, anon, authenticated, service_role;
grant execute on function public.delete_account() to authenticated;

revoke all on function almanac.zero_stamps(text), almanac.on_user_created(), almanac.on_user_changed(),
  almanac.note_invites_to(uuid, text[]), almanac.forget_user(uuid), almanac.on_user_deleted()
  from public, anon, authenticated;
