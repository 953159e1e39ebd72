-- The matrix of who may see and do what (matrix.json, which also says how to read it), asserted through plain SQL.
\set matrix `cat "$TESTS/matrix.json"`
create table t.matrix as select :'matrix'::jsonb as m;
select t.sign_up(n) from unnest(array['ann', 'dan', 'con', 'vic', 'sam']) as x(n);

-- The ids behind `$name`, for the person who is looking.
create function t.resolved(p_json jsonb, who text) returns jsonb language plpgsql as $$
declare
  txt  text := p_json::text;
  name text;
  full_name text;
begin
  for name in select distinct x[1] from regexp_matches(txt, '"(\$[a-z@_]+)"', 'g') as x loop
    full_name := replace(substr(name, 2), '@me', '@' || who);
    if full_name = 'me' then
      full_name := who;
    end if;
    txt := replace(txt, '"' || name || '"', '"' || case when full_name in ('ann', 'dan', 'con', 'vic', 'sam', 'zoe') then t.user(full_name)
                                                        else md5(full_name)::uuid end || '"');
  end loop;
  return txt::jsonb;
end
$$;
create function t.columns(p_row jsonb) returns text language sql as $$ select string_agg(quote_ident(k), ', ') from jsonb_object_keys(p_row) as x(k) $$;
create function t.where(p_key jsonb) returns text language sql as $$ select string_agg(format('%I = %L', key, value), ' and ') from jsonb_each_text(p_key) $$;
create function t.key_text(p_table text, p_row jsonb) returns text language sql as $$
  select string_agg(p_row ->> k, ':' order by o) from jsonb_array_elements_text(almanac.groups_of(p_table) -> 'key') with ordinality as x(k, o)
$$;
create function t.insert_of(p_table text, p_row jsonb) returns text language sql as $$
  select format('insert into public.%I (%s) select %2$s from jsonb_populate_record(null::public.%1$I, %3$L)', p_table, t.columns(p_row), p_row)
$$;
create function t.update_of(p_table text, p_key jsonb, p_patch jsonb) returns text language sql as $$
  select format('update public.%I set (%s) = (select %2$s from jsonb_populate_record(null::public.%1$I, %3$L)) where %4$s', p_table, t.columns(p_patch), p_patch, t.where(p_key))
$$;
-- Whether a row is in the answer of a sync function; the world is small enough for one page.
create function t.answered(p_function text, p_table text, p_key text) returns boolean language plpgsql as $$
declare
  page jsonb := case p_function
    when 'sync_pull' then public.sync_pull(0, 1000) -> 'changes'
    when 'sync_rows' then public.sync_rows(jsonb_build_array(jsonb_build_object('table', p_table, 'key', p_key))) -> 'rows'
    when 'sync_bootstrap' then public.sync_bootstrap(null, null, null, 2000) -> 'rows'
    when 'sync_window' then public.sync_window(null, null, null, 2000) -> 'rows' end;
begin
  return exists (select from jsonb_array_elements(page) as x(c) where c ->> 'table' = p_table and c ->> 'key' = p_key and c ? 'row');
end
$$;

-- What happens when the current person does it: a cell's word.
create function t.does(op text, who text, p_table text, p_key jsonb, p_row jsonb, p_group text) returns text language plpgsql as $$
declare
  many   bigint;
  groups text[];
  got    text;
begin
  case op
    when 'select' then
      execute format('select %s from public.%I where %s', t.columns(p_row), p_table, t.where(p_key));
      get diagnostics many = row_count;
    when 'update' then
      execute t.update_of(p_table, p_key, p_row);
      get diagnostics many = row_count;
    when 'insert' then
      execute t.insert_of(p_table, p_row);
      get diagnostics many = row_count;
    when 'delete' then
      execute format('delete from public.%I where %s', p_table, t.where(p_key));
      perform t.be(null);
      execute format('select count(*) from public.%I where deleted_at is not null and %s', p_table, t.where(p_key)) into many;
    when 'push', 'create' then
      groups := case op when 'push' then array[p_group] else array_remove(almanac.group_names(p_table), 'life') end;
      got := t.verdict(t.entry(p_table, t.key_text(p_table, p_key || p_row), p_key || p_row, groups, t.stamp(t.clock(10))));
      return case got when 'done' then 'yes' else got end;
    when 'sync_digest' then
      return public.sync_digest('[[-62135596800000, 253402300799999]]') -> 'tables' -> p_table ->> 'count';
    when 'people' then
      many := (select count(*) from jsonb_array_elements(public.people()) as x(p) where p ->> 'user_id' = p_key ->> 'id');
    else
      many := t.answered(op, p_table, t.key_text(p_table, p_key))::integer;
  end case;
  return case many when 0 then 'none' else 'yes' end;
