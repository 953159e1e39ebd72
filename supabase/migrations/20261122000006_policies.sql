-- Row-level security and grants. Policies say which rows; which column groups a role may write is decided by
-- almanac.refusal, through the trigger `before_write`. SELECT policies do not hide tombstones: setting `deleted_at` would fail.
-- Anonymous callers get nothing at all.

grant select, insert, update, delete on table
  public.ai_personas, public.user_calendars, public.user_categories, public.events,
  public.event_details_personal, public.event_user_roles, public.event_invites
  to authenticated;
grant select, insert, update on table public.user_profiles to authenticated;

create policy own_row on public.user_profiles to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));
create policy own_row on public.ai_personas to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy own_row on public.user_calendars to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy own_row on public.user_categories to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

-- What `role_of` says of each row, asked once for all of them: row by row it would be asked of everybody's events.
-- The series decides also here: an exception that is being inserted cannot be read yet.
create policy sees on public.events for select to authenticated using (
  owner_id = (select auth.uid())
  or ((id = any ((select almanac.held(false))::uuid[]) or series_id = any ((select almanac.held(false))::uuid[]))
      and (not private or coalesce(series_id, id) = any ((select almanac.held(true))::uuid[]))));
create policy makes on public.events for insert to authenticated with check (
  case when series_id is null then owner_id = (select auth.uid()) or almanac.role_of(split_from) in ('delegate_full', 'contributor')
       else almanac.role_of(series_id) in ('owner', 'delegate_full', 'contributor') end);
create policy edits on public.events for update to authenticated
  using (owner_id = (select auth.uid()) or almanac.role_of(id) in ('delegate_full', 'contributor'))
  with check (owner_id = (select auth.uid()) or almanac.role_of(id) in ('delegate_full', 'contributor'));
create policy deletes on public.events for delete to authenticated
  using (owner_id = (select auth.uid()) or almanac.role_of(id) = 'delegate_full');

create policy own_row on public.event_details_personal to authenticated
  using (user_id = (select auth.uid()) and almanac.role_of(event_id) is not null)
  with check (user_id = (select auth.uid()) and almanac.role_of(event_id) is not null);

create policy sees on public.event_user_roles for select to authenticated
  using (almanac.role_of(event_id) is not null);
create policy makes on public.event_user_roles for insert to authenticated
  with check (user_id = (select auth.uid()) or almanac.role_of(event_id) in ('owner', 'delegate_full'));
create policy edits on public.event_user_roles for update to authenticated
  using (user_id = (select auth.uid()) or almanac.role_of(event_id) in ('owner', 'delegate_full'))
  with check (user_id = (select auth.uid()) or almanac.role_of(event_id) in ('owner', 'delegate_full'));
create policy deletes on public.event_user_roles for delete to authenticated
  using (user_id = (select auth.uid()) or (role <> 'owner' and almanac.role_of(event_id) in ('owner', 'delegate_full')));

-- The caller's confirmed e-mail, for the invitations sent to it.
create function almanac.my_email() returns text
language sql stable security definer set search_path = '' as $$
  select almanac.confirmed_email(auth.uid())
$$;
revoke all on function almanac.my_email() from public, anon, authenticated;
grant execute on function almanac.my_email() to authenticated, service_role;

create policy sees on public.event_invites for select to authenticated
  using (email = (select almanac.my_email()) or almanac.role_of(event_id) in ('owner', 'delegate_full'));
create policy makes on public.event_invites for insert to authenticated
  with check (almanac.role_of(event_id) in ('owner', 'delegate_full'));
create policy edits on public.event_invites for update to authenticated
  using (email = (select almanac.my_email()) or almanac.role_of(event_id) in ('owner', 'delegate_full'))
  with check (email = (select almanac.my_email()) or almanac.role_of(event_id) in ('owner', 'delegate_full'));
create policy deletes on public.event_invites for delete to authenticated
  using (email = (select almanac.my_email()) or almanac.role_of(event_id) in ('owner', 'delegate_full'));
