-- Invitations: by e-mail, waiting until a confirmed account accepts. docs/adr: invites.
select t.sign_up('ann');
select t.sign_up('dan');
select t.sign_up('eve');
create function t.invite(e integer, email text, as_role text default 'viewer') returns jsonb language sql volatile as $$
  select t.entry('event_invites', t.id(e) || ':' || email, jsonb_build_object('event_id', t.id(e), 'email', email, 'role', as_role), array['role'], t.stamp(t.clock()))
$$;
select t.be('ann');
select t.pushed(t.event(t.id(1)), t.event(t.id(2)));
-- The answer is the same whether there is an account or not.
do $$
declare
  known jsonb := t.push(t.invite(1, 'dan@example.org', 'contributor')) -> 0;
  unknown jsonb := t.push(t.invite(1, 'new@example.org', 'contributor')) -> 0;
begin
  perform t.is(known ->> 'status', 'done', 'invited');
  perform t.is((known -> 'row') - '{email,stamps,updated_at}'::text[], (unknown -> 'row') - '{email,stamps,updated_at}'::text[], 'the same answer');
  perform t.is(known -> 'row' ->> 'status', 'waiting', 'status');
  perform t.is(known -> 'row' ->> 'invited_by', t.user('ann')::text, 'by');
  perform t.is(public.people(), '[]'::jsonb, 'no name before it is accepted');
  perform t.is((select count(*) from public.event_user_roles), 0::bigint, 'no role before it is accepted');
end
$$;
select t.be(null);
insert into t.asked (who, entry, want, what) values
  ('ann', t.invite(1, 'Dan@Example.org'), 'invalid', 'lower case'),
  ('ann', t.invite(1, 'nobody'), 'invalid', 'no address'),
  ('ann', t.invite(1, 'a@b.c', 'owner'), 'invalid', 'no owner');
select t.all_as_asked();
-- What it is to, and from whom, is told to the invited account alone.
select t.be('ann');
select t.is(public.invitations(), '[]'::jsonb, 'not to the one who invites');
select t.be('eve');
select t.is(public.invitations(), '[]'::jsonb, 'nor to anybody else');
select t.be('dan');
select t.is(public.invitations(), jsonb_build_array(jsonb_build_object('event_id', t.id(1), 'title', 'Lunch', 'start_ms', 1795348800000,
  'duration', 60, 'all_day', false, 'inviter', 'Ann')), 'to the invited');
-- Of a private event nothing but to who would see it.
select t.be(null);
update public.events set private = true where id = t.id(1);
select t.be('dan');
select t.is(public.invitations(), '[]'::jsonb, 'private, as contributor');
select t.be(null);
update public.event_invites set role = 'delegate_full' where email = 'dan@example.org';
select t.be('dan');
select t.is(public.invitations() -> 0 ->> 'title', 'Lunch', 'private, as delegate');
select t.be(null);
update public.event_invites set role = 'contributor' where email = 'dan@example.org';
update public.events set private = false where id = t.id(1);
-- The invited account sees the invitation, in its feed and in a bootstrap, and not the event.
select t.is(t.pulled('dan', 2), array['event_invites ' || t.id(1) || ':dan@example.org'], 'the invitation');
select t.is(t.pulled('eve', 2), '{}'::text[], 'nobody else');
select t.be('dan');
do $$
begin
  perform t.is((select array_agg(r ->> 'table' order by o) from jsonb_array_elements(public.sync_bootstrap(null, null) -> 'rows') with ordinality as x(r, o)),
    array['user_profiles', 'user_calendars', 'event_invites'], 'bootstrap');
  perform t.is((select count(*) from public.events), 0::bigint, 'not the event');
  -- Not as more than offered, not to another event, not by another.
  perform t.is(t.verdict(t.role(t.id(1), 'dan', 'delegate_full')), 'parent_missing', 'more than offered');
  perform t.is(t.verdict(t.role(t.id(2), 'dan', 'contributor')), 'parent_missing', 'another event');
  perform t.be('eve');
  perform t.is(t.verdict(t.role(t.id(1), 'eve', 'contributor')), 'parent_missing', 'another person');
  perform t.be('dan');
  -- Accepting is writing one's own role, with an answer, and an overlay may come along.
  perform t.pushed(
    t.entry('event_details_personal', t.id(1) || ':' || t.user('dan'), jsonb_build_object('event_id', t.id(1), 'user_id', t.user('dan'),
      'calendar_id', null, 'category_id', null, 'show_time_as', 'free', 'time_defense_level', 'normal', 'ai_managed', false, 'ai_instructions', null,
      'persona_id', null, 'reminders', null), array['calendar', 'category', 'show_time_as', 'time_defense_level', 'ai', 'reminders'], t.stamp(t.clock())),
    jsonb_set(t.role(t.id(1), 'dan', 'contributor'), '{row,rsvp}', '"accepted"'));
  perform t.is((select count(*) from public.events), 1::bigint, 'the event');
