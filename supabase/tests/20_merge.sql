-- merge: group by group the greater stamp.
create function t.ev(p_title text, p_title_stamp text, p_more jsonb default '{}', p_stamps jsonb default '{}') returns jsonb
language sql as $$
  select jsonb_build_object('id', t.id(1), 'owner_id', t.id(9), 'title', p_title, 'deleted_at', null,
    'stamps', jsonb_build_object('title', p_title_stamp) || p_stamps, 'updated_at', '1970-01-01T00:00:00.000000Z') || p_more
$$;create function t.profile(p_email text, p_account text) returns jsonb language sql as $$
  select jsonb_build_object('id', t.id(1), 'email', p_email, 'deleted_at', null, 'stamps', case when p_account is null then '{}' else jsonb_build_object('account', p_account) end)
$$;

-- Each line: what it shows, a, b, a path of the result and the text that must stand there. Both orders must agree.
create table t.cases (what text, a jsonb, b jsonb, path text, want text);
insert into t.cases values
  ('the later title wins', t.ev('a', t.stamp(1)), t.ev('b', t.stamp(2)), '{title}', 'b'),
  ('the same time: the greater device wins', t.ev('a', t.stamp(5, 'd1')), t.ev('b', t.stamp(5, 'd2')), '{title}', 'b'),
  ('the same stamp: the greater text wins', t.ev('abc', t.stamp(5)), t.ev('abd', t.stamp(5)), '{title}', 'abd'),
  ('a text is greater than null in a tie by its bytes: "null" > "\"x\""', t.ev(null, t.stamp(5)), t.ev('x', t.stamp(5)), '{title}', null),
  ('no stamp is less than any', t.ev('a', null), t.ev('b', t.stamp(0)), '{title}', 'b'),
  ('groups merge apart: title of one', t.ev('a', t.stamp(9), '{"location":"x"}', jsonb_build_object('location', t.stamp(1))),
     t.ev('b', t.stamp(2), '{"location":"y"}', jsonb_build_object('location', t.stamp(3))), '{title}', 'a'),
  ('groups merge apart: location of the other', t.ev('a', t.stamp(9), '{"location":"x"}', jsonb_build_object('location', t.stamp(1))),
     t.ev('b', t.stamp(2), '{"location":"y"}', jsonb_build_object('location', t.stamp(3))), '{location}', 'y'),
  ('a group travels whole', t.ev('a', t.stamp(1), '{"start_time":"2026-01-01T00:00:00.000000Z","duration":30}', jsonb_build_object('when', t.stamp(1))),
     t.ev('a', t.stamp(1), '{"start_time":"2026-01-02T00:00:00.000000Z","duration":60}', jsonb_build_object('when', t.stamp(2))), '{duration}', '60'),
  ('updated_at is the time of the newest stamp', t.ev('a', t.stamp(1000001)), t.ev('b', t.stamp(2000002)), '{updated_at}', '1970-01-01T00:00:02.000002Z'),
  ('deleting later than the content deletes', t.ev('a', t.stamp(1)),
     t.ev('a', t.stamp(1), '{"deleted_at":"2026-01-01T00:00:00.000000Z"}', jsonb_build_object('life', t.stamp(2))), '{deleted_at}', '2026-01-01T00:00:00.000000Z'),
  ('a later edit of content revives', t.ev('b', t.stamp(3)),
     t.ev('a', t.stamp(1), '{"deleted_at":"2026-01-01T00:00:00.000000Z"}', jsonb_build_object('life', t.stamp(2))), '{deleted_at}', null),
  ('an edit with the stamp of the deletion revives', t.ev('b', t.stamp(2)),
     t.ev('a', t.stamp(1), '{"deleted_at":"2026-01-01T00:00:00.000000Z"}', jsonb_build_object('life', t.stamp(2))), '{deleted_at}', null),
  ('a later edit of another group does not revive', t.ev('a', t.stamp(1), '{"private":true}', jsonb_build_object('private', t.stamp(9))),
     t.ev('a', t.stamp(1), '{"deleted_at":"2026-01-01T00:00:00.000000Z"}', jsonb_build_object('life', t.stamp(2))), '{deleted_at}', '2026-01-01T00:00:00.000000Z'),
  ('restored later lives', t.ev('a', t.stamp(1), '{}', jsonb_build_object('life', t.stamp(5))),
     t.ev('a', t.stamp(1), '{"deleted_at":"2026-01-01T00:00:00.000000Z"}', jsonb_build_object('life', t.stamp(2))), '{deleted_at}', null),
  ('the same deletion, once with null: dead', t.ev('a', t.stamp(1), '{}', jsonb_build_object('life', t.stamp(5))),
     t.ev('a', t.stamp(1), '{"deleted_at":"2026-01-01T00:00:00.000000Z"}', jsonb_build_object('life', t.stamp(5))), '{deleted_at}', '2026-01-01T00:00:00.000000Z'),
  ('unknown stamps: the greater', t.ev('a', t.stamp(1), '{}', jsonb_build_object('mood', t.stamp(3))),
     t.ev('a', t.stamp(1), '{}', jsonb_build_object('mood', t.stamp(4))), '{stamps,mood}', t.stamp(4)),
  ('unknown columns: of the row with the newer unknown stamp', t.ev('a', t.stamp(9), '{"mood":"sad"}', jsonb_build_object('mood', t.stamp(3))),
     t.ev('a', t.stamp(1), '{"mood":"glad"}', jsonb_build_object('mood', t.stamp(4))), '{mood}', 'glad'),
  ('unknown columns without stamps: the greater text', t.ev('a', t.stamp(9), '{"mood":"x"}'), t.ev('b', t.stamp(1), '{"mood":"y"}'), '{mood}', 'y'),
  ('a fixed column that one does not know', t.ev('a', t.stamp(2), '{"ical_uid":null}'), t.ev('b', t.stamp(1), '{"ical_uid":"u1"}'), '{ical_uid}', 'u1');

