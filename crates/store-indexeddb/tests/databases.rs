//! Databases of older versions, of newer ones and of other programs; full, taken away, held by another tab.
#![cfg(target_family = "wasm")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod common;

use almanac_core::{
    Uuid,
    key::RowRef,
    outbox::RowState,
    patch::Patch,
    row::{Columns, Span},
    stamp::DeviceId,
    store::{Batch, LocalTime, OpenError, Query, RemoteBatch, Store, StoreError, SyncState},
    table::Table,
};
use almanac_store_indexeddb::{IndexedDbStore, Lost, SCHEMA};
use common::{Replaced, exception, fresh_name, object, store_name};
use futures::channel::oneshot;
use idb::{Database, DatabaseEvent, Factory, IndexParams, KeyPath, ObjectStoreParams, TransactionMode};
use js_sys::{Array, Object, Reflect};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A database made without the store.
async fn made(name: &str, version: u32, upgrade: impl FnOnce(&Database) + 'static) -> Database {
    let mut request = Factory::new().unwrap().open(name, Some(version)).unwrap();
    request.on_upgrade_needed(move |event| upgrade(&event.database().unwrap()));
    request.await.unwrap()
}

fn calendar(number: u128) -> Patch {
    let all = Table::Calendars.groups().iter().flat_map(|group| group.columns);
    let columns: Columns = all.map(|column| ((*column).to_owned(), "Work".into())).collect();
    Patch::create(RowRef::calendar(Uuid::from_u128(number)), columns)
}

fn edits(patches: Vec<Patch>) -> Batch {
    Batch::CommitLocal { patches, at: LocalTime { now: 1_793_600_000_000_000, adjusted: true, wall_ms: 1 } }
}

async fn calendars(store: &IndexedDbStore) -> usize {
    store.query(Query::Table(Table::Calendars)).await.unwrap().len()
}

/// Schema 1 as its first release made it. Frozen: never change it.
fn schema_1(database: &Database) {
    let keyed = || {
        let mut params = ObjectStoreParams::new();
        params.key_path(Some(KeyPath::new_array(["t", "k"])));
        params
    };
    let rows = database.create_object_store("rows", keyed()).unwrap();
    rows.create_index("span", KeyPath::new_single("i"), Some(IndexParams::new())).unwrap();
    let outbox = database.create_object_store("outbox", keyed()).unwrap();
    outbox.create_index("stuck", KeyPath::new_single("x"), Some(IndexParams::new())).unwrap();
    database.create_object_store("state", ObjectStoreParams::new()).unwrap();
}

/// What schema 1 held: an event with an unsent edit and an overlay, a series without end, a tombstone, a stuck calendar.
async fn fill_schema_1(database: &Database) {
    let transaction = database.transaction(&["rows", "outbox", "state"], TransactionMode::ReadWrite).unwrap();
    let put = |store: &str, json: &str, key: Option<&str>| {
        let value = js_sys::JSON::parse(json).unwrap();
        drop(transaction.object_store(store).unwrap().put(&value, key.map(JsValue::from_str).as_ref()).unwrap());
    };
    for record in include_str!("fixtures/schema-1.jsonl").lines() {
        let (store, record) = record.split_once(' ').unwrap();
        put(store, record, (store == "state").then_some("sync"));
    }
    assert!(transaction.commit().unwrap().await.unwrap().is_committed());
}

