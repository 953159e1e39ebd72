-- What reaches whom through the feed, and what a push may do in each role.
select t.sign_up(n) from unnest(array['ann', 'dan', 'con', 'vic', 'sam']) as x(n);
create table t.mark (who text primary key, seq bigint);
insert into t.mark select n, t.head(n) from unnest(array['ann', 'dan', 'con', 'vic', 'sam']) as x(n);
-- What each has heard since the last time, short: ids by their last digit, people by their names.
create function t.heard(who text) returns text language plpgsql as $$
declare
  got text[];
begin
  got := t.pulled(who, (select seq from t.mark m where m.who = heard.who));
  update t.mark m set seq = t.head(heard.who) where m.who = heard.who;
  return coalesce((
    select string_agg(y.short, ' ' order by position(left(ltrim(y.short, '-'), 1) in 'eroi'), ltrim(y.short, '-'))
      from (select case when x like 'gone %' then '-' else '' end
               || case p.parts[1] when 'events' then 'e' when 'event_user_roles' then 'r'
                    when 'event_details_personal' then 'o' when 'event_invites' then 'i' else '?' end
               || right(left(p.parts[2], 36), 1)
               || coalesce(':' || (select n from unnest(array['ann', 'dan', 'con', 'vic', 'sam']) as z(n)
                                    where substr(p.parts[2], 38) = t.user(n)::text), '') as short
              from unnest(got) as w(x), lateral (select string_to_array(replace(x, 'gone ', ''), ' ')) as p(parts)) as y), '');
end
$$;
create function t.hear(want_ann text, want_dan text, want_con text, want_vic text, what text) returns void language plpgsql as $$
begin
  perform t.be(null);
  perform t.is(t.heard('ann'), want_ann, what || ': ann');
  perform t.is(t.heard('dan'), want_dan, what || ': dan');
  perform t.is(t.heard('con'), want_con, what || ': con');
  perform t.is(t.heard('vic'), want_vic, what || ': vic');
  perform t.is(t.heard('sam'), '', what || ': sam');
end
$$;
create function t.retitle(e integer, title text) returns jsonb language sql volatile as $$
  select t.entry('events', t.id(e)::text, jsonb_build_object('id', t.id(e), 'title', title), array['title'], t.stamp(t.clock()))
$$;
create function t.overlay(e integer, who text) returns jsonb language sql volatile as $$
  select t.entry('event_details_personal', t.id(e) || ':' || t.user(who), jsonb_build_object('event_id', t.id(e), 'user_id', t.user(who),
    'calendar_id', null, 'category_id', null, 'show_time_as', 'free', 'time_defense_level', 'normal', 'ai_managed', false, 'ai_instructions', null,
    'persona_id', null, 'reminders', null), array['calendar', 'category', 'show_time_as', 'time_defense_level', 'ai', 'reminders'], t.stamp(t.clock()))
$$;
create function t.set_private(e integer, yes boolean) returns jsonb language sql volatile as $$
  select t.entry('events', t.id(e)::text, jsonb_build_object('id', t.id(e), 'private', yes), array['private'], t.stamp(t.clock()))
$$;

select t.be('ann');
select t.pushed(t.event(t.id(1), '{"title":"series","recurrence":"FREQ=DAILY"}'),
  t.event(t.id(2), jsonb_build_object('series_id', t.id(1), 'original_start', '2026-11-23T12:00:00Z')),
  t.event(t.id(3), jsonb_build_object('series_id', t.id(1), 'original_start', '2026-11-24T12:00:00Z', 'private', true)));
select t.hear('e1 e2 e3', '', '', '', 'a series of one''s own');

-- A grant brings the event, its exceptions, its roles; private ones only to a delegate.
select t.be('ann');
select t.pushed(t.role(t.id(1), 'dan', 'delegate_full'));
select t.hear('r1:dan', 'e1 e2 e3 r1:dan', '', '', 'a delegate');
select t.be('dan');
select t.pushed(t.role(t.id(1), 'con', 'contributor'), t.role(t.id(1), 'vic', 'viewer'));
select t.hear('r1:con r1:vic', 'r1:con r1:vic', 'e1 e2 r1:con r1:dan r1:vic', 'e1 e2 r1:con r1:dan r1:vic', 'a delegate grants');

