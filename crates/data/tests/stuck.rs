//! A refused edit, for review: both versions as a person reads them, and the event to edit.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use almanac_core::{
    key::RowRef,
    outbox::{Entry, StuckReason},
    stamp::{DeviceId, Stamp},
    store::{Batch, Settlement, Store as _, Verdict},
    table::Table,
};
use almanac_data::{
    CalendarEdit, EventEdit, FieldValue, Mutations, NewEvent, StuckField, StuckItem, use_mutations, use_stuck,
};
use chrono::{DateTime, Utc};
use common::{Device, Harness, WhenOpen, ana, made, seen};
use dioxus::prelude::*;
use serde_json::json;

#[component]
fn Review() -> Element {
    seen("stuck", use_stuck()());
    seen("mutations", use_mutations());
    rsx! {}
}

#[component]
fn Root() -> Element {
    rsx! {
        WhenOpen { Review {} }
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn field(column: &str, mine: FieldValue, theirs: FieldValue) -> StuckField {
    StuckField { column: column.into(), mine, theirs }
}

/// Waits until the outbox is as wanted.
async fn entries(device: &Device, app: &mut Harness, wanted: fn(&[Entry]) -> bool) -> Vec<Entry> {
    let store = device.store(ana().user_id);
    let now = || futures::FutureExt::now_or_never(store.outbox()).unwrap().unwrap();
    app.idle_until(|| wanted(&now())).await;
    now()
}

async fn settle(device: &Device, entry: &Entry, verdict: Verdict) {
    let settlement = Settlement { at: entry.at.clone(), generation: entry.generation, verdict };
    let batch = Batch::OutboxSettle { settlements: vec![settlement], at: u64::MAX };
    device.store(ana().user_id).execute(batch).await.unwrap();
}

#[tokio::test]
async fn both_versions_are_told_as_a_person_reads_them_and_the_event_can_be_edited() {
    let device = Device::new();
    device.set_session(Some(ana()));
    let mut app = Harness::start_on(&device, Root);
    app.until("stuck", |_: &Vec<StuckItem>| true).await;
    let mutations = app.last::<Mutations>("mutations");
    let lunch = NewEvent {
        title: "Lunch".into(),
        start: at("2026-11-18T12:00:00Z"),
        duration_minutes: 45,
        ..NewEvent::default()
    };
    let id = made(&mutations, lunch);
    let of_event = |entries: &[Entry]| entries.iter().any(|entry| entry.at.table == Table::Events);
    let first = entries(&device, &mut app, of_event).await;
    let kept = async |at: RowRef| device.store(ana().user_id).get(at).await.unwrap().unwrap().row().unwrap();
    for entry in &first {
        settle(&device, entry, Verdict::Done(kept(entry.at.clone()).await)).await;
    }
    // As the server will have it: changed by somebody else a little later.
    let mut theirs = kept(RowRef::event(id)).await;
    theirs.columns.extend([
        ("title".into(), json!("Long lunch")),
        ("start_time".into(), json!("2027-01-04T09:00:00Z")),
        ("duration".into(), json!(60)),
    ]);
    theirs.stamps.values_mut().for_each(|stamp| *stamp = Stamp { micros: stamp.micros + 1, device: DeviceId(9) });
    // Meanwhile someone moved it, and took the right to change it.
    mutations.edit_event(
        id,
        EventEdit {
            when: Some((at("2026-11-18T13:00:00Z"), 90, false)),
            title: Some("<b>Lunch</b>".into()),
            ..EventEdit::default()
        },
    );
    let edited = entries(&device, &mut app, of_event).await;
    let entry = edited.iter().find(|entry| entry.at == RowRef::event(id)).unwrap();
    let reason = StuckReason { code: "forbidden".into(), message: "not yours".into() };
    settle(&device, entry, Verdict::Refused { reason, row: Some(theirs) }).await;
    // Live queries hear of commits made through the app; this one was made beside it.
    mutations.create_calendar(CalendarEdit::new("Another".into(), "red".into()));

    let stuck = app.until("stuck", |stuck: &Vec<StuckItem>| !stuck.is_empty()).await;
    let item = &stuck[0];
    assert_eq!((stuck.len(), item.code.as_str(), item.is_there), (1, "forbidden", true));
    let of = |column: &str| item.fields.iter().find(|field| field.column == column).cloned();
    let text = |text: &str| FieldValue::Text(text.into());
    assert_eq!(of("title"), Some(field("title", text("<b>Lunch</b>"), text("Long lunch"))));
    let (mine, theirs) = (FieldValue::At(at("2026-11-18T13:00:00Z")), FieldValue::At(at("2027-01-04T09:00:00Z")));
    assert_eq!(of("start_time"), Some(field("start_time", mine, theirs)));
    assert_eq!(of("duration"), Some(field("duration", FieldValue::Minutes(90), FieldValue::Minutes(60))));
    assert!(item.fields.iter().all(|field| !field.column.ends_with("_ms")), "{:?}", item.fields);
    assert_eq!(item.event.as_ref().map(|event| event.event.title.as_str()), Some("<b>Lunch</b>"), "to go on from mine");

    // Editing is a way out: the new version is sent again.
    mutations.edit_event(id, EventEdit { title: Some("Lunch?".into()), ..EventEdit::default() });
    app.until("stuck", |stuck: &Vec<StuckItem>| stuck.is_empty()).await;
}
