//! The server is killed while devices push: what it acknowledged is still there when it is back, and everything else follows.
//!
//! On its embedded database, with fsync on. `ALMANAC_SOAK=<n>` kills n times as often. Needs the program `almanac-server`.

#[path = "common/almanac.rs"]
mod almanac;
mod common;

use almanac::{Device, Server};
use almanac_core::{
    engine::{Nudge, Phase},
    key::RowRef,
    outbox::RowState,
    platform::Platform,
    row::Row,
    session::Auth,
    table::Table,
};
use almanac_supabase::Client;
use common::{MemoryVault, TokioPlatform, within};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Events made by a device that the server has acknowledged, with their titles.
async fn acknowledged(device: &Device, made: &[(RowRef, String)]) -> Vec<(RowRef, String)> {
    let mut all = Vec::new();
    for (at, title) in made {
        if device.title(at).await == Some((title.clone(), RowState::Synced)) {
            all.push((at.clone(), title.clone()));
        }
    }
    all
}

/// Everything the server holds of the account, asked page by page without any device.
async fn on_the_server(device: &Device) -> BTreeMap<RowRef, String> {
    let remote = device.client.remote();
    let (mut all, mut after) = (BTreeMap::new(), None);
    loop {
        let page = within(remote.bootstrap((0, 253_402_300_799_999), after, 1000)).await.expect("a page");
        for row in page.rows.into_iter().filter(|row| row.table == Table::Events.name()) {
            let row = Row::from_json(Table::Events, row.row.expect("a live row")).expect("a row");
            all.insert(row.at(), row.columns["title"].as_str().expect("text").to_owned());
        }
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_while_it_takes_pushes_loses_nothing_that_it_acknowledged() {
    let soak: u64 = std::env::var("ALMANAC_SOAK").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut server = Server::start().await;
    let config = server.config().await;
    let platform = TokioPlatform::new();
    let client = Client::new(config.clone(), MemoryVault::holding(None), platform.clone());
    let session = within(client.sign_up("ana@example.org".to_owned(), "correct horse".to_owned())).await;
    let device = Arc::new(Device::with(&config, session.expect("signed up")).await);
    device.wait_ready().await;
    let made = Arc::new(Mutex::new(Vec::new()));
    for round in 0..10 * soak {
        let stop = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn({
            let (device, made, stop) = (Arc::clone(&device), Arc::clone(&made), Arc::clone(&stop));
            async move {
                let mut number = 0;
                while !stop.load(Ordering::SeqCst) {
                    let title = format!("round {round}, {number}");
                    let at = device.make_event(&title).await;
                    made.lock().expect("the list").push((at, title));
                    number += 1;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        });
        // The first of this round is acknowledged; the kill comes at any moment of what follows.
        let first = loop {
            let first = made
                .lock()
                .expect("the list")
                .iter()
                .find(|(_, title)| title.starts_with(&format!("round {round},")))
                .cloned();
            match first {
                Some(first) => break first,
                None => tokio::task::yield_now().await,
            }
        };
        device.wait_title(&first.0, &first.1).await;
        tokio::time::sleep(Duration::from_micros(platform.random() % 150_000)).await;
        server.kill().await;
        stop.store(true, Ordering::SeqCst);
        writer.await.expect("the writer ends well");
        device.wait_status("offline", |status| status.phase == Phase::Offline && !status.realtime).await;
        let made_so_far = made.lock().expect("the list").clone();
        let before = acknowledged(&device, &made_so_far).await;

        // What was acknowledged is not sent again: it must be there.
        server.start_again().await;
        let held = on_the_server(&device).await;
        for (at, title) in &before {
            assert_eq!(held.get(at), Some(title), "round {round}: {at} was acknowledged");
        }
        device.engine.nudge(Nudge::Now);
        device.wait_status("all sent", |status| status.pending == 0 && status.stuck == 0 && status.realtime).await;
        let held = on_the_server(&device).await;
        let all: BTreeMap<RowRef, String> = made_so_far.iter().cloned().collect();
        assert_eq!(held, all, "round {round}: every edit, once");
    }
}
