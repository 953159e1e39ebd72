-- What the tests share. In schema `t`, as superuser, never part of the product.
create schema t;
grant usage on schema t to public;

-- Fixed people, so that tests read well.
create function t.id(n integer) returns uuid language sql immutable as $$ select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
create function t.user(name text) returns uuid language sql immutable as $$
  select (md5('user ' || name))::uuid
$$;
create function t.sign_up(name text, confirmed boolean default true) returns uuid language plpgsql as $$
begin
  insert into auth.users (id, email, email_confirmed_at, raw_user_meta_data)
  values (t.user(name), name || '@example.org', case when confirmed then now() end, jsonb_build_object('display_name', initcap(name)));
  return t.user(name);
end
$$;

-- From here on the session is that person, as PostgREST would make it. '' = anonymous; null = the superuser again.
create function t.be(name text) returns void language plpgsql as $$
begin
  perform set_config('role', 'none', false);
  perform set_config('request.jwt.claims', case when name <> '' then jsonb_build_object('sub', t.user(name), 'role', 'authenticated')::text else '' end, false);
  perform set_config('role', case when name is null then 'none' when name = '' then 'anon' else 'authenticated' end, false);
end
$$;

create function t.stamp(us bigint, device text default 'd1') returns text language sql immutable as $$
  select lpad(us::text, 16, '0') || '-' || lpad(device, 16, '0')
$$;
-- A plausible clock reading: now, moved by some microseconds.
create function t.clock(offset_us bigint default 0) returns bigint language sql volatile as $$
  select (extract(epoch from clock_timestamp()) * 1000000)::bigint + offset_us
$$;

-- One entry: the groups that are stamped, all by one stamp.
create function t.entry(p_table text, p_key text, p_row jsonb, p_groups text[], p_stamp text, p_generation bigint default 1)
returns jsonb language sql immutable as $$
  select jsonb_build_object('table', p_table, 'key', p_key, 'generation', p_generation, 'row', p_row,
    'stamps', (select jsonb_object_agg(g, p_stamp) from unnest(p_groups) as x(g)))
$$;
create function t.event(p_id uuid, p_patch jsonb default '{}', p_stamp text default null) returns jsonb language sql volatile as $$
  select t.entry('events', p_id::text,
    jsonb_build_object('id', p_id, 'title', 'Lunch', 'start_time', '2026-11-22T12:00:00Z', 'duration', 60, 'all_day', false,
      'time_zone', 'Europe/Berlin', 'recurrence', null, 'private', false, 'location', null, 'notes', null) || p_patch,
    array['title', 'when', 'private', 'location', 'notes'], coalesce(p_stamp, t.stamp(t.clock())))
$$;
create function t.role(p_event uuid, p_name text, p_role text, p_stamp text default null) returns jsonb language sql volatile as $$
  select t.entry('event_user_roles', p_event || ':' || t.user(p_name),
    jsonb_build_object('event_id', p_event, 'user_id', t.user(p_name), 'role', p_role, 'rsvp', null, 'following', true),
    array['role', 'rsvp', 'following'], coalesce(p_stamp, t.stamp(t.clock())))
$$;
create function t.dead(p_table text, p_key text, p_row jsonb) returns jsonb language sql volatile as $$
  select t.entry(p_table, p_key, p_row || jsonb_build_object('deleted_at', now()), array['life'], t.stamp(t.clock(1)))
$$;

-- Pushes as the current person and returns the answer's results.
create function t.push(variadic p_entries jsonb[]) returns jsonb language sql volatile as $$
  select public.sync_push('00000000000000d1', to_jsonb(p_entries)) -> 'results'
$$;
-- The same, and every entry must be done.
create function t.pushed(variadic p_entries jsonb[]) returns jsonb language plpgsql as $$
declare
  answer jsonb := t.push(variadic p_entries);
  bad    jsonb;
begin
  select r into bad from jsonb_array_elements(answer) as x(r) where r ->> 'status' <> 'done' limit 1;
  assert bad is null, 'refused: ' || bad::text;
  return answer;
end
$$;
-- The code with which one entry is refused, or 'done'.
create function t.verdict(p_entry jsonb) returns text language sql volatile as $$
  select coalesce(r ->> 'code', r ->> 'status') from jsonb_array_elements(t.push(p_entry)) as x(r)
$$;
-- Runs a statement as the current person, tells how it went, and undoes it: '' = done, 'none' = it touched no row (what one
-- cannot see, one cannot change), else the code it failed with.
create function t.try(statement text) returns text language plpgsql as $$
declare
  touched bigint;
begin
  begin
    execute statement;
    get diagnostics touched = row_count;
    raise exception using errcode = 'T0001', message = touched::text;
  exception
    when sqlstate 'T0001' then return case when sqlerrm = '0' then 'none' else '' end;
    when others then return sqlstate;
  end;
end
$$;
-- What people ask for, and what comes of it: a statement, as t.try tells it, or an entry for sync_push, as t.verdict does. On the
-- embedded database, where SQL cannot catch an error, the server's test asks (apps/server/tests/server/sql.rs).
create table t.asked (who text not null, what text not null, want text not null, statement text, entry jsonb,
  check (num_nonnulls(statement, entry) = 1));
grant select on t.asked to public;
create function t.all_as_asked() returns void language plpgsql as $$
declare
  a record;
  got text;
begin
  assert exists (select from t.asked), 'nothing is asked';
  for a in select * from t.asked loop
    perform t.be(a.who);
    got := case when a.entry is null then t.try(a.statement) else t.verdict(a.entry) end;
    perform t.be(null);
    perform t.is(got, a.want, format('%s as "%s"', a.what, a.who));
  end loop;
  delete from t.asked;
end
$$;
create function t.head(name text) returns bigint language sql stable security definer as $$
  select coalesce((select seq from public.sync_head where user_id = t.user(name)), 0)
$$;
-- What a person pulls after a number, as "table:key" or "gone table:key".
create function t.pulled(name text, p_after bigint) returns text[] language plpgsql as $$
declare
  answer jsonb;
begin
  perform t.be(name);
  answer := public.sync_pull(p_after, 1000);
  perform t.be(null);
  return array(select case when c ? 'gone' then 'gone ' else '' end || (c ->> 'table') || ' ' || (c ->> 'key')
                 from jsonb_array_elements(answer -> 'changes') as x(c));
end
$$;
-- The SQLSTATE a statement fails with, '' if it succeeds.
create function t.state(statement text) returns text language plpgsql as $$
begin
  execute statement;
  return '';
exception when others then
  return sqlstate;
end
$$;
create function t.is(p_got anyelement, p_want anyelement, p_what text default '') returns void language plpgsql as $$
begin
  if p_got is distinct from p_want then
    raise exception '%: got %, want %', p_what, p_got, p_want;
  end if;
end
$$;