-- An edit goes to everyone who sees the event; a private exception to owner and delegate.
select t.be('con');
select t.pushed(t.retitle(1, 'by con'));
select t.hear('e1', 'e1', 'e1', 'e1', 'an edit');
select t.be('dan');
select t.pushed(t.retitle(3, 'by dan'));
select t.hear('e3', 'e3', '', '', 'an edit of a private exception');
-- A new exception by a contributor, in the owner's name.
select t.be('con');
select t.pushed(t.event(t.id(4), jsonb_build_object('owner_id', t.user('ann'), 'series_id', t.id(1), 'original_start', '2026-11-25T12:00:00Z')));
select t.hear('e4', 'e4', 'e4', 'e4', 'an exception');
-- An overlay is one's own business.
select t.be('vic');
select t.pushed(t.overlay(1, 'vic'), t.overlay(2, 'vic'));
select t.hear('', '', '', 'o1:vic o2:vic', 'overlays');
-- An answer goes to all.
select t.be('vic');
select t.pushed(t.entry('event_user_roles', t.id(1) || ':' || t.user('vic'), jsonb_build_object('event_id', t.id(1), 'user_id', t.user('vic'), 'rsvp', 'accepted'), array['rsvp'], t.stamp(t.clock())));
select t.hear('r1:vic', 'r1:vic', 'r1:vic', 'r1:vic', 'an answer');

-- Private: gone for viewer and contributor with all that hangs on it, and back again.
select t.be('ann');
select t.pushed(t.set_private(2, true));
select t.hear('e2', 'e2', '-e2', '-e2 -o2:vic', 'an exception becomes private');
select t.be('ann');
select t.pushed(t.set_private(1, true));
select t.hear('e1', 'e1', '-e1 -e4 -r1:con -r1:dan -r1:vic', '-e1 -e4 -r1:con -r1:dan -r1:vic -o1:vic', 'a series becomes private');
select t.be('ann');
select t.pushed(t.retitle(1, 'secret'));
select t.hear('e1', 'e1', '', '', 'an edit of a private series');
select t.be('con');
select t.is(t.verdict(t.retitle(1, 'x')), 'forbidden', 'an edit made before it was private');
select t.be('ann');
select t.pushed(t.set_private(1, false), t.set_private(2, false));
select t.hear('e1 e2', 'e1 e2', 'e1 e2 e4 r1:con r1:dan r1:vic', 'e1 e2 e4 r1:con r1:dan r1:vic o1:vic o2:vic', 'public again');

-- What each role may push.
create table t.may (what text, entry text, want text[]);
insert into t.may values
  ('content',      't.retitle(1, ''y'')',                    array['done', 'done', 'done', 'forbidden', 'missing']),
  ('private',      't.set_private(1, false)',                array['done', 'done', 'forbidden', 'forbidden', 'missing']),
  ('life',         't.dead(''events'', t.id(4)::text, jsonb_build_object(''id'', t.id(4)))', array['done', 'done', 'forbidden', 'forbidden', 'missing']),
  ('revive by content', 't.retitle(4, ''z'')',               array['done', 'done', 'done', 'forbidden', 'missing']),
  ('grant',        't.role(t.id(1), ''new'', ''viewer'')',   array['done', 'done', 'forbidden', 'forbidden', 'parent_missing']),
  ('grant on an exception', 't.role(t.id(2), ''new'', ''viewer'')', array['invalid', 'invalid', 'invalid', 'invalid', 'parent_missing']),
  ('make an owner', 't.role(t.id(1), ''new2'', ''owner'')',  array['forbidden', 'forbidden', 'forbidden', 'forbidden', 'parent_missing']),
  ('answer for another', 't.entry(''event_user_roles'', t.id(1) || '':'' || t.user(''new''), jsonb_build_object(''event_id'', t.id(1), ''user_id'', t.user(''new''), ''rsvp'', ''accepted''), array[''rsvp''], t.stamp(t.clock()))',
                                                              array['forbidden', 'forbidden', 'forbidden', 'forbidden', 'missing']),
  ('role of con',  't.entry(''event_user_roles'', t.id(1) || '':'' || t.user(''con''), jsonb_build_object(''event_id'', t.id(1), ''user_id'', t.user(''con''), ''role'', ''contributor''), array[''role''], t.stamp(t.clock()))',
                                                              array['done', 'done', 'forbidden', 'forbidden', 'missing']),
  ('raise oneself', 't.entry(''event_user_roles'', t.id(1) || '':'' || auth.uid(), jsonb_build_object(''event_id'', t.id(1), ''user_id'', auth.uid(), ''role'', ''delegate_full''), array[''role''], t.stamp(t.clock()))',
                                                              array['missing', 'done', 'forbidden', 'forbidden', 'missing']),
  ('overlay of another', 't.overlay(1, ''new'')',            array['forbidden', 'forbidden', 'forbidden', 'forbidden', 'forbidden']),
  ('own overlay',  't.entry(''event_details_personal'', t.id(1) || '':'' || auth.uid(), t.overlay(1, ''vic'') -> ''row'' || jsonb_build_object(''user_id'', auth.uid()), array[''calendar'', ''category'', ''show_time_as'', ''time_defense_level'', ''ai'', ''reminders''], t.stamp(t.clock()))',
                                                              array['done', 'done', 'done', 'done', 'parent_missing']),
  ('invite',       't.entry(''event_invites'', t.id(1) || '':x@example.org'', jsonb_build_object(''event_id'', t.id(1), ''email'', ''x@example.org'', ''role'', ''viewer''), array[''role''], t.stamp(t.clock()))',
                                                              array['done', 'done', 'forbidden', 'forbidden', 'missing']);
