//! Merge stands twice, in SQL and in Rust, because server and client each decide alone. Here both merge the same generated
//! rows and must agree to the letter: 10,000 pairs a table on a PostgreSQL server, fewer on the embedded one.
//!
//! The rows are meaner than real ones: few stamps, so that ties are common; groups, columns and stamps missing; groups and
//! columns of a version to come; values of any kind in any column, as a jsonb would hold them.

use almanac_core::merge::merge;
use almanac_core::row::Row;
use almanac_core::table::{DELETED_AT, STAMPS, Table};
use almanac_server::db::Session;
use serde_json::{Map, Value, json};

use crate::common::{on_postgres, server};

/// Pairs sent in one statement.
const AT_ONCE: usize = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sql_and_rust_merge_alike() {
    // Two at a time: the other tests need connections too.
    for tables in Table::ALL.chunks(2) {
        let tables: Vec<_> = tables.iter().map(|table| tokio::spawn(alike(*table))).collect();
        for table in tables {
            table.await.expect("a table's pairs are alike");
        }
    }
}

#[expect(clippy::print_stdout, reason = "the figures, for those who ask for them")]
async fn alike(table: Table) {
    let wanted = if on_postgres() { 10_000 } else { 300 };
    let mut dice = Dice(table as u64);
    let (mut seen, mut ties) = (0, 0);
    while seen < wanted {
        let pairs: Vec<_> = (0..AT_ONCE.min(wanted)).map(|_| (row(table, &mut dice), row(table, &mut dice))).collect();
        let merged = merged_by_sql(table, &pairs).await;
        assert_eq!(merged.len(), pairs.len());
        for ((a, b), theirs) in pairs.iter().zip(merged) {
            let [x, y] = [a, b].map(|json| Row::from_json(table, json.clone()).expect("a row"));
            ties += usize::from(x.stamps.iter().any(|(group, stamp)| y.stamps.get(group) == Some(stamp)));
            assert_eq!(merge(&x, &y).to_json(), theirs, "{table}: a {a}\nb {b}");
            assert_eq!(merge(&y, &x).to_json(), theirs, "{table}, the other way round: a {a}\nb {b}");
        }
        seen += pairs.len();
    }
    println!("{table}: {seen} pairs alike, {ties} of them with equal stamps");
    assert!(ties * 10 > seen, "ties are common");
}

async fn merged_by_sql(table: Table, pairs: &[(Value, Value)]) -> Vec<Value> {
    let pairs = Value::from_iter(pairs.iter().map(|(a, b)| json!([a, b])));
    let sql = "select almanac.merge($1::text, p -> 0, p -> 1)::text
                 from jsonb_array_elements($2::jsonb) with ordinality as x(p, o) order by o";
    let texts: Vec<String> = server()
        .with_db(async move |session: Session| {
            // The time limit of this server's statements is for requests.
            session.batch_execute("begin; set local statement_timeout = 0").await.expect("a transaction");
            let rows = session.query(sql, &[&table.name(), &pairs]).await.expect("SQL merges");
            session.batch_execute("commit").await.expect("it ends");
            rows.iter().map(|row| row.get(0)).collect()
        })
        .await;
    texts.iter().map(|text| serde_json::from_str(text).expect("a row")).collect()
}

/// A row with the key that all have, and everything else by chance.
fn row(table: Table, dice: &mut Dice) -> Value {
    let mut columns = Map::new();
    let mut stamps = Map::new();
    for column in table.key_columns() {
        columns.insert((*column).to_owned(), json!("00000000-0000-7000-8000-000000000001"));
    }
    for column in table.fixed_columns() {
        if dice.chance(70) {
            columns.insert((*column).to_owned(), dice.pick(&[json!(null), json!("x"), json!("y")]));
        }
    }
    for group in table.groups() {
        for column in group.columns.iter().filter(|column| **column != DELETED_AT) {
            if dice.chance(90) {
                columns.insert((*column).to_owned(), value(dice));
            }
        }
        if dice.chance(80) {
            stamps.insert(group.name.to_owned(), stamp(dice));
        }
    }
    let deleted_at = format!("2026-01-01T00:00:00.00000{}Z", dice.below(3));
    columns.insert(DELETED_AT.to_owned(), if dice.chance(50) { json!(deleted_at) } else { Value::Null });
    for unknown in ["mood", "weather", "account"] {
        if dice.chance(30) {
            columns.insert(unknown.to_owned(), value(dice));
        }
        if dice.chance(20) {
            stamps.insert(unknown.to_owned(), stamp(dice));
        }
    }
    columns.insert(STAMPS.to_owned(), Value::Object(stamps));
    Value::Object(columns)
}

fn stamp(dice: &mut Dice) -> Value {
    json!(format!("{:016}-{:016x}", 1_000_000 + dice.below(3), [0, 0xff00_0000_0000_0000_u64][dice.below(2)]))
}

/// Values as the columns print them: a whole `double precision` has no `.0`.
fn value(dice: &mut Dice) -> Value {
    let texts = ["", "x", "y", "Ä", "ä", "\u{1f4c5}", "z\"\\/", "a\nb\tc\u{1}\u{7f}", "null", "10", "9"];
    match dice.below(12) {
        0 => Value::Null,
        1 => json!(dice.chance(50)),
        2 => json!([-3, 0, 7, 10, 12_345_678_901_i64][dice.below(5)]),
        3 => json!([-0.25, 0.5, 1.5, 1e-7, 1e21, 123_456.789][dice.below(6)]),
        4 => json!([]),
        5 => json!([10, dice.below(3)]),
        6 => json!({"b": 1, "aa": [null, {"c": value(dice)}], "a": "x"}),
        7 => json!({"monday": [{"start": "09:00", "end": format!("1{}:00", dice.below(3))}]}),
        _ => json!(texts[dice.below(texts.len())]),
    }
}

/// The same numbers in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("below a usize")
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick(&mut self, from: &[Value]) -> Value {
        from[self.below(from.len())].clone()
    }
}
