//! Random histories on the store and on core's in-memory store: outcomes, rows, outbox and state stay the same.
//!
//! A seed makes one history; a failure names it, so that it can be run alone.

use crate::{Fixture, data::*};
use almanac_core::{
    Uuid,
    key::RowRef,
    memory::MemoryStore,
    outbox::{Entry, StuckReason},
    patch::Patch,
    row::{Row, Span},
    stamp::{DeviceId, Stamp},
    store::{Batch, LocalTime, Query, RemoteBatch, ResyncStep, Settlement, Store, Verdict},
    survey::Survey,
    table::Table,
    time::FAR_FUTURE_MS,
};
use serde_json::Value;

/// Ids of events in play: few, so that edits meet.
const EVENTS: u64 = 6;
/// Batches in a history.
const STEPS: u64 = 30;

pub(crate) async fn random_histories_end_as_in_memory(fixture: &dyn Fixture) {
    let one = fixture.connect().await;
    let two = fixture.connect().await;
    for seed in 0..fixture.histories() {
        one.wipe().await.expect("the wipe commits");
        history(seed, [&*one, &*two]).await;
    }
}

async fn history(seed: u64, stores: [&dyn Store; 2]) {
    let model = MemoryStore::new();
    let mut game = Game { random: Random(seed), seconds: 0, sent: Vec::new(), head: 1 };
    for store in [stores[0], &model] {
        named(store).await;
    }
    for step in 0..STEPS {
        let batch = game.batch();
        let store = game.random.pick(&stores);
        let expected = model.execute(batch.clone()).await.map_err(|e| e.to_string());
        let got = store.execute(batch.clone()).await.map_err(|e| e.to_string());
        assert_eq!(got, expected, "seed {seed}, step {step}: {batch:?}");
        if let Ok(outcome) = expected {
            game.sent.extend(outcome.taken);
        }
        let reader = game.random.pick(&stores);
        compare(reader, &model, &mut game.random, &format!("seed {seed}, step {step}: {batch:?}")).await;
    }
}

/// All that can be read.
async fn compare(store: &dyn Store, model: &MemoryStore, random: &mut Random, context: &str) {
    let ids: Vec<Uuid> = (1..=u128::from(EVENTS)).map(id).collect();
    assert_eq!(everything(store, &ids).await, everything(model, &ids).await, "{context}");
    let now_ms = after(random.below(3000)).wall_ms;
    let count = |waiting: Result<_, _>| waiting.expect("the outbox is counted");
    assert_eq!(count(store.waiting(now_ms).await), count(model.waiting(now_ms).await), "{context}");
    let here = store.survey(Survey::new()).await.expect("everything is shown");
    let there = model.survey(Survey::new()).await.expect("everything is shown");
    assert_eq!(here.spare(u64::MAX, true), there.spare(u64::MAX, true), "{context}");
    assert_eq!(here.digest().ok(), there.digest().ok(), "{context}");
    let from = i64::try_from(random.below(100)).expect("small") * DAY - 40 * DAY;
    let days = random.pick(&[0, 1, 7, 40]);
    for question in [
        Query::Events { span: span(from, days * DAY), user: random.pick(&users()) },
        Query::Search { text: random.pick(&["lunch", "r", "\"quoted\""]).to_owned(), limit: 3 },
    ] {
        assert_eq!(
            query(store, question.clone()).await,
            query(model, question.clone()).await,
            "{question:?}: {context}"
        );
    }
    let at = RowRef::overlay(random.pick(&ids), me());
    assert_eq!(get(store, &at).await, get(model, &at).await, "{context}");
}

fn users() -> [Uuid; 2] {
    [me(), id(0xbeef)]
}

/// What is known while a history goes on.
struct Game {
    random: Random,
    seconds: u64,
    /// Entries taken at some time, answered or not.
    sent: Vec<Entry>,
    head: u64,
}

impl Game {
    fn batch(&mut self) -> Batch {
        self.seconds += self.random.below(100);
        match self.random.below(20) {
            0..=6 => Batch::CommitLocal { patches: self.patches(), at: self.time() },
            7..=10 => self.page(),
            11..=13 => Batch::OutboxTake {
                now_ms: self.time().wall_ms,
                limit: usize::try_from(self.random.below(5)).expect("small"),
                max_bytes: self.random.pick(&[1, 2000, 1_000_000]),
                after: None,
            },
            14..=16 => self.settle(),
            17 => match self.random.below(4) {
                0 => Batch::Retry(self.at()),
                1 => Batch::Discard(self.at()),
                2 => Batch::ShiftStamps { by_micros: 1_000_000, now: self.time().now },
                _ => Batch::ShiftRefused {
                    taken: self.sent.iter().rev().take(3).cloned().collect(),
                    now: self.time().now,
                },
            },
            18 => Batch::BeginResync {
                window: (MONDAY, MONDAY + DAY),
                new_epoch: self.random.once_in(2),
                repair_since: None,
            },
            _ => self.resync_page(),
        }
    }

    fn time(&mut self) -> LocalTime {
        LocalTime { adjusted: !self.random.once_in(3), ..after(self.seconds) }
    }