end
$$;
select t.be(null);
select t.is((select deleted_at is not null and status = 'waiting' from public.event_invites where email = 'dan@example.org'), true, 'the invitation is done with');
select t.is(array(select split_part(x, ' ', 1) from unnest(t.pulled('dan', 3)) as y(x)), array['events', 'event_user_roles', 'event_details_personal', 'event_invites'], 'all of it arrives');
select t.be('ann');
select t.is(public.people() -> 0 ->> 'display_name', 'Dan', 'now there is a name');
select t.be('dan');
select t.is(public.invitations(), '[]'::jsonb, 'answered');
select t.be('ann');

-- Declined: a tombstone, by the invitee, who may change nothing else.
select t.pushed(t.invite(2, 'dan@example.org'));
select t.be('dan');
select t.is(t.verdict(t.invite(2, 'dan@example.org', 'delegate_full')), 'forbidden', 'asking for more');
select t.is(t.verdict(t.dead('event_invites', t.id(2) || ':dan@example.org', jsonb_build_object('event_id', t.id(2), 'email', 'dan@example.org'))), 'done', 'declined');
select t.is(t.verdict(t.role(t.id(2), 'dan', 'viewer')), 'parent_missing', 'too late');

-- An address that is not confirmed gets nothing; once it is, it does.
select t.be(null);
select t.sign_up('new', false);
select t.is(t.pulled('new', 2), '{}'::text[], 'not confirmed');
select t.be('new');
select t.is(t.verdict(t.role(t.id(1), 'new', 'contributor')), 'parent_missing', 'not confirmed');
select t.be(null);
update auth.users set email_confirmed_at = now() where id = t.user('new');
select t.is(t.pulled('new', 2), array['event_invites ' || t.id(1) || ':new@example.org'], 'confirmed');
-- Signing up confirmed, after the invitation.
select t.be('ann');
select t.pushed(t.invite(1, 'fay@example.org'));
select t.be(null);
select t.sign_up('fay');
select t.is('event_invites ' || t.id(1) || ':fay@example.org' = any (t.pulled('fay', 0)), true, 'signed up');
-- Directly in the table, as a client of the tables does it.
select t.be('fay');
insert into public.event_user_roles (event_id, user_id, role, rsvp) values (t.id(1), t.user('fay'), 'viewer', 'accepted');
select t.be(null);
select t.is((select deleted_at is not null from public.event_invites where email = 'fay@example.org'), true, 'accepted directly');

-- Twenty an hour, also directly.
select t.be('ann');
do $$
declare
  verdicts text[];
begin
  select array_agg(t.verdict(t.invite(2, 'p' || i || '@example.org')) order by i) into verdicts from generate_series(1, 25) as x(i);
  perform t.is((select count(*) from unnest(verdicts) as y(v) where v = 'done'), 16::bigint, 'the rest of twenty');
  perform t.is(verdicts[25], 'rate_limited', 'the last');
  perform t.is(t.state(format('insert into public.event_invites (event_id, email) values (%L, ''q@example.org'')', t.id(2))), 'P0001', 'directly');
end
$$;
select t.be(null);
