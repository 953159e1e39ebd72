//! A survey: one look at every row of the local database, in one read transaction. A store only shows what it has; what
//! is made of it stands here: the digest that is compared with the server's, and what may be forgotten.

use crate::{
    coverage,
    key::RowRef,
    mutation::{Mutation, off},
    order,
    outbox::Entry,
    row::{Row, Span, Stamps},
    store::{StoreError, Stored, SyncState},
    table::{LIFE, Table},
    wire::TableDigest,
};
use md5::{Digest as _, Md5};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What a survey keeps of a row.
#[derive(Clone, Debug)]
pub(crate) enum Fact {
    Event(Uuid, Event),
    Child(Child),
    /// A row that hangs on no event.
    Other {
        at: RowRef,
        live: bool,
        hash: u64,
        life: u64,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Event {
    root: Uuid,
    owner: Option<Uuid>,
    /// None for a dead one.
    span: Option<Span>,
    hash: u64,
    life: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Child {
    at: RowRef,
    event: Uuid,
    live: bool,
    manages: bool,
    hash: u64,
    life: u64,
}

impl Fact {
    pub(crate) fn of(row: &Row) -> Self {
        let (at, live) = (row.at(), row.is_live());
        let hash = row_hash(&at.key, &row.stamps);
        let life = row.stamps.get(LIFE).map_or(0, |stamp| stamp.micros);
        let text = |column: &str| row.columns.get(column).and_then(Value::as_str);
        let id = |column: &str| text(column).and_then(|text| Uuid::parse_str(text).ok());
        match (at.table, at.uuid()) {
            (Table::Events, Some(event)) => {
                let root = id("series_id").unwrap_or(event);
                let span = row.span().filter(|_| live);
                Self::Event(event, Event { root, owner: id("owner_id"), span, hash, life })
            }
            (table, Some(event)) if table.is_event_child() => {
                let manages = text("role") == Some("delegate_full");
                Self::Child(Child { at, event, live, manages, hash, life })
            }
            _ => Self::Other { at, live, hash, life },
        }
    }
}

/// Ids to be found again, in order. (One copy of the code in the download, however many sets there are.)
struct Ids(Vec<Uuid>);

impl Ids {
    #[inline(never)]
    fn of(ids: &mut dyn Iterator<Item = Uuid>) -> Self {
        let mut ids: Vec<Uuid> = ids.collect();
        order::sort(&mut ids);
        Self(ids)
    }

    #[inline(never)]
    fn has(&self, id: Uuid) -> bool {
        self.0.binary_search(&id).is_ok()
    }
}

/// See the module.
#[derive(Default)]
pub struct Survey {
    state: SyncState,
    /// Whether something waits to be sent (stuck entries do not).
    pending: bool,
    entries: BTreeSet<RowRef>,
    /// What the server last had of the rows with stuck entries.
    bases: Vec<(RowRef, Option<Value>)>,
    events: BTreeMap<Uuid, Event>,
    children: Vec<Child>,
    /// Rows that hang on no event: dead ones with the time (µs) of their deletion.
    dead: Vec<(RowRef, u64)>,
    /// Count and sum of hashes, in the order of the tables.
    sums: [(u64, u64); Table::ALL.len()],
    me: Option<Uuid>,
}

impl Survey {
    /// A survey that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Shown first: the sync state.
    pub fn state(&mut self, state: SyncState) {
        self.state = state;
    }

    /// Shown next: every outbox entry.
    pub fn entry(&mut self, entry: &Entry) {
        self.pending |= entry.stuck.is_none();
        self.entries.insert(entry.at.clone());
        self.bases.push((entry.at.clone(), entry.base.clone()));
    }

    /// Shown last: every row, tombstones too, in any order.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it does not read.
    pub fn row(&mut self, stored: &Stored) -> Result<(), StoreError> {
        self.fact(&stored.at, Fact::of(&stored.row()?));
        Ok(())
    }

    /// The same of a row that was read before.
    pub(crate) fn fact(&mut self, at: &RowRef, fact: Fact) {
        // What is stuck differs from the server's for a known reason: its base speaks for it.
        let counted = !self.entries.contains(at) || off(Mutation::BaseSpeaksForStuck);
        self.keep(fact, counted);
    }

    fn keep(&mut self, fact: Fact, counted: bool) {
        match fact {
            Fact::Event(id, event) => {
                self.events.insert(id, event);
            }
            Fact::Child(child) => self.children.push(child),
            Fact::Other { at, live, hash, life } => {
                if at.table == Table::Profiles {
                    self.me = at.uuid();
                }
                if !live {
                    self.dead.push((at, life));
                } else if counted {
                    self.add(at.table, hash);
                }
            }
        }
    }

    fn add(&mut self, table: Table, hash: u64) {
        let (count, sum) = &mut self.sums[table as usize];
        *count += 1;
        *sum = sum.wrapping_add(hash);
    }

    /// The state that was surveyed.
    #[must_use]
    pub const fn surveyed(&self) -> &SyncState {
        &self.state
    }

    /// Whether something waited to be sent: then the server holds other rows for a good reason.
    #[must_use]
    pub const fn is_pending(&self) -> bool {
        self.pending
    }

    /// The roots of families that belong to the coverage: one of their live rows overlaps it.
    fn covered(&self) -> Ids {
        let touches = |span: Span| {
            self.state.coverage.iter().any(|(start, end)| span.overlaps(Span { start: *start, end: *end }))
        };
        Ids::of(&mut self.events.values().filter(|event| event.span.is_some_and(touches)).map(|event| event.root))
    }

    #[inline(never)]
    fn event(&self, id: Uuid) -> Option<&Event> {
        self.events.get(&id)
    }

    /// The series of an exception, else the event itself.
    fn root(&self, id: Uuid) -> Uuid {
        self.event(id).map_or(id, |event| event.root)
    }

    /// Count and hash of each table, as `sync_digest` gives them (`docs/wire.md`).
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when what a stuck entry remembers of the server does not read.
    pub fn digest(mut self) -> Result<Vec<(Table, TableDigest)>, StoreError> {
        for (at, base) in std::mem::take(&mut self.bases) {
            if off(Mutation::BaseSpeaksForStuck) {
                break;
            }
            self.forget(&at);
            if let Some(base) = base {
                self.keep(Fact::of(&Row::from_json(at.table, base)?), true);
            }
        }
        let covered = self.covered();
        let seen = |event: &Event| event.span.is_some() && covered.has(event.root);
        let mut counted: Vec<(Table, u64)> =
            self.events.values().filter(|event| seen(event)).map(|event| (Table::Events, event.hash)).collect();
        let own = self.me.map(|me| me.to_string()).unwrap_or_default();
        let governs = |child: &&Child| child.at.table == Table::Roles && child.live && child.manages;
        let mine = |child: &&Child| self.me.is_some() && child.at.key.ends_with(&own);
        let delegated = Ids::of(&mut self.children.iter().filter(governs).filter(mine).map(|child| child.event));
        for child in self.children.iter().filter(|child| child.live) {
            let Some(event) = self.event(child.event).filter(|event| seen(event)) else { continue };
            // Invitations to oneself are not counted, those that one manages are.
            let manages = self.me.is_none() || event.owner == self.me || delegated.has(event.root);
            if child.at.table != Table::Invites || manages {
                counted.push((child.at.table, child.hash));
            }
        }
        for (table, hash) in counted {
            self.add(table, hash);
        }
        let each = Table::ALL.into_iter().map(|table| {
            let (count, sum) = self.sums[table as usize];
            (table, TableDigest { count, hash: format!("{sum:016x}") })
        });
        Ok(each.collect())
    }

    /// Takes out what was kept of a row, so that its base can stand for it.
    fn forget(&mut self, at: &RowRef) {
        if at.table == Table::Events {
            if let Some(id) = at.uuid() {
                self.events.remove(&id);
            }
        } else {
            self.children.retain(|child| child.at != *at);
        }
    }

    /// Rows that need not be kept: tombstones deleted before that time (µs), with what hangs on them, and, with
    /// `uncovered`, families outside the coverage. Nothing of a family with an unsent edit.
    #[must_use]
    pub fn spare(&self, dead_before: u64, uncovered: bool) -> Vec<RowRef> {
        let covered = self.covered();
        let of_events = self.entries.iter().filter(|at| at.table == Table::Events || at.table.is_event_child());
        let edited = Ids::of(&mut of_events.filter_map(RowRef::uuid).map(|id| self.root(id)));
        let is_old = |life: u64| life > 0 && life < dead_before;
        let mut spare: Vec<RowRef> = self
            .dead
            .iter()
            .filter(|(at, life)| is_old(*life) && !self.entries.contains(at))
            .map(|(at, _)| at.clone())
            .collect();
        // A family that is dead as a whole has no place in time: its tombstones leave by their age.
        let living = self.events.values().filter(|event| event.span.is_some());
        let alive = Ids::of(&mut living.map(|event| event.root));
        let event_goes = |id: Uuid| {
            let root = self.root(id);
            let dead = self.event(id).is_some_and(|event| event.span.is_none() && is_old(event.life));
            let outside = uncovered && alive.has(root) && !covered.has(root);
            (dead || outside) && !edited.has(root)
        };
        spare.extend(self.events.keys().filter(|id| event_goes(**id)).map(|id| RowRef::event(*id)));
        let child_goes = |child: &Child| {
            let dead = !child.live && is_old(child.life) && !edited.has(self.root(child.event));
            dead || event_goes(child.event)
        };
        spare.extend(self.children.iter().filter(|child| child_goes(child)).map(|child| child.at.clone()));
        // Children before their event: whatever stops half-way leaves no orphans.
        order::sort(&mut spare);
        spare.reverse();
        spare
    }
}

/// The first 64 bits of `md5(key | group=stamp,…)`, groups in the order of their bytes.
fn row_hash(key: &str, stamps: &Stamps) -> u64 {
    let mut md5 = Md5::new();
    md5.update(key);
    md5.update("|");
    for (number, (group, stamp)) in stamps.iter().enumerate() {
        md5.update(if number == 0 { "" } else { "," });
        md5.update(group);
        md5.update("=");
        md5.update(stamp.bytes());
    }
    let hash = md5.finalize();
    hash.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// What a digest needs of a row, for servers in tests: it holds until the row changes.
#[derive(Clone, Debug)]
pub struct Glance(Fact);

impl Glance {
    /// A look at the row.
    #[must_use]
    pub fn of(row: &Row) -> Self {
        Self(Fact::of(row))
    }
}

/// The digest of these rows, for servers in tests: the coverage decides which events count.
///
/// # Errors
/// [`StoreError::Corrupt`] when one does not read.
pub fn digest_of<'a>(
    rows: impl IntoIterator<Item = &'a Row>,
    spans: &[(i64, i64)],
) -> Result<Vec<(Table, TableDigest)>, StoreError> {
    digest_at_a_glance(rows.into_iter().map(Glance::of), spans)
}

/// The same of rows that were looked at before.
///
/// # Errors
/// As [`digest_of`].
pub fn digest_at_a_glance(
    rows: impl IntoIterator<Item = Glance>,
    spans: &[(i64, i64)],
) -> Result<Vec<(Table, TableDigest)>, StoreError> {
    let mut covered = Vec::new();
    for span in spans {
        coverage::add(&mut covered, *span);
    }
    let mut survey = Survey { state: SyncState { coverage: covered, ..SyncState::default() }, ..Survey::default() };
    for Glance(fact) in rows {
        survey.keep(fact, true);
    }
    survey.digest()
}