    fn at(&mut self) -> RowRef {
        let (number, user) = (u128::from(1 + self.random.below(EVENTS)), self.random.pick(&users()));
        match self.random.below(8) {
            0 => RowRef::calendar(id(number)),
            1 | 2 => RowRef::overlay(id(number), user),
            3 => RowRef::role(id(number), user),
            4 => RowRef::invite(id(number), self.random.pick(&["ana@example.org", "bo@example.org"])),
            _ => RowRef::event(id(number)),
        }
    }

    fn span(&mut self) -> Span {
        let start = i64::try_from(self.random.below(90)).expect("small") * DAY - 30 * DAY;
        match self.random.below(5) {
            0 => Span { start: MONDAY + start, end: FAR_FUTURE_MS },
            1 => span(start, 20 * DAY),
            2 => span(start, 0),
            _ => span(start, HOUR),
        }
    }

    fn columns(&mut self, table: Table) -> almanac_core::row::Columns {
        let title = self.random.pick(&["Lunch", "Dinner", "a \"quoted\" word"]);
        match table {
            Table::Events => event(title, self.span()),
            Table::Overlays => columns(table, [("reminders", Value::from(vec![self.random.below(9)]))]),
            Table::Roles | Table::Invites => {
                columns(table, [("role", Value::from(self.random.pick(&["viewer", "contributor"])))])
            }
            _ => columns(table, [("name", Value::from(title)), ("position", Value::from(self.random.below(9)))]),
        }
    }

    fn patches(&mut self) -> Vec<Patch> {
        (0..=self.random.below(3))
            .map(|_| {
                let at = self.at();
                let fixed = |column: &str| at.table.fixed_columns().contains(&column);
                match self.random.below(8) {
                    0 => Patch::delete(at),
                    1 => Patch::restore(at),
                    // Mostly of a row that is there; else the batch is refused by both.
                    2 => {
                        let columns = self.columns(at.table).into_iter().filter(|(c, _)| !fixed(c)).collect();
                        Patch::update(at, columns)
                    }
                    _ => {
                        let initial = self.columns(at.table);
                        let columns = initial.clone().into_iter().filter(|(c, _)| !fixed(c)).take(2).collect();
                        Patch::upsert(at, initial, columns)
                    }
                }
            })
            .collect()
    }

    fn row(&mut self) -> Row {
        let at = self.at();
        let columns = self.columns(at.table);
        let micros = after(self.seconds).now + self.random.below(60_000_000);
        let mut row = server_row(&at, columns, micros);
        if self.random.once_in(3) {
            // (An event whose time nobody ever wrote is none; core's store refuses to keep one.)
            row.stamps.retain(|group, stamp| group == "when" || stamp.micros % 3 == 0 || self.random.once_in(2));
            row.stamps.insert("unknown".to_owned(), Stamp::new(micros, DeviceId(3)));
            row.columns.insert("unknown_column".to_owned(), Value::from("kept"));
        }
        if self.random.once_in(5) { deleted(row, micros + 1) } else { row }
    }

    fn rows(&mut self, up_to: u64) -> Vec<Row> {
        (0..self.random.below(up_to)).map(|_| self.row()).collect()
    }

    fn page(&mut self) -> Batch {
        self.head += self.random.below(3);
        let gone = if self.random.once_in(4) { vec![self.at()] } else { Vec::new() };
        Batch::ApplyRemote(RemoteBatch {
            rows: self.rows(8),
            gone,
            // Now and then an answer that comes too late.
            at: self.head - self.random.below(2),
            cursor: (!self.random.once_in(3)).then_some(self.head),
            coverage: self.random.once_in(3).then(|| (MONDAY, MONDAY + DAY * i64::try_from(self.head).expect("small"))),
            named: if self.random.once_in(8) { vec![self.at()] } else { Vec::new() },
            ..RemoteBatch::default()
        })
    }

    fn resync_page(&mut self) -> Batch {
        let next = self.random.once_in(2).then(|| "more".to_owned());
        let step = ResyncStep { epoch: self.random.pick(&["e1", "e2"]).to_owned(), next, total: Some(7) };
        Batch::ApplyRemote(RemoteBatch {
            rows: self.rows(6),
            at: self.head,
            resync: Some(step),
            ..RemoteBatch::default()
        })
    }

    fn settle(&mut self) -> Batch {
        let mut settlements: Vec<Settlement> = Vec::new();
        for _ in 0..self.random.below(4) {
            if self.sent.is_empty() {
                break;
            }
            let index = self.random.below(self.sent.len() as u64);
            let entry = self.sent.swap_remove(usize::try_from(index).expect("an index"));
            if settlements.iter().all(|other| other.at != entry.at) {
                let verdict = self.verdict(&entry);
                settlements.push(Settlement { at: entry.at, generation: entry.generation, verdict });
            }
        }
        Batch::OutboxSettle { settlements, at: self.head - self.random.below(2) }
    }

    fn verdict(&mut self, entry: &Entry) -> Verdict {
        let mut row = server_row(&entry.at, self.columns(entry.at.table), NOW);
        row.columns.extend(entry.columns.clone());
        row.stamps.extend(entry.groups.clone());
        match self.random.below(5) {
            0 => Verdict::Deferred { until_ms: after(self.seconds + 50).wall_ms },
            1 | 2 => {
                let reason = StuckReason { code: "forbidden".to_owned(), message: String::new() };
                Verdict::Refused { reason, row: self.random.once_in(2).then_some(row) }
            }
            _ => Verdict::Done(row),
        }
    }
}