create table t.profile_cases (like t.cases);
insert into t.profile_cases values
  ('an account''s new e-mail, though its text is less', t.profile('a@b.c', t.stamp(2)), t.profile('z@b.c', t.stamp(1)), '{email}', 'a@b.c'),
  ('an e-mail of the server wins over a device''s guess', t.profile('a@b.c', t.stamp(0)), t.profile('z@b.c', null), '{email}', 'a@b.c'),
  ('no e-mail gives way to one', t.profile(null, t.stamp(2)), t.profile('z@b.c', t.stamp(1)), '{email}', 'z@b.c'),
  ('its stamp is kept', t.profile('a@b.c', t.stamp(2)), t.profile('z@b.c', t.stamp(1)), '{stamps,account}', t.stamp(2));

do $$
declare
  c record;
  m jsonb;
begin
  for c in select 'events' as tab, x.* from t.cases x union all select 'user_profiles', x.* from t.profile_cases x loop
    m := almanac.merge(c.tab, c.a, c.b);
    perform t.is(m #>> c.path::text[], c.want, c.what);
    perform t.is(almanac.merge(c.tab, c.b, c.a), m, c.what || ', the other way round');
    perform t.is(almanac.merge(c.tab, m, c.a), m, c.what || ', again with a');
    perform t.is(almanac.merge(c.tab, m, c.b), m, c.what || ', again with b');
  end loop;
  perform t.is(almanac.merge('events', null, null), null, 'nothing');
  perform t.is(almanac.merge('pg_shadow', '{}', '{}'), null, 'unknown table');
end
$$;

-- Generated rows, few stamps so that ties are common: commutative, associative, idempotent, for every table.
create function t.some(p_table text) returns jsonb language plpgsql as $$
declare
  g jsonb;
  c text;
  r jsonb := '{}';
  s jsonb := '{}';
begin
  for g in select jsonb_array_elements(almanac.groups_of(p_table) -> 'groups') loop
    for c in select jsonb_array_elements_text(g -> 'columns') loop
      r := r || jsonb_build_object(c, (array['null', '1', '"x"', '"y"'])[1 + floor(random() * 4)]::jsonb);
    end loop;
    if random() < 0.8 then
      s := s || jsonb_build_object(g ->> 'name', t.stamp(floor(random() * 3)::bigint, 'd' || floor(random() * 2)));
    end if;
  end loop;
  r := r || jsonb_build_object('deleted_at', case when random() < 0.5 then '2026-01-01T00:00:00.00000' || floor(random() * 2) || 'Z' end);
  if random() < 0.5 then
    r := r || jsonb_build_object('mood', floor(random() * 2));
    s := s || jsonb_build_object('mood', t.stamp(floor(random() * 2)::bigint));
  end if;
  return almanac.merge(p_table, r || jsonb_build_object('stamps', s), null);
end
$$;
do $$
declare
  tab text;
  a jsonb; b jsonb; c jsonb;
begin
  perform setseed(0.42);
  foreach tab in array array['user_profiles', 'ai_personas', 'user_calendars', 'user_categories', 'events',
                             'event_details_personal', 'event_user_roles', 'event_invites'] loop
    for i in 1 .. 60 loop
      a := t.some(tab); b := t.some(tab); c := t.some(tab);
      perform t.is(almanac.merge(tab, a, a), a, 'idempotent');
      perform t.is(almanac.merge(tab, a, b), almanac.merge(tab, b, a), 'commutative');
      perform t.is(almanac.merge(tab, almanac.merge(tab, a, b), c), almanac.merge(tab, a, almanac.merge(tab, b, c)), 'associative');
    end loop;
  end loop;
end
$$;

-- The wire form and the group table name exactly the columns that the tables have.
do $$
declare
  tab record;
begin
  for tab in
    select c.table_name::text as name, array_agg(c.column_name::text order by c.column_name) as columns
      from information_schema.columns c
     where c.table_schema = 'public' and almanac.groups_of(c.table_name::text) is not null group by 1
  loop
    perform t.is((select array_agg(x order by x) from unnest(almanac.columns_of(tab.name) || array['stamps', 'updated_at']) as y(x)),
      tab.columns, 'groups of ' || tab.name);
  end loop;
  perform t.is((select count(distinct c.table_name) from information_schema.columns c
                 where c.table_schema = 'public' and almanac.groups_of(c.table_name::text) is not null), 8::bigint, 'tables');
end
$$;
