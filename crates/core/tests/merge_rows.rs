//! Merge: the table of cases, then the laws on generated rows.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use almanac_core::{
    merge::{jsonb_text, merge, normalise_life},
    row::Row,
    stamp::{DeviceId, Stamp},
    table::{DELETED_AT, LIFE, Table},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::*;

const fn at(micros: u64) -> Stamp {
    Stamp { micros, device: OTHER }
}

/// Merges both ways and gives the one result.
fn merged(a: &Row, b: &Row) -> Row {
    let (ab, ba) = (merge(a, b), merge(b, a));
    assert_eq!(ab, ba, "merge has a side");
    ab
}

fn lunch() -> Row {
    server_event(1, "Lunch", 100)
}

#[test]
fn each_group_goes_to_the_greater_stamp_by_itself() {
    // One changed the title later, the other the place: both stay.
    let a = with(lunch(), "title", "Dinner", at(200));
    let b = with(lunch(), "location", "Canteen", at(150));
    let row = merged(&a, &b);
    assert_eq!((title(&row), row.columns["location"].as_str()), ("Dinner", Some("Canteen")));
    assert_eq!((row.stamps["title"], row.stamps["location"], row.stamps["notes"]), (at(200), at(150), at(100)));
}

#[test]
fn a_group_is_never_torn() {
    // Start and duration only make sense together: the later of the two edits gives both.
    let a = with(lunch(), "duration", 15, at(200));
    let b = with(lunch(), "start_time", "2026-12-24T18:00:00.000000Z", at(300));
    let row = merged(&a, &b);
    assert_eq!(row.columns["duration"], 60);
    assert_eq!(row.columns["start_time"], "2026-12-24T18:00:00.000000Z");
}

#[test]
fn of_equal_times_the_greater_device_wins() {
    let a = with(lunch(), "title", "a", Stamp::new(200, DeviceId(1)));
    let b = with(lunch(), "title", "b", Stamp::new(200, DeviceId(2)));
    assert_eq!(title(&merged(&a, &b)), "b");
}

#[test]
fn of_equal_stamps_the_greater_text_wins() {
    let a = with(lunch(), "title", "Zebra", at(200));
    let b = with(lunch(), "title", "ape", at(200));
    assert_eq!(title(&merged(&a, &b)), "ape", "bytewise: lower case is greater");
}

#[test]
fn a_missing_stamp_is_less_than_any() {
    let mut a = lunch();
    a.stamps.remove("title");
    a.columns.remove("title");
    let b = with(lunch(), "title", "Default", Stamp::ZERO);
    assert_eq!(title(&merged(&a, &b)), "Default");
}

#[test]
fn dead_only_while_the_deletion_is_greater_than_all_content() {
    // life 300 against title: dead while less, revived from equal on.
    for (micros, lives) in [(299, false), (300, true), (301, true)] {
        let row = merged(&dead(lunch(), 300), &with(lunch(), "title", "Dinner", at(micros)));
        assert_eq!(row.is_live(), lives, "title at {micros}");
    }
}

#[test]
fn what_is_no_content_revives_nothing() {
    let row = merged(&dead(lunch(), 300), &with(lunch(), "private", true, at(400)));
    assert!(!row.is_live());
    assert_eq!(row.columns["private"], true, "but is kept");
}

#[test]
fn a_later_deletion_wins_over_a_revival_and_a_restore_over_a_deletion() {
    let revived = merged(&dead(lunch(), 300), &with(lunch(), "title", "Dinner", at(400)));
    let again = merged(&revived, &dead(lunch(), 500));
    assert!(!again.is_live());
    let restored = with(lunch(), DELETED_AT, Value::Null, at(600));
    assert!(merged(&again, &restored).is_live());
}

#[test]
fn the_same_deletion_seen_revived_and_not_is_decided_anew() {
    let revived = merged(&dead(lunch(), 300), &with(lunch(), "title", "Dinner", at(400)));
    assert!(revived.is_live());
    assert!(merged(&revived, &dead(lunch(), 300)).is_live());
}

#[test]
fn fixed_columns_are_filled_in_never_taken_away() {
    let mut a = lunch();
    a.columns.remove("ical_uid");
    let mut b = lunch();
    b.columns.insert("ical_uid".into(), json!("x"));
    assert_eq!(merged(&a, &b).columns["ical_uid"], "x");
    a.columns.insert("ical_uid".into(), Value::Null);
    assert_eq!(merged(&a, &b).columns["ical_uid"], "x");
}

#[test]
fn the_profiles_email_is_the_servers_word() {
    let profile = |email: &str, account: Option<Stamp>| Row {
        table: Table::Profiles,
        columns: [("id", json!("p")), ("email", json!(email))].map(|(c, v)| (c.to_owned(), v)).into_iter().collect(),
        stamps: account.map(|stamp| ("account".to_owned(), stamp)).into_iter().collect(),
    };
    let now = profile("abe@example.org", Some(at(200)));
    assert_eq!(merged(&now, &profile("zed@example.org", Some(at(100)))).columns["email"], "abe@example.org");
    assert_eq!(merged(&now, &profile("zed@example.org", None)).columns["email"], "abe@example.org");
}

