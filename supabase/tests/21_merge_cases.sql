-- The cases that the Rust merge is tested with too (crates/core/tests/merge_cases.rs).
\set cases `cat "$TESTS/fixtures/merge_cases.jsonl"`
create temp table merge_case as select line::jsonb as c from regexp_split_to_table(:'cases', '\n') as x(line) where line <> '';
do $$
declare
  m jsonb;
begin
  assert (select count(*) from merge_case) >= 200, 'the cases are there';
  for m in select c from merge_case loop
    perform t.is(almanac.merge(m ->> 'table', m -> 'a', m -> 'b'), m -> 'merged', (m ->> 'table') || ' ' || (m -> 'a'));
    perform t.is(almanac.merge(m ->> 'table', m -> 'b', m -> 'a'), m -> 'merged', 'b, a: ' || (m ->> 'table') || ' ' || (m -> 'a'));
  end loop;
end
$$;