#[wasm_bindgen_test]
async fn schema_1_opens_with_all_it_holds() {
    let name = fresh_name();
    let old = made(&name, 1, schema_1).await;
    fill_schema_1(&old).await;
    old.close();
    let store = IndexedDbStore::open(&name).await.unwrap();
    let (event, user) = (Uuid::from_u128(0x11), Uuid::from_u128(0xcafe));
    let span = Span { start: 1_793_577_600_000, end: 1_793_577_600_000 + 86_400_000 };
    let found = store.query(Query::Events { span, user }).await.unwrap();
    let keys: Vec<&RowRef> = found.iter().map(|stored| &stored.at).collect();
    let series = RowRef::event(Uuid::from_u128(0x12));
    assert_eq!(keys, [&RowRef::event(event), &series, &RowRef::overlay(event, user)]);
    assert_eq!(found[0].row().unwrap().columns["title"], "Mittagessen mit Zoë");
    assert_eq!(found[0].row().unwrap().columns["mood"], "🙂", "a column this version does not know");
    assert_eq!((found[0].state, found[1].state), (RowState::Pending, RowState::Synced));
    let dead = store.get(RowRef::event(Uuid::from_u128(0x13))).await.unwrap().unwrap();
    assert!(!dead.row().unwrap().is_live());
    let entries = store.outbox().await.unwrap();
    let told: Vec<_> = entries.iter().map(|e| (&e.at, e.generation, e.attempted, e.stuck.is_some())).collect();
    let stuck = RowRef::calendar(Uuid::from_u128(7));
    assert_eq!(told, [(&stuck, 2, true, true), (&RowRef::event(event), 3, false, false)]);
    let waiting = store.waiting(0).await.unwrap();
    assert_eq!((waiting.entries, waiting.stuck, waiting.things), (2, 1, 1));
    assert!(store.log().await.unwrap().is_empty(), "what is new is there, and empty");
    let state = store.state().await.unwrap();
    assert_eq!((state.device, state.cursor, state.generation), (DeviceId(0xa1), 17, 3));
    store.execute(edits(vec![Patch::delete(RowRef::event(event))])).await.unwrap();
    drop(store);
    IndexedDbStore::delete(&name).await.unwrap();
}

/// Schema 2 as its first release made it. Frozen: never change it.
fn schema_2(database: &Database) {
    schema_1(database);
    database.create_object_store("log", ObjectStoreParams::new()).unwrap();
}

/// An event with two invitations (one of them dead), one without, and an invitation to an event that is not here.
const INVITED: [&str; 3] = [
    r#"{"t":50,"k":"00000000-0000-0000-0000-000000000021","b":"{\"id\":\"00000000-0000-0000-0000-000000000021\",\"stamps\":{}}","s":0,"n":0,"l":true,"i":[0,1],"e":2,
        "c":{"60:00000000-0000-0000-0000-00000000cafe":{"b":"{}","s":0,"n":0,"l":true},"80:ana@example.org":{"b":"{}","s":0,"n":0,"l":true},"80:bo@example.org":{"b":"{}","s":0,"n":0,"l":false}}}"#,
    r#"{"t":50,"k":"00000000-0000-0000-0000-000000000022","b":"{}","s":0,"n":0,"l":true,"i":[0,1],"e":2,"c":{"60:00000000-0000-0000-0000-00000000cafe":{"b":"{}","s":0,"n":0,"l":true}}}"#,
    r#"{"t":50,"k":"00000000-0000-0000-0000-000000000023","c":{"80:ana@example.org":{"b":"{}","s":2,"n":0,"l":true}}}"#,
];

