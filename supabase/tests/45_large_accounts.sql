-- What must not grow with the database: looks at everybody's rows, and plans that cost more than what they plan.
select t.sign_up(n) from unnest(array['ann', 'bob', 'sam']) as x(n);
create function t.plan(statement text) returns text language plpgsql as $$
declare
  line text;
  plan text := '';
begin
  for line in execute 'explain (verbose, costs off) ' || statement loop
    plan := plan || line || E'\n';
  end loop;
  return plan;
end
$$;
select t.be('ann');
select t.pushed(t.event(t.id(1)), t.event(t.id(2), '{"private":true}'),
  t.event(t.id(3), '{"recurrence":"FREQ=DAILY"}'),
  t.event(t.id(4), jsonb_build_object('series_id', t.id(3), 'original_start', '2026-11-23T12:00:00Z')),
  t.event(t.id(5), jsonb_build_object('series_id', t.id(3), 'original_start', '2026-11-24T12:00:00Z', 'private', true)));
select t.pushed(variadic array(select t.role(t.id(e), 'bob', 'viewer') from unnest(array[1, 2, 3]) as x(e)));

-- Reading a table without a filter asks for the rights once, not once a row of everybody's.
select t.be('bob');
do $$
declare
  plan text := t.plan('select * from public.events order by start_time limit 10');
begin
  perform t.is(plan like '%role_of%' or plan like '%role_in%', false, plan);
  perform t.is(array(select id from public.events order by id), array[t.id(1), t.id(3), t.id(4)], 'and it is what bob sees');
end
$$;
select t.be('ann');
update public.event_user_roles set role = 'delegate_full' where user_id = t.user('bob');
select t.be('bob');
select t.is((select count(*) from public.events), 5::bigint, 'a delegate sees what is private');
select t.be('sam');
select t.is((select count(*) from public.events), 0::bigint, 'a stranger nothing');
select t.be(null);

-- Compiling a plan takes longer than running it, and would be done again for each row of an import.
select t.is((
  select string_agg(p.oid::regprocedure::text, ', ' order by p.proname) from pg_catalog.pg_proc p
   where p.prosecdef and not 'jit=off' = any (p.proconfig)
     and (p.pronamespace = 'public'::regnamespace and p.proname ~ '^(sync_(push|pull|rows|bootstrap|window|digest)|people)$'
          or p.pronamespace = 'almanac'::regnamespace and p.proname ~ '^(note_(personal|events_|roles|invites$|arrivals)|number_|family_rows)')),
  null, 'functions that may compile');

-- People are asked for by event, by owner and by role.
select t.be('bob');
select t.is(public.people() -> 0 ->> 'user_id', t.user('ann')::text, 'whom one shares with');
select t.is(public.people(array[t.id(4)]) -> 0 ->> 'user_id', t.user('ann')::text, 'an exception has its series'' people');
select t.is(public.people(array[t.id(99)]), '[]', 'of what is not there');
select t.be('ann');
select t.is(jsonb_array_length(public.people()), 1, 'the holder');
select t.is(public.people(array[t.id(1)]) -> 0 ->> 'user_id', t.user('bob')::text, 'of one event');
select t.be('sam');
select t.is(public.people(array[t.id(1)]), '[]', 'a stranger learns of nobody');
select t.is(public.people(), '[]', 'nor without a list');
select t.be(null);