end
$$;
-- The same, undone.
create function t.cell(op text, who text, p_table text, p_key jsonb, p_row jsonb, p_group text) returns text language plpgsql as $$
declare
  got text;
begin
  begin
    perform t.be(who);
    got := t.does(op, who, p_table, p_key, p_row, p_group);
    raise exception using errcode = 'T0001';
  exception
    when sqlstate 'T0001' then null;
    when others then got := case sqlstate when '42501' then 'no' else sqlstate end;
  end;
  perform t.be(null);
  return got;
end
$$;
grant execute on all functions in schema t to public;
grant usage on schema almanac to public;
grant execute on function almanac.groups_of(text), almanac.group_names(text) to public;

create table t.wrong (section text, line text, who text, grp text, got text, want text);
do $$
declare
  m       jsonb := (select x.m from t.matrix x);
  people  text[] := array(select jsonb_array_elements_text(m -> 'people'));
  step    jsonb;
  section jsonb;
  line    text;
  word    text[];
  op      text;
  subject jsonb;
  groups  jsonb;
  grp     text;
  who     text;
  got     text;
  cells   integer := 0;
begin
  for step in select jsonb_array_elements(m -> 'world') loop
    foreach who in array case step ->> 'as' when 'each' then people[1:5] else array[step ->> 'as'] end loop
      perform t.be(who);
      execute t.insert_of(step ->> 'table', t.resolved(step -> 'row', who));
      perform t.be(null);
    end loop;
  end loop;

  for section in select jsonb_array_elements(m -> 'sections') loop
    for step in select jsonb_array_elements(section -> 'steps') loop
      perform t.be(step ->> 'as');
      subject := t.resolved(step, step ->> 'as');
      execute case step ->> 'do' when 'update' then t.update_of(subject ->> 'table', subject -> 'key', subject -> 'patch')
                else format('delete from public.%I where %s', subject ->> 'table', t.where(subject -> 'key')) end;
      perform t.be(null);
    end loop;
    -- Numbers are given at the commit of what was done so far.
    set constraints all immediate;
    set constraints all deferred;

    for line in select jsonb_array_elements_text(section -> 'lines') offset 1 loop
      word := regexp_split_to_array(btrim(line), '\s+');
      op := word[1];
      subject := case
        when op in ('insert', 'create') then m -> 'new' -> word[2]
        when op = 'people' then jsonb_build_object('key', jsonb_build_object('id', '$' || word[2]))
        when op = 'sync_digest' then jsonb_build_object('table', word[2], 'key', '{}'::jsonb)
        else m -> 'subjects' -> word[2] end;
      assert subject is not null, 'unknown: ' || line;
      groups := case
        when word[3] = '-' then '{"-": {}}'
        when word[3] = '*' then m -> 'groups' -> (subject ->> 'table')
        when m -> 'others' ? word[3] then jsonb_build_object(coalesce(m -> 'others' -> word[3] ->> 'group', '-'), m -> 'others' -> word[3] -> 'patch')
        else jsonb_build_object(word[3], m -> 'groups' -> (subject ->> 'table') -> word[3]) end;
      for grp in select jsonb_object_keys(groups) loop
        assert jsonb_typeof(groups -> grp) = 'object', 'unknown group: ' || line;
        for i in 1 .. 6 loop
          who := people[i];
          got := t.cell(op, who, subject ->> 'table', t.resolved(coalesce(subject -> 'key', '{}'), coalesce(nullif(who, ''), 'nobody')),
                        t.resolved(coalesce(subject -> 'row', groups -> grp), coalesce(nullif(who, ''), 'nobody')), grp);
          if got is distinct from word[3 + i] then
            insert into t.wrong values (section ->> 'name', line, who, grp, got, word[3 + i]);
          end if;
          cells := cells + 1;
        end loop;
      end loop;
    end loop;
  end loop;
  raise notice '% cells', cells;
  assert cells > 2000, 'the matrix is there';
end
$$;
select format('%-60s %-5s %-12s got %s, want %s', left(line, 36), who, grp, got, want) as wrong from t.wrong \g /dev/stderr
select t.is((select count(*) from t.wrong), 0::bigint, 'cells that are wrong');
