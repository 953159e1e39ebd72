//! What can only be seen from inside: settings of the connections, the ways SQLite looks things up, a full disk.

use super::*;
use almanac_core::{
    Uuid,
    patch::Patch,
    row::Columns,
    stamp::DeviceId,
    store::{LocalTime, RemoteBatch},
    table::Table,
};
use futures::executor::block_on;
use rusqlite::Connection;

fn opened() -> (tempfile::TempDir, Arc<SqliteStore>) {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path().join("almanac.db")).unwrap();
    (dir, store)
}

fn calendar(number: u128) -> Batch {
    let all = Table::Calendars.groups().iter().flat_map(|group| group.columns);
    let columns: Columns = all.map(|column| ((*column).to_owned(), "long ".repeat(2000).into())).collect();
    let patches = vec![Patch::create(RowRef::calendar(Uuid::from_u128(number)), columns)];
    Batch::CommitLocal { patches, at: LocalTime { now: 1_793_600_000_000_000, adjusted: true, wall_ms: 1 } }
}

fn with_writer<T: Send + 'static>(
    store: &SqliteStore,
    ask: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
) -> T {
    block_on(store.writer.run(move |connection| ask(connection).map_err(error::store))).unwrap()
}

fn synchronous(store: &SqliteStore) -> i64 {
    with_writer(store, |connection| connection.pragma_query_value(None, "synchronous", |row| row.get(0)))
}

#[test]
fn edits_and_marks_wait_for_the_disk_and_arriving_rows_do_not() {
    const NORMAL: i64 = 1;
    const FULL: i64 = 2;
    let (_dir, store) = opened();
    let run = |batch| {
        block_on(store.execute(batch)).unwrap();
        synchronous(&store)
    };
    assert_eq!(run(Batch::Init { device: DeviceId(1) }), FULL);
    assert_eq!(run(Batch::ApplyRemote(RemoteBatch::default())), NORMAL);
    assert_eq!(run(calendar(1)), FULL);
    assert_eq!(run(Batch::OutboxSettle { settlements: vec![], at: 0 }), NORMAL);
    assert_eq!(run(Batch::OutboxTake { now_ms: 0, limit: 1, max_bytes: 1, after: None }), FULL);
    let mode: String = with_writer(&store, |c| c.pragma_query_value(None, "journal_mode", |row| row.get(0)));
    assert_eq!(mode, "wal");
}

#[test]
fn no_question_reads_the_whole_table() {
    let (_dir, store) = opened();
    let plan = |sql: &'static str| {
        with_writer(&store, move |connection| {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let lines = statement.query_map([], |row| row.get::<_, String>(3))?;
            lines.collect::<rusqlite::Result<Vec<String>>>().map(|lines| lines.join("; "))
        })
    };
    let overlap = plan(
        "SELECT body FROM rows WHERE class = 0 AND start_ms >= 1 AND start_ms < 2 AND (end_ms > 1 OR start_ms >= 1)",
    );
    assert!(overlap.contains("rows_span (class=? AND start_ms>? AND start_ms<?)"), "{overlap}");
    let key = plan("SELECT body FROM rows WHERE tab = 1 AND key = 'a' AND live");
    assert!(key.contains("(tab=? AND key=?)"), "{key}");
    let table = plan("SELECT body FROM rows WHERE tab = 1 AND live ORDER BY key");
    assert!(table.contains("(tab=?)") && !table.contains("TEMP B-TREE"), "{table}");
    let due = plan("SELECT entry FROM outbox WHERE NOT stuck AND not_before_ms <= 1 ORDER BY tab, key LIMIT 2");
    assert!(!due.contains("TEMP B-TREE"), "{due}");
    let stuck = plan("SELECT entry FROM outbox WHERE stuck");
    assert!(stuck.contains("outbox_stuck"), "{stuck}");
    // What is counted of the outbox never reads an entry.
    for count in [
        "SELECT count(DISTINCT substr(key, 1, 36)) FROM outbox WHERE NOT stuck",
        "SELECT min(not_before_ms) FROM outbox WHERE NOT stuck AND not_before_ms > 1",
    ] {
        let counted = plan(count);
        assert!(counted.contains("COVERING INDEX outbox_due"), "{count}: {counted}");
    }
    let oldest = plan("SELECT min(since_ms) FROM outbox WHERE since_ms > 0");
    assert!(oldest.contains("SEARCH outbox USING INDEX outbox_since"), "{oldest}");
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let (_dir, store) = opened();
    block_on(store.execute(calendar(1))).unwrap();
    // SQLite's own limit stands for the disk's: the same error, at the same place.
    let limit = |pages: i64| {
        let set =
            move |c: &Connection| c.pragma_update_and_check(None, "max_page_count", pages, |row| row.get::<_, i64>(0));
        with_writer(&store, set)
    };
    let now: i64 = with_writer(&store, |c| c.pragma_query_value(None, "page_count", |row| row.get(0)));
    limit(now + 100);
    let mut saved: u128 = 1;
    let failed = loop {
        match block_on(store.execute(calendar(saved + 1))) {
            Ok(_) => saved += 1,
            Err(error) => break error,
        }
        assert!(saved < 200, "the limit is not felt");
    };
    assert!(matches!(failed, StoreError::Full(_)), "{failed:?}");
    assert_eq!(block_on(store.outbox()).unwrap().len() as u128, saved);
    limit(now + 1000);
    block_on(store.execute(calendar(saved + 1))).unwrap();
    assert_eq!(block_on(store.query(Query::Table(Table::Calendars))).unwrap().len() as u128, saved + 1);
}

#[test]
fn a_wipe_leaves_no_trace_in_the_files() {
    let (dir, store) = opened();
    let columns = |title: &str| {
        let all = Table::Calendars.groups().iter().flat_map(|group| group.columns);
        all.map(|column| ((*column).to_owned(), title.into())).collect::<Columns>()
    };
    let patches = vec![Patch::create(RowRef::calendar(Uuid::from_u128(1)), columns("a secret meeting"))];
    block_on(store.execute(Batch::CommitLocal { patches, at: LocalTime::default() })).unwrap();
    let holds_secret = || {
        let files = std::fs::read_dir(dir.path()).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
        files.into_iter().any(|bytes| bytes.windows(14).any(|window| window == b"secret meeting"))
    };
    assert!(holds_secret());
    block_on(store.wipe()).unwrap();
    assert!(!holds_secret());
}
