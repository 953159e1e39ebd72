//! "All my data" is all of it: every row of every table, what was not sent too, as JSON that reads back to the same rows.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use almanac_core::{
    Uuid,
    domain::Event,
    row::Row,
    stamp::{DeviceId, Stamp},
    store::{Batch, Query, Store as _},
    table::Table,
};
use almanac_data::{EventEdit, Events, Mutations, Sessions, use_events, use_mutations, use_sessions};
use common::{Device, Harness, WhenOpen, ana, seen};
use dioxus::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[component]
fn Week() -> Element {
    let week = use_signal(|| almanac_core::row::Span { start: 1_763_942_400_000, end: 1_764_547_200_000 });
    seen("events", use_events(week.into(), use_signal(Vec::new).into())());
    seen("mutations", use_mutations());
    rsx! {}
}

#[component]
fn Root() -> Element {
    seen("sessions", use_sessions());
    rsx! {
        WhenOpen { Week {} }
    }
}

const BEN: Uuid = Uuid::from_u128(8);
const EVENT: Uuid = Uuid::from_u128(100);
const GONE: Uuid = Uuid::from_u128(101);

/// A row, each of its groups written at the same time.
fn row(table: Table, columns: Value) -> Row {
    let mut row = Row::from_json(table, columns).unwrap();
    let stamp = Stamp { micros: 1_763_900_000_000_000, device: DeviceId(9) };
    row.stamps = table.groups().iter().map(|group| (group.name.to_owned(), stamp)).collect();
    row
}

fn of_every_table() -> Vec<Row> {
    let ana = ana().user_id;
    let id = Uuid::from_u128;
    let event = |id: Uuid, title: &str| {
        row(
            Table::Events,
            json!({ "id": id, "owner_id": ana, "series_id": null, "recurrence_id": null, "title": title,
                "start_time": "2025-11-25T09:00:00Z", "duration": 60, "all_day": false, "time_zone": "Europe/Berlin",
                "recurrence": null, "private": false, "location": "\u{1f3e0} <b>home</b>", "notes": "שלום \"x\"\n",
                "start_timestamp_ms": 1_764_061_200_000_i64, "end_timestamp_ms": 1_764_064_800_000_i64 }),
        )
    };
    vec![
        row(Table::Profiles, json!({ "id": ana, "display_name": "Ana", "time_format": "24h" })),
        row(Table::Personas, json!({ "id": id(20), "user_id": ana, "name": "Aide", "system_prompt": "Be kind" })),
        row(
            Table::Calendars,
            json!({ "id": id(30), "user_id": ana, "name": "Work", "color": "teal", "position": 1.5 }),
        ),
        row(Table::Calendars, json!({ "id": id(31), "user_id": ana, "name": "Play", "color": "red", "position": 2.0 })),
        row(Table::Categories, json!({ "id": id(40), "user_id": ana, "name": "Focus", "color": "plum" })),
        event(EVENT, "Board"),
        event(GONE, "Far away"),
        row(Table::Overlays, json!({ "event_id": EVENT, "user_id": ana, "calendar_id": id(30), "ai_managed": true })),
        row(Table::Roles, json!({ "event_id": EVENT, "user_id": BEN, "role": "viewer", "rsvp": "tentative" })),
        row(
            Table::Invites,
            json!({ "event_id": EVENT, "email": "cy@example.org", "invited_by": ana, "role": "viewer", "id": id(50) }),
        ),
    ]
}

async fn exported(device: &Device, app: &mut Harness) -> Value {
    let sessions = app.last::<Sessions>("sessions");
    app.spawn(async move { seen("exported", sessions.export().await) });
    app.idle_until(|| common::was_seen("exported")).await;
    let (place, complete) = app.last::<Result<(Option<String>, bool), String>>("exported").unwrap();
    let files = device.files();
    let (name, text) = files.iter().next().unwrap();
    assert_eq!(place, Some(format!("/downloads/{name}")), "the person is told where it is");
    assert!(name.starts_with("almanac-") && name.ends_with(".json"), "{name}");
    let all: Value = serde_json::from_str(text).unwrap();
    assert_eq!(all["complete"], json!(complete));
    all
}

#[tokio::test]
async fn the_export_holds_every_row_of_every_table_and_reads_back() {
    let device = Device::new();
    device.set_session(Some(ana()));
    let store = device.store(ana().user_id);
    store.execute(Batch::Init { device: DeviceId(5) }).await.unwrap();
    store.execute(Batch::Adopt { rows: of_every_table(), wall_ms: 1_763_900_000_000 }).await.unwrap();

    let mut app = Harness::start_on(&device, Root);
    app.until("events", |events: &Events| events.items.len() == 2).await;
    // Written just now, and sent to nobody.
    let edit = EventEdit { title: Some("Board, moved".into()), ..EventEdit::default() };
    app.last::<Mutations>("mutations").edit_event(EVENT, edit);
    app.until("events", |e: &Events| e.items.iter().any(|i| i.event.title == "Board, moved")).await;

    let all = exported(&device, &mut app).await;
    let tables = all["tables"].as_object().unwrap();
    for table in Table::ALL {
        let mut kept = BTreeMap::new();
        for stored in store.query(Query::Table(table)).await.unwrap() {
            kept.insert(stored.at.key.clone(), stored.row().unwrap());
        }
        assert!(!kept.is_empty(), "the test has no row of {table}");
        let rows = tables[table.name()].as_array().unwrap();
        let read = rows.iter().map(|value| Row::from_json(table, value.clone()).unwrap());
        let read: BTreeMap<String, Row> = read.map(|row| (row.at().key, row)).collect();
        assert_eq!(read, kept, "{table}");
    }
    let titles = tables["events"].as_array().unwrap().iter().map(|e| e["title"].as_str().unwrap());
    assert_eq!(titles.collect::<Vec<_>>(), ["Board, moved", "Far away"]);
    let event: Event = Row::from_json(Table::Events, tables["events"][0].clone()).unwrap().decode().unwrap();
    assert_eq!(event.notes.as_deref(), Some("שלום \"x\"\n"));
    assert_eq!(all["account"], json!("ana@example.org"));
    assert_eq!(all["unsent"], json!(store.outbox().await.unwrap().len()), "it says how much the server lacks");
    assert_eq!(all["complete"], json!(false), "without a server nobody knows whether this is everything");
}