do $$
declare
  m record;
  people text[] := array['ann', 'dan', 'con', 'vic', 'sam'];
  entry jsonb;
begin
  for m in select * from t.may loop
    for i in 1 .. 5 loop
      perform t.be(people[i]);
      execute 'select ' || m.entry into entry;
      perform t.is(t.verdict(entry), m.want[i], 'push of ' || m.what || ' by ' || people[i]);
      perform t.be(null);
    end loop;
  end loop;
end
$$;
update t.mark set seq = t.head(who);

-- A dead event: one who may not restore it is told so.
select t.be('ann');
select t.pushed(t.dead('events', t.id(4)::text, jsonb_build_object('id', t.id(4))));
select t.be('con');
select t.is(t.verdict(t.retitle(4, 'late')), 'deleted', 'a contributor edits a dead event');
select t.hear('e4', 'e4', 'e4', 'e4', 'a tombstone');

-- Revoked: all of it is gone for the holder, the others see the role's tombstone. Leaving is the same.
select t.be('dan');
select t.pushed(t.dead('event_user_roles', t.id(1) || ':' || t.user('con'), jsonb_build_object('event_id', t.id(1), 'user_id', t.user('con'))));
do $$
declare
  got text;
begin
  perform t.be(null);
  got := t.heard('con');
  perform t.is(got like '%-e1 -e2 -e4 %-r1:con%', true, 'revoked: ' || got);
  perform t.is(got ~ '(^| )[a-z]', false, 'nothing but gone: ' || got);
  perform t.is(t.heard('vic'), 'r1:con', 'the others');
end
$$;
select t.be('con');
select t.is(t.verdict(t.retitle(1, 'offline edit')), 'forbidden', 'an edit sent after the revocation');
select t.is(t.verdict(t.entry('event_user_roles', t.id(1) || ':' || t.user('con'), jsonb_build_object('event_id', t.id(1), 'user_id', t.user('con'), 'deleted_at', null), array['life'], t.stamp(t.clock()))), 'deleted', 'taking it back');
select t.is((public.sync_window(null, null) -> 'rows'), '[]'::jsonb, 'no window shows it');
select t.is((public.sync_digest('[[0,9999999999999]]') -> 'tables' -> 'events' ->> 'count'), '0', 'nor the digest');
select t.is(public.people(), '[]'::jsonb, 'nor the people');
select t.be(null);
update t.mark set seq = t.head(who);
select t.be('vic');
select t.pushed(t.dead('event_user_roles', t.id(1) || ':' || t.user('vic'), jsonb_build_object('event_id', t.id(1), 'user_id', t.user('vic'))));
select t.be(null);
select t.is(t.heard('vic') like '%-e1 -e2 -e4%', true, 'left');
-- Granted again by the owner, who brings the row back to life.
select t.be('ann');
select t.pushed(t.entry('event_user_roles', t.id(1) || ':' || t.user('vic'), jsonb_build_object('event_id', t.id(1), 'user_id', t.user('vic'), 'role', 'viewer', 'deleted_at', null), array['role', 'life'], t.stamp(t.clock(5))));
select t.be(null);
select t.is(t.heard('vic'), 'e1 e2 e4 r1 r1:con r1:dan r1:vic o1:vic o2:vic', 'granted again');

-- People: names of those one shares with, no addresses.
select t.be('vic');
do $$
declare
  p jsonb := public.people();
begin
  perform t.is((select array_agg(x ->> 'display_name' order by x ->> 'display_name') from jsonb_array_elements(p) as y(x) where x ->> 'display_name' is not null), array['Ann', 'Dan'], 'names');
  perform t.is(p::text like '%@%', false, 'no address');
  perform t.is(public.people(array[t.id(2)]) = p, true, 'by an exception');
  perform t.is(public.people(array[t.id(77)]), '[]'::jsonb, 'of nothing');
end
$$;
select t.be(null);