#[test]
fn columns_of_a_newer_version_come_from_one_row() {
    let newer = |micros, x: &str, y: &str| {
        let mut row = lunch();
        row.columns.insert("mood".into(), json!(x));
        row.columns.insert("weather".into(), json!(y));
        row.stamps.insert("outlook".into(), at(micros));
        row
    };
    let row = merged(&newer(200, "good", "rain"), &newer(300, "bad", "sun"));
    assert_eq!((&row.columns["mood"], &row.columns["weather"]), (&json!("bad"), &json!("sun")));
    assert_eq!(row.stamps["outlook"], at(300));
    let kept = merged(&newer(200, "good", "rain"), &with(lunch(), "title", "x", at(999)));
    assert_eq!(kept.columns["mood"], "good", "a version that does not know them keeps them");
}

// ---- jsonb as PostgreSQL prints it: each line taken from `select '…'::jsonb::text` of PostgreSQL 15 ----------------------

#[test]
fn jsonb_text_is_what_postgresql_prints() {
    let printed = include_str!("jsonb_text.txt");
    let mut checked = 0;
    for line in printed.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (given, expected) = line.split_once('\t').unwrap();
        let value: Value = serde_json::from_str(given).unwrap();
        assert_eq!(jsonb_text(&value), expected, "for {given}");
        checked += 1;
    }
    assert!(checked > 20);
}

// ---- Laws -------------------------------------------------------------------------------------------------------------

/// Few stamps, so that ties are common; few values, so that equal texts are too.
fn any_stamp() -> impl Strategy<Value = Stamp> {
    (0_u64..4, 0_u64..2).prop_map(|(micros, device)| Stamp::new(micros, DeviceId(device)))
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!("a")),
        Just(json!("B")),
        Just(json!(true)),
        Just(json!(3)),
        Just(json!([1, 2]))
    ]
}

prop_compose! {
    /// A row as a store or a server may hold it: a group is there with its stamp and all its columns, or not at all.
    fn any_row(table: Table)(
        groups in prop::collection::vec(prop::option::weighted(0.8, (any_stamp(), prop::collection::vec(any_value(), 8))), 8),
        life in prop::option::of((any_stamp(), any::<bool>())),
        fixed in prop::collection::vec(prop::option::of(any_value()), 6),
        unknown in prop::option::of((any_stamp(), any_value(), any_value())),
    ) -> Row {
        let key = table.key_columns().iter().map(|_| "k").collect::<Vec<_>>().join(":");
        let mut row = Row::empty(&almanac_core::key::RowRef { table, key });
        for (group, given) in table.groups().iter().zip(groups) {
            let Some((stamp, values)) = given else { continue };
            row.stamps.insert(group.name.to_owned(), stamp);
            for (column, value) in group.columns.iter().zip(values) {
                row.columns.insert((*column).to_owned(), value);
            }
        }
        for (column, value) in table.fixed_columns().iter().zip(fixed) {
            row.columns.extend(value.map(|value| ((*column).to_owned(), value)));
        }
        row.columns.insert(DELETED_AT.to_owned(), Value::Null);
        if let Some((stamp, deleted)) = life {
            row.stamps.insert(LIFE.to_owned(), stamp);
            if deleted {
                row.columns.insert(DELETED_AT.to_owned(), json!("2026-11-22T14:02:03.123456Z"));
            }
        }
        if let Some((stamp, x, y)) = unknown {
            row.stamps.insert("outlook".to_owned(), stamp);
            row.columns.insert("mood".to_owned(), x);
            row.columns.insert("weather".to_owned(), y);
        }
        normalise_life(&mut row);
        row
    }
}

fn any_rows() -> impl Strategy<Value = (Row, Row, Row)> {
    prop::sample::select(Table::ALL.to_vec()).prop_flat_map(|table| (any_row(table), any_row(table), any_row(table)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn merge_has_no_side((a, b, _) in any_rows()) {
        prop_assert_eq!(merge(&a, &b), merge(&b, &a));
    }

    #[test]
    fn merge_has_no_order((a, b, c) in any_rows()) {
        prop_assert_eq!(merge(&merge(&a, &b), &c), merge(&a, &merge(&b, &c)));
    }

    #[test]
    fn merging_again_changes_nothing((a, b, _) in any_rows()) {
        prop_assert_eq!(merge(&a, &a), a.clone());
        let ab = merge(&a, &b);
        prop_assert_eq!(merge(&ab, &b), ab.clone());
        prop_assert_eq!(merge(&ab, &a), ab);
    }

    #[test]
    fn every_stamp_of_the_result_is_the_greater_one((a, b, _) in any_rows()) {
        let row = merge(&a, &b);
        for group in a.stamps.keys().chain(b.stamps.keys()) {
            prop_assert_eq!(row.stamps.get(group), a.stamps.get(group).max(b.stamps.get(group)));
        }
    }

    #[test]
    fn a_row_read_from_its_text_is_the_row((a, _, _) in any_rows()) {
        prop_assert_eq!(Row::from_text(a.table, &a.to_text()).unwrap(), a);
    }
}
