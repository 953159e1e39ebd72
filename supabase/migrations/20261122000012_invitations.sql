-- What the invitations to oneself are to: enough to answer them, and only while they wait (docs/adr/0006).
--
-- Nothing is told of an event that the invitee would not see with the role that is offered, and never an e-mail address.
create function public.invitations() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  me uuid := almanac.caller();
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
             'event_id', e.id,
             'title', e.title,
             'start_ms', floor(extract(epoch from e.start_time) * 1000)::bigint,
             'duration', e.duration,
             'all_day', e.all_day,
             'inviter', coalesce(nullif(u.display_name, ''), nullif(concat_ws(' ', u.first_name, u.last_name), '')))
             order by e.start_time, e.id), '[]')
      from public.event_invites i
      join public.events e on e.id = i.event_id and e.deleted_at is null
      left join public.user_profiles u on u.id = i.invited_by
     where i.email = almanac.confirmed_email(me) and i.deleted_at is null
       and (i.role = 'delegate_full' or not e.private));
end
$$;

revoke all on function public.invitations() from public, anon, authenticated, service_role;
grant execute on function public.invitations() to authenticated;
