//! The server merges in SQL. Both sides must agree to the byte, so both are tested with the same generated cases, which
//! the SQL made (`supabase/tests/fixtures/make_merge_cases.sql`).

use almanac_core::{merge::merge, row::Row, table::Table};
use serde_json::Value;

const CASES: &str = include_str!("../../../supabase/tests/fixtures/merge_cases.jsonl");

#[test]
fn merge_agrees_with_the_server() {
    let mut count = 0;
    for line in CASES.lines().filter(|line| !line.is_empty()) {
        let case: Value = serde_json::from_str(line).unwrap();
        let table = Table::from_name(case["table"].as_str().unwrap()).unwrap();
        let row = |name: &str| Row::from_json(table, case[name].clone()).unwrap();
        assert_eq!(merge(&row("a"), &row("b")).to_json(), case["merged"], "merge(a, b) of {line}");
        assert_eq!(merge(&row("b"), &row("a")).to_json(), case["merged"], "merge(b, a) of {line}");
        count += 1;
    }
    assert!(count >= 200, "only {count} cases");
}