#[wasm_bindgen_test]
async fn schema_2_opens_and_its_invitations_are_found() {
    let name = fresh_name();
    let old = made(&name, 2, schema_2).await;
    fill_schema_1(&old).await;
    let transaction = old.transaction(&["rows"], TransactionMode::ReadWrite).unwrap();
    for record in INVITED {
        drop(transaction.object_store("rows").unwrap().put(&js_sys::JSON::parse(record).unwrap(), None).unwrap());
    }
    assert!(transaction.commit().unwrap().await.unwrap().is_committed());
    old.close();
    let store = IndexedDbStore::open(&name).await.unwrap();
    let found = store.query(Query::Table(Table::Invites)).await.unwrap();
    let keys: Vec<(&RowRef, RowState)> = found.iter().map(|stored| (&stored.at, stored.state)).collect();
    let invite = |event: u128| RowRef::invite(Uuid::from_u128(event), "ana@example.org");
    assert_eq!(keys, [(&invite(0x21), RowState::Synced), (&invite(0x23), RowState::Stuck)]);
    assert_eq!((calendars(&store).await, store.outbox().await.unwrap().len()), (2, 2), "all else is as it was");
    drop(store);
    IndexedDbStore::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn asking_for_invitations_does_not_read_the_events() {
    let name = fresh_name();
    let store = IndexedDbStore::open(&name).await.unwrap();
    let reads = Rc::new(RefCell::new(0));
    let counted = reads.clone();
    let watched = Replaced::new("IDBObjectStore.prototype", "getAll", move |this, arguments, get_all| {
        *counted.borrow_mut() += 1;
        get_all.apply(this, arguments)
    });
    assert_eq!(store.query(Query::Table(Table::Invites)).await.unwrap(), []);
    assert_eq!(*reads.borrow(), 0, "at each start that would be all of them");
    calendars(&store).await;
    assert_eq!(*reads.borrow(), 1);
    drop(watched);
    drop(store);
    IndexedDbStore::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let name = fresh_name();
    made(&name, SCHEMA + 3, |database| drop(database.create_object_store("future", ObjectStoreParams::new())))
        .await
        .close();
    let newer = IndexedDbStore::open(&name).await.err();
    assert!(
        matches!(newer, Some(OpenError::Newer { found, known }) if found == SCHEMA + 3 && known == SCHEMA),
        "{newer:?}"
    );
    let still = made(&name, SCHEMA + 3, |_| panic!("it was changed")).await;
    assert_eq!(still.store_names(), ["future"]);
    still.close();
    IndexedDbStore::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_database_of_another_program_is_left_alone() {
    let name = fresh_name();
    made(&name, SCHEMA, |database| drop(database.create_object_store("bookmarks", ObjectStoreParams::new())))
        .await
        .close();
    let refused = IndexedDbStore::open(&name).await.err();
    assert!(matches!(refused, Some(OpenError::Unreadable(_))), "{refused:?}");
    let still = made(&name, SCHEMA, |_| panic!("it was changed")).await;
    assert_eq!(still.store_names(), ["bookmarks"]);
    still.close();
    IndexedDbStore::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_full_disk_is_told_and_nothing_is_lost() {
    let name = fresh_name();
    let store = IndexedDbStore::open(&name).await.unwrap();
    store.execute(edits(vec![calendar(1)])).await.unwrap();
    let full = Replaced::new("IDBObjectStore.prototype", "put", |this, arguments, put| {
        if store_name(this) == "outbox" { Err(exception("QuotaExceededError")) } else { put.apply(this, arguments) }
    });
    let failed = store.execute(edits(vec![calendar(2), calendar(3)])).await.err();
    assert!(matches!(failed, Some(StoreError::Full(_))), "{failed:?}");
    drop(full);
    assert_eq!((calendars(&store).await, store.outbox().await.unwrap().len()), (1, 1));
    assert_eq!(store.state().await.unwrap().generation, 1, "the counter was not written either");
    store.execute(edits(vec![calendar(2)])).await.unwrap();
    assert_eq!(calendars(&store).await, 2);
    drop(store);
    IndexedDbStore::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_transaction_that_the_browser_aborts_is_not_taken_for_committed() {
    let name = fresh_name();
    let store = IndexedDbStore::open(&name).await.unwrap();
    let aborting = Replaced::new("IDBTransaction.prototype", "commit", |this, _, _| {
        let abort: js_sys::Function = Reflect::get(this, &"abort".into())?.into();
        abort.call0(this)
    });
    let failed = store.execute(edits(vec![calendar(1)])).await.err();
    drop(aborting);
    assert!(matches!(failed, Some(StoreError::Backend(_))), "{failed:?}");
    assert_eq!((calendars(&store).await, store.state().await.unwrap()), (0, SyncState::default()));
    drop(store);
    IndexedDbStore::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_write_that_nobody_waits_for_ends_all_the_same() {
    let name = fresh_name();
    let store = IndexedDbStore::open(&name).await.unwrap();
    {
        let mut write = store.execute(edits(vec![calendar(1)]));
        assert!(futures::poll!(&mut write).is_pending());
    }
    // The next write waits for that one.
    store.execute(edits(vec![calendar(2)])).await.unwrap();
    assert_eq!((calendars(&store).await, store.outbox().await.unwrap().len()), (2, 2));
    drop(store);
    IndexedDbStore::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn edits_and_marks_wait_for_the_disk_and_arriving_rows_do_not() {
    let name = fresh_name();
    let store = IndexedDbStore::open(&name).await.unwrap();
    let seen: Rc<RefCell<Vec<String>>> = Rc::default();
    let told = Rc::clone(&seen);
    let spy = Replaced::new("IDBDatabase.prototype", "transaction", move |this, arguments, transaction| {
        if arguments.get(1) == "readwrite" {
            let durability = Reflect::get(&arguments.get(2), &"durability".into())?;
            told.borrow_mut().push(durability.as_string().unwrap_or_default());
        }
        transaction.apply(this, arguments)
    });
    for batch in [
        edits(vec![calendar(1)]),
        Batch::OutboxTake { now_ms: 0, limit: 1, max_bytes: 1, after: None },
        Batch::ApplyRemote(RemoteBatch::default()),
        Batch::OutboxSettle { settlements: vec![], at: 0 },
    ] {
        store.execute(batch).await.unwrap();
    }
    drop(spy);
    assert_eq!(*seen.borrow(), ["strict", "strict", "relaxed", "relaxed"]);
    drop(store);
    IndexedDbStore::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_newer_version_in_another_tab_takes_the_database_and_the_page_is_told() {
    let name = fresh_name();
    let store = IndexedDbStore::open(&name).await.unwrap();
    store.execute(edits(vec![calendar(1)])).await.unwrap();
    let (tell, told) = oneshot::channel();
    let tell = RefCell::new(Some(tell));
    store.on_lost(move |why| {
        if let Some(tell) = tell.borrow_mut().take() {
            tell.send(why).unwrap();
        }
    });
    let newer = made(&name, SCHEMA + 1, |_| ()).await;
    assert_eq!(told.await, Ok(Lost::Upgrade));
    let refused = store.execute(edits(vec![calendar(2)])).await.err();
    assert!(matches!(refused, Some(StoreError::Blocked(_))), "{refused:?}");
    assert!(matches!(store.state().await.err(), Some(StoreError::Blocked(_))));
    newer.close();
    drop(store);
    IndexedDbStore::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_tab_that_does_not_give_way_is_told_of() {
    let name = fresh_name();
    // An old version of something that does not listen.
    let stubborn = made(&name, 1, |_| ()).await;
    let deleting = Factory::new().unwrap().delete(&name).unwrap();
    // The deletion waits for the stubborn tab, and the opening for the deletion.
    let blocked = IndexedDbStore::open(&name).await.err();
    assert!(matches!(blocked, Some(OpenError::Blocked(_))), "{blocked:?}");
    stubborn.close();
    deleting.await.unwrap();
    let store = IndexedDbStore::open(&name).await.unwrap();
    store.execute(edits(vec![calendar(1)])).await.unwrap();
    drop(store);
    IndexedDbStore::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_damaged_record_is_told_and_left() {
    let name = fresh_name();
    let store = IndexedDbStore::open(&name).await.unwrap();
    store.execute(edits(vec![calendar(1)])).await.unwrap();
    let raw = made(&name, SCHEMA, |_| ()).await;
    let transaction = raw.transaction(&["outbox"], TransactionMode::ReadWrite).unwrap();
    let damaged: Object = object([("t", 30.into()), ("k", "damaged".into()), ("b", "{".into())]);
    transaction.object_store("outbox").unwrap().put(&damaged, None).unwrap().await.unwrap();
    transaction.await.unwrap();
    assert!(matches!(store.outbox().await.err(), Some(StoreError::Corrupt(_))));
    assert_eq!(calendars(&store).await, 1, "the rest is still read");
    let key = Array::of2(&30.into(), &"damaged".into());
    let transaction = raw.transaction(&["outbox"], TransactionMode::ReadOnly).unwrap();
    assert!(transaction.object_store("outbox").unwrap().get(JsValue::from(key)).unwrap().await.unwrap().is_some());
    raw.close();
    drop(store);
    IndexedDbStore::delete(&name).await.unwrap();
}
