-- A new account gets its profile and one calendar. Their stamps are zero: defaults nobody touched give way to any edit and,
-- when a device that was used without an account signs in, to what the device has.

create function almanac.zero_stamps(p_table text) returns jsonb
language sql immutable parallel safe set search_path = '' as $$
  select jsonb_object_agg(g, '0000000000000000-0000000000000000') from unnest(almanac.group_names(p_table)) as x(g)
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

create trigger almanac_user_created after insert on auth.users
  for each row execute function almanac.on_user_created();
create trigger almanac_user_changed after update of email, email_confirmed_at on auth.users
  for each row when (old.email is distinct from new.email or old.email_confirmed_at is distinct from new.email_confirmed_at)
  execute function almanac.on_user_changed();

revoke all on function almanac.zero_stamps(text), almanac.on_user_created(), almanac.on_user_changed(),
  almanac.note_invites_to(uuid, text[])
  from public, anon, authenticated;
