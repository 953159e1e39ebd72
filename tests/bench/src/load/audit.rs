//! Nothing lost: every edit is in the database or superseded there by a greater stamp, and every device, those that were there and a
//! new one of each person, holds what the server says its owner may see.
//!
//! Devices hear of changes by realtime only: until they agree with the server nobody makes them look again, and their own
//! timer, at 60 s, is slower than [`SOON`]. So a notice that the server swallowed is found too.

use super::{
    crowd::{Crowd, Unseen},
    device::{Device, Edit, PATIENCE, text},
    figures::Figures,
};
use almanac_core::{
    key::RowRef,
    survey::Survey,
    table::Table,
    wire::{Sorted, TableDigest},
};
use almanac_supabase::Config;
use futures::{StreamExt as _, future::join_all, stream};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// How soon devices agree by what realtime tells them.
const SOON: Duration = Duration::from_secs(40);
/// Rows asked for at once.
const PAGE: usize = 200;
/// Devices looked at together.
const TOGETHER: usize = 16;

/// Waits until a device holds a row.
pub(crate) async fn arrives(device: &Device, at: &RowRef) {
    let mut commits = device.database.listen();
    let there = async {
        while device.database.get(at.clone()).await.expect("a store").is_none() {
            commits.next().await.expect("announcements go on");
        }
    };
    tokio::time::timeout(PATIENCE, there).await.unwrap_or_else(|_| panic!("{at} never arrives"));
}

/// What a device holds and what the server says it should, counted and hashed by table: what differs.
async fn differences(device: &Device) -> Vec<(Table, TableDigest, Option<TableDigest>)> {
    let survey = device.database.survey(Survey::new()).await.expect("a store");
    let coverage = survey.surveyed().coverage.clone();
    assert!(!coverage.is_empty(), "a device without a window");
    let asked = device.remote.digest(coverage).await.expect("a digest");
    let here = survey.digest().expect("rows that read");
    let events = here.iter().find(|(table, _)| *table == Table::Events).expect("events");
    assert!(events.1.count > 0, "a device without events would agree with anything");
    here.into_iter()
        .map(|(table, digest)| (table, digest, asked.table(table)))
        .filter(|(_, here, there)| there.as_ref() != Some(here))
        .collect()
}

/// Waits until every device agrees with the server.
pub(crate) async fn all_agree(crowd: &Crowd) {
    let deadline = Instant::now() + SOON;
    stream::iter(crowd.devices())
        .for_each_concurrent(TOGETHER, |device| async move {
            loop {
                let differ = differences(device).await;
                if differ.is_empty() {
                    return;
                }
                if Instant::now() >= deadline {
                    device.nudge();
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    let still = differences(device).await;
                    let cause = if still.is_empty() { "a notice was lost" } else { "rows were lost" };
                    panic!("{cause}: a device differs from the server, {differ:?}, then {still:?}");
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        })
        .await;
}

/// Checks all of it, or ends the program.
pub(crate) async fn nothing_lost(crowd: &Crowd, config: &Config) {
    for person in &crowd.people {
        let edits: Vec<Edit> =
            person.devices.iter().flat_map(|device| device.edits.lock().expect("edits").clone()).collect();
        every_edit_is_there(&person.devices[0], &edits).await;
    }
    // A device that begins now reads everything from the start.
    let figures = Arc::new(Figures::default());
    let begins = stream::iter(&crowd.people).for_each_concurrent(TOGETHER, |person| {
        let (config, figures) = (config.clone(), Arc::clone(&figures));
        async move {
            let unseen = Arc::new(Unseen::default());
            let device = Device::start(&config, person.session.clone(), &figures, &unseen).await;
            device.sent().await;
            let differ = differences(&device).await;
            assert!(differ.is_empty(), "rows were lost: a new device differs from the server, {differ:?}");
        }
    });
    begins.await;
}

/// The database holds each edit, or a later one of the same group.
async fn every_edit_is_there(device: &Device, edits: &[Edit]) {
    let mut refs: Vec<RowRef> = edits.iter().map(|edit| edit.at.clone()).collect();
    refs.sort();
    refs.dedup();
    let pages = refs.chunks(PAGE).map(|page| device.remote.rows(page.to_vec()));
    let mut found = HashMap::new();
    for page in join_all(pages).await {
        let sorted = Sorted::from_wire(page.expect("rows").rows);
        assert!(sorted.malformed.is_empty(), "{:?}", sorted.malformed);
        found.extend(sorted.rows.into_iter().map(|row| (row.at(), row)));
    }
    for edit in edits {
        let row = found.get(&edit.at).unwrap_or_else(|| panic!("lost: {edit:?} has no row in the database"));
        let stamp = row.stamps.get(edit.column);
        let held = stamp.is_some_and(|stamp| *stamp > edit.stamp)
            || stamp == Some(&edit.stamp) && text(&row.columns, edit.column).as_deref() == Some(edit.value.as_str());
        assert!(held, "lost: {edit:?}; the database has {:?} of {stamp:?}", row.columns.get(edit.column));
    }
}
