//! The simulated server: its own simple reading of `docs/wire.md` on rows in memory. It shares with the client only the
//! merge of two rows (which SQL is checked against) and the row type.
//!
//! A push is a transaction in two halves, so that commit order differs from statement order: [`Server::statements`]
//! checks and merges under row locks, [`Server::commit`] makes the rows visible and only then numbers them in the feeds.

use crate::{
    exec::lock,
    rules::{WorldRule, off},
};
use almanac_core::{
    Uuid,
    key::RowRef,
    merge::merge_into,
    outbox::Entry,
    row::{Row, Span},
    survey::{Glance, digest_at_a_glance},
    table::{LIFE, Table},
    wire::{DigestAnswer, Head, PageAnswer, PullAnswer, PushAnswer, TableDigest, WireRow, WireVerdict},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Mutex,
};

/// Stamps further ahead of the server's clock than this are refused: 5 min.
const AHEAD_MICROS: u64 = 5 * 60 * 1_000_000;

/// Tombstones are collected after this: 60 s, for the 90 days of the real one.
const OLD_MICROS: u64 = 60 * 1_000_000;

/// Invitations are counted over this: 1 min.
const INVITES_MICROS: u64 = 60 * 1_000_000;

/// Numbers a transaction takes too early, with that rule switched off.
const RESERVED: u64 = 200;

#[derive(Clone, Default)]
struct Feed {
    head: u64,
    floor: u64,
    by_seq: BTreeMap<u64, RowRef>,
    by_ref: HashMap<RowRef, u64>,
}

impl Feed {
    fn number(&mut self, at: &RowRef) {
        self.head += 1;
        self.number_as(at, self.head);
    }

    fn number_as(&mut self, at: &RowRef, seq: u64) {
        if let Some(old) = self.by_ref.insert(at.clone(), seq) {
            self.by_seq.remove(&old);
        }
        self.by_seq.insert(seq, at.clone());
    }
}

/// What a backup holds.
#[derive(Clone, Default)]
struct Data {
    rows: BTreeMap<RowRef, Row>,
    feeds: BTreeMap<Uuid, Feed>,
}

/// A transaction between its statements and its commit.
pub(crate) struct Tx {
    writes: BTreeMap<RowRef, Row>,
    /// Whose statements they are; none for plain SQL.
    writer: Option<Uuid>,
    /// Numbers taken before the commit: only with the rule against that switched off.
    reserved: BTreeMap<Uuid, u64>,
    locks: Vec<RowRef>,
    epoch: u64,
}

/// See the module.
pub(crate) struct Server {
    data: Data,
    backup: Option<Data>,
    users: Vec<Uuid>,
    epoch: u64,
    /// The epoch of the real server that this one mirrors.
    epoch_name: Option<String>,
    locks: BTreeSet<RowRef>,
    /// Tombstones that were collected, for the checks.
    pub(crate) collected: BTreeMap<RowRef, Row>,
    /// When invitations were made.
    invited: Vec<u64>,
    /// Rows that lie: an entry for them makes every request fail.
    pub(crate) poison: BTreeSet<RowRef>,
    /// Commits so far, and by which of them a deleted row came back to life, for the checks.
    pub(crate) commits: u64,
    revived: BTreeMap<RowRef, u64>,
    /// Rows a restore took away, for the checks.
    pub(crate) restores: u64,
    /// Digests of the data as they are: whoever changes them forgets all.
    digests: Digests,
    /// What digests are made of, as far as it was asked for.
    glances: BTreeMap<RowRef, Glance>,
    /// Which events are seen by whom, as far as it was asked.
    seen: Mutex<BTreeMap<(Uuid, Uuid), bool>>,
    /// Rows as answers have them, as far as they were asked for.
    told: Mutex<BTreeMap<RowRef, Value>>,
}

/// Digests by user and coverage.
type Digests = HashMap<(Uuid, Vec<(i64, i64)>), Vec<(Table, TableDigest)>>;

/// Why an entry is refused.
type Refused = (&'static str, String);

impl Server {
    pub(crate) fn new(users: &[Uuid]) -> Self {
        let feeds = users.iter().map(|user| (*user, Feed::default())).collect();
        Self {
            data: Data { rows: BTreeMap::new(), feeds },
            backup: None,
            users: users.to_vec(),
            epoch: 1,
            epoch_name: None,
            locks: BTreeSet::new(),
            collected: BTreeMap::new(),
            invited: Vec::new(),
            poison: BTreeSet::new(),
            commits: 0,
            revived: BTreeMap::new(),
            restores: 0,
            digests: HashMap::new(),
            glances: BTreeMap::new(),
            told: Mutex::default(),
            seen: Mutex::default(),
        }
    }

    pub(crate) fn epoch_text(&self) -> String {
        self.epoch_name.clone().unwrap_or_else(|| epoch_text(self.epoch))
    }

    /// Becomes the mirror of a real server: what it holds now. The users whose feeds moved.
    pub(crate) fn mirror(&mut self, seen: crate::real::Seen) -> Vec<Uuid> {
        let rows: BTreeMap<RowRef, Row> = seen.rows.into_iter().map(|row| (row.at(), row)).collect();
        for (at, row) in &self.data.rows {
            if !rows.contains_key(at) {
                self.collected.insert(at.clone(), row.clone());
            }
        }
        let mut moved = Vec::new();
        let mut feeds = BTreeMap::new();
        for seen in seen.feeds {
            if seen.head > self.head(seen.user) {
                moved.push(seen.user);
            }
            let mut feed = Feed { head: seen.head, floor: seen.floor, ..Feed::default() };
            for (seq, at) in seen.entries {
                feed.number_as(&at, seq);
            }
            feeds.insert(seen.user, feed);
        }
        self.data = Data { rows, feeds };
        self.forget();
        self.epoch_name = Some(seen.epoch);
        moved
    }

    /// Forgets what was found out about the rows.
    fn forget(&mut self) {
        self.digests.clear();
        lock(&self.seen).clear();
        self.glances.clear();
        lock(&self.told).clear();
    }

    pub(crate) fn rows(&self) -> &BTreeMap<RowRef, Row> {
        &self.data.rows
    }

    fn head(&self, user: Uuid) -> u64 {
        self.data.feeds.get(&user).map_or(0, |feed| feed.head)
    }

    /// The feed's entries after a number, up to another.
    pub(crate) fn fed(&self, user: Uuid, after: u64, until: u64) -> impl Iterator<Item = &RowRef> {
        self.data.feeds.get(&user).into_iter().flat_map(move |feed| {
            feed.by_seq.range(after.saturating_add(1)..).take_while(move |(seq, _)| **seq <= until).map(|(_, at)| at)
        })
    }

    fn answer_head(&self, now: u64) -> Head {
        Head { now, epoch: self.epoch_text() }
    }

    // ---- Rights -------------------------------------------------------------------------------------------------

    fn is_visible(rows: &Rows<'_>, user: Uuid, at: &RowRef) -> bool {
        let Some(row) = rows.get(at) else { return false };
        match at.table {
            Table::Profiles => at.uuid() == Some(user),
            Table::Personas | Table::Calendars | Table::Categories => text(row, "user_id") == Name::of(user).text(),
            Table::Events => at.uuid().is_some_and(|id| rows.role(user, id).is_some()),
            Table::Overlays => at.key.ends_with(Name::of(user).text()) && rows.sees_parent(user, at),
            Table::Roles => rows.sees_parent(user, at),
            Table::Invites => rows.role_at_parent(user, at).is_some_and(Right::governs),
        }
    }

    /// Whether the user sees the row now.
    pub(crate) fn sees(&self, user: Uuid, at: &RowRef) -> bool {
        let rows = self.view(None);
        let event = match at.table {
            Table::Events => at.uuid(),
            Table::Overlays if !at.key.ends_with(Name::of(user).text()) => return false,
            Table::Overlays | Table::Roles => at.parent_event(),
            _ => return Self::is_visible(&rows, user, at),
        };
        let Some(event) = event.filter(|_| self.data.rows.contains_key(at)) else { return false };
        let sees = || self.data.rows.contains_key(&RowRef::event(event)) && rows.role(user, event).is_some();
        *lock(&self.seen).entry((user, event)).or_insert_with(sees)
    }

    fn view<'a>(&'a self, tx: Option<&'a Tx>) -> Rows<'a> {
        Rows { committed: &self.data.rows, writes: tx.map(|tx| &tx.writes) }
    }

    // ---- Push ---------------------------------------------------------------------------------------------------

    /// Locks what the entries touch, or says that another transaction holds some of it.
    pub(crate) fn begin(&mut self, entries: &[Entry]) -> Option<Tx> {
        let mut locks = BTreeSet::new();
        for entry in entries {
            locks.insert(entry.at.clone());
            if let Some(event) =
                entry.at.parent_event().or_else(|| entry.at.uuid().filter(|_| entry.at.table == Table::Events))
            {
                locks.insert(RowRef::event(self.view(None).root(event)));
            }
            let series = entry.columns.get("series_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
            locks.extend(series.map(RowRef::event));
        }
        if locks.iter().any(|at| self.locks.contains(at)) {
            return None;
        }
        self.locks.extend(locks.iter().cloned());
        Some(Tx {
            writes: BTreeMap::new(),
            writer: None,
            reserved: BTreeMap::new(),
            locks: locks.into_iter().collect(),
            epoch: self.epoch,
        })
    }

    /// Rolls back.
    pub(crate) fn abort(&mut self, tx: &Tx) {
        for at in &tx.locks {
            self.locks.remove(at);
        }
    }

    /// The statements of a push: verdicts, with the writes kept in the transaction.
    pub(crate) fn statements(
        &mut self,
        tx: &mut Tx,
        user: Uuid,
        entries: &[Entry],
        now: u64,
        invites: usize,
    ) -> PushAnswer {
        let head = self.answer_head(now);
        let ahead = entries.iter().flat_map(|e| e.groups.values()).any(|stamp| stamp.micros > now + AHEAD_MICROS);
        if ahead {
            return PushAnswer { head, at: 0, results: Vec::new(), error: Some("clock_ahead".to_owned()) };
        }
        tx.writer = Some(user);
        let results = entries.iter().map(|entry| self.limited(tx, user, entry, now, invites)).collect();
        if off(WorldRule::NumbersAtCommit) {
            for (user, feed) in &mut self.data.feeds {
                tx.reserved.insert(*user, feed.head);
                feed.head += RESERVED;
            }
        }
        PushAnswer { head, at: self.head(user), results, error: None }
    }

    /// One more invitation than the server takes in a minute is refused for the rest of it.
    fn limited(&mut self, tx: &mut Tx, user: Uuid, entry: &Entry, now: u64, most: usize) -> WireVerdict {
        if entry.at.table != Table::Invites || most == usize::MAX {
            return self.entry(tx, user, entry);
        }
        self.invited.retain(|at| at + INVITES_MICROS > now);
        if let (true, Some(first)) = (self.invited.len() >= most, self.invited.first()) {
            let left = (first + INVITES_MICROS).saturating_sub(now) / 1_000_000;
            return WireVerdict {
                table: entry.at.table.name().to_owned(),
                key: entry.at.key.clone(),
                generation: entry.generation,
                status: "refused".to_owned(),
                code: Some("rate_limited".to_owned()),
                message: None,
                retry_after: Some(u32::try_from(left).unwrap_or(u32::MAX) + 1),
                row: None,
            };
        }
        self.invited.push(now);
        self.entry(tx, user, entry)
    }

    fn entry(&self, tx: &mut Tx, user: Uuid, entry: &Entry) -> WireVerdict {
        let result = self.merged(tx, user, entry);
        let shown = |row: &Row| Some(row.to_json());
        let (status, code, message, row) = match result {
            Ok(row) => {
                let json = shown(&row);
                tx.writes.insert(entry.at.clone(), row);
                ("done", None, None, json)
            }
            Err((code, message)) => {
                let view = self.view(Some(tx));
                let row = view.get(&entry.at).filter(|_| Self::is_visible(&view, user, &entry.at)).and_then(shown);
                ("refused", Some(code.to_owned()), Some(message), row)
            }
        };
        WireVerdict {
            table: entry.at.table.name().to_owned(),
            key: entry.at.key.clone(),
            generation: entry.generation,
            status: status.to_owned(),
            code,
            message,
            retry_after: None,
            row,
        }
    }

    fn merged(&self, tx: &Tx, user: Uuid, entry: &Entry) -> Result<Row, Refused> {
        let rows = self.view(Some(tx));
        let incoming = Row { table: entry.at.table, columns: entry.columns.clone(), stamps: entry.groups.clone() };
        let current = rows.get(&entry.at);
        if current.is_none() {
            self.check_parents(&rows, entry)?;
            let whole = entry.at.table.groups().iter().all(|group| entry.groups.contains_key(group.name));
            if !whole {
                return Err(("missing", "the row is not there".to_owned()));
            }
        } else if entry.groups.contains_key("calendar") {
            self.check_parents(&rows, entry)?;
        }
        check_rights(&rows, user, &entry.at, current, &incoming)?;
        if off(WorldRule::ServerMerges) {
            let mut row = current.unwrap_or(&incoming).clone();
            row.columns.extend(incoming.columns);
            row.stamps.extend(incoming.stamps);
            return Ok(row);
        }
        let current = current.cloned().unwrap_or_else(|| incoming.clone());
        Ok(merge_into(current, &incoming))
    }

    fn check_parents(&self, rows: &Rows<'_>, entry: &Entry) -> Result<(), Refused> {
        match entry.parents().into_iter().find(|parent| rows.get(parent).is_none()) {
            Some(parent) => Err(("parent_missing", format!("{parent} is not there"))),
            None => Ok(()),
        }
    }

    /// Makes the writes visible and numbers them. False: the database was restored meanwhile, nothing was written.
    /// The users whose feeds moved.
    pub(crate) fn commit(&mut self, tx: Tx) -> Option<Vec<Uuid>> {
        if tx.epoch != self.epoch {
            return None;
        }
        self.abort(&tx);
        let touched: BTreeSet<RowRef> = tx
            .writes
            .iter()
            .filter(|(at, row)| self.data.rows.get(at) != Some(row))
            .map(|(at, _)| at.clone())
            .collect();
        // Who could see what before, and who can after: a change of either numbers the row, content or not.
        let mut concerned = families(&self.view(Some(&tx)), &touched);
        concerned.extend(touched.iter().cloned());
        // What hangs on an event travels with it, also to a device that did not hold the event, because it was deleted or
        // outside the window when that device began.
        let arriving = self.arriving(&tx, &touched);
        let saw: Vec<(Uuid, RowRef, bool)> = {
            let view = self.view(None);
            let each = |user: Uuid| concerned.iter().map(move |at| (user, at.clone()));
            self.users
                .iter()
                .flat_map(|user| each(*user))
                .map(|(user, at)| (user, at.clone(), Self::is_visible(&view, user, &at)))
                .collect()
        };
        self.commits += 1;
        let is_dead = |at: &&RowRef| self.data.rows.get(*at).is_some_and(|row| !row.is_live());
        let revived = tx.writes.iter().filter(|(_, row)| row.is_live()).map(|(at, _)| at).filter(is_dead);
        self.revived.extend(revived.map(|at| (at.clone(), self.commits)));
        self.digests.clear();
        lock(&self.seen).clear();
        for at in tx.writes.keys() {
            self.glances.remove(at);
            lock(&self.told).remove(at);
        }
        self.data.rows.extend(tx.writes);
        if off(WorldRule::TombstonesStay) {
            self.data.rows.retain(|_, row| row.is_live());
        }
        let (mut moved, mut reserved) = (Vec::new(), tx.reserved);
        for (user, at, saw) in saw {
            let sees = self.sees(user, &at);
            let lost = saw && !sees && !off(WorldRule::GoneIsFed);
            let given = !saw && sees && !off(WorldRule::GrantFeedsAll);
            // One's own write is noted even where the same transaction takes the right to see it away.
            let wrote = touched.contains(&at) && (sees || tx.writer == Some(user));
            if lost || given || wrote || (sees && arriving.contains(&at)) {
                let feed = self.data.feeds.entry(user).or_default();
                match reserved.get_mut(&user) {
                    Some(last) => {
                        *last += 1;
                        feed.number_as(&at, *last);
                    }
                    None => feed.number(&at),
                }
                if !moved.contains(&user) {
                    moved.push(user);
                }
            }
        }
        Some(moved)
    }

    /// The rows of events that move in time or are revived by this transaction, and of series that get an exception.
    fn arriving(&self, tx: &Tx, touched: &BTreeSet<RowRef>) -> BTreeSet<RowRef> {
        let moves = |at: &RowRef| {
            let Some(new) = tx.writes.get(at).filter(|new| at.table == Table::Events && new.is_live()) else {
                return false;
            };
            match self.data.rows.get(at) {
                Some(old) => old.span() != new.span() || !old.is_live(),
                None => new.columns.get("series_id").is_some_and(|series| !series.is_null()),
            }
        };
        if off(WorldRule::ChildrenTravel) {
            return BTreeSet::new();
        }
        families(&self.view(Some(tx)), &touched.iter().filter(|at| moves(at)).cloned().collect())
    }

    /// An edit by plain SQL: the trigger stamps it, `step` µs (1..=1,000) beyond a row that is ahead of the clock.
    pub(crate) fn sql_edit(
        &mut self,
        at: &RowRef,
        (column, value): (&str, Value),
        now: u64,
        step: u64,
    ) -> Option<Vec<Uuid>> {
        if self.locks.contains(at) {
            return None;
        }
        let mut row = self.data.rows.get(at)?.clone();
        let group = at.table.group_of(column)?;
        let stamp = almanac_core::stamp::Stamp::new(now.max(row.updated_at() + step), almanac_core::stamp::DeviceId(0));
        row.columns.insert(column.to_owned(), value);
        row.stamps.insert(group.name.to_owned(), stamp);
        almanac_core::merge::normalise_life(&mut row);
        let tx = Tx {
            writes: BTreeMap::from([(at.clone(), row)]),
            writer: None,
            reserved: BTreeMap::new(),
            locks: Vec::new(),
            epoch: self.epoch,
        };
        self.commit(tx)
    }

    // ---- Reads --------------------------------------------------------------------------------------------------

    fn wire_row(&self, user: Uuid, at: &RowRef, seq: Option<u64>) -> WireRow {
        let row = self.data.rows.get(at).filter(|_| self.sees(user, at)).map(|row| {
            let mut told = lock(&self.told);
            told.entry(at.clone()).or_insert_with(|| row.to_json()).clone()
        });
        WireRow { table: at.table.name().to_owned(), key: at.key.clone(), seq, gone: row.is_none(), row }
    }

    pub(crate) fn pull(&self, user: Uuid, after: u64, limit: usize, now: u64) -> PullAnswer {
        let head = self.answer_head(now);
        let Some(feed) = self.data.feeds.get(&user) else {
            return PullAnswer { head, at: 0, floor: 0, changes: Vec::new(), resync: None };
        };
        let resync = if after > feed.head {
            Some("head")
        } else if after < feed.floor {
            Some("floor")
        } else {
            None
        };
        let changes = match resync {
            Some(_) => Vec::new(),
            None => feed
                .by_seq
                .range(after.saturating_add(1)..)
                .take(limit)
                .map(|(seq, at)| self.wire_row(user, at, Some(*seq)))
                .collect(),
        };
        PullAnswer { head, at: feed.head, floor: feed.floor, changes, resync: resync.map(str::to_owned) }
    }

    /// A page of everything but events outside the window; with `only_events` a page of the window alone.
    pub(crate) fn page(
        &self,
        user: Uuid,
        window: (i64, i64),
        after: Option<&str>,
        limit: usize,
        only_events: bool,
        now: u64,
    ) -> PageAnswer {
        let rows = self.view(None);
        let overlapping = rows.overlapping(window);
        let wanted = |at: &RowRef, row: &Row| {
            let in_window = match at.table {
                Table::Events => at.uuid().is_some_and(|id| overlapping.contains(&series(row).unwrap_or(id))),
                table if table.is_event_child() => {
                    at.parent_event().is_some_and(|id| overlapping.contains(&rows.root(id)))
                }
                _ => !only_events,
            };
            row.is_live() && in_window && self.sees(user, at)
        };
        let mut found: Vec<&RowRef> =
            self.data.rows.iter().filter(|(at, row)| wanted(at, row)).map(|(at, _)| at).collect();
        let total = after.is_none().then_some(found.len() as u64);
        found.retain(|at| after.is_none_or(|after| page_key(at).as_str() > after));
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|at| page_key(at));
        let rows = found.into_iter().map(|at| self.wire_row(user, at, None)).collect();
        PageAnswer { head: self.answer_head(now), at: self.head(user), rows, next, total }
    }

    pub(crate) fn some_rows(&self, user: Uuid, refs: &[RowRef], now: u64) -> PageAnswer {
        let rows = refs.iter().map(|at| self.wire_row(user, at, None)).collect();
        PageAnswer { head: self.answer_head(now), at: self.head(user), rows, next: None, total: None }
    }

    /// Count and hash of what the user may see. (The arithmetic is core's; it is checked against the SQL by the tests of
    /// `crates/supabase`.)
    pub(crate) fn digest(&mut self, user: Uuid, coverage: &[(i64, i64)], now: u64) -> DigestAnswer {
        let asked = (user, coverage.to_vec());
        let tables = match self.digests.get(&asked) {
            Some(tables) => tables.clone(),
            None => {
                let mut glances = std::mem::take(&mut self.glances);
                let seen = |(at, row): &(&RowRef, &Row)| row.is_live() && self.sees(user, at);
                let glance = |(at, row): (&RowRef, &Row)| match glances.get(at) {
                    Some(glance) => glance.clone(),
                    None => glances.entry(at.clone()).or_insert(Glance::of(row)).clone(),
                };
                let rows = self.data.rows.iter().filter(seen).map(glance);
                let tables = digest_at_a_glance(rows, coverage).unwrap_or_default();
                self.glances = glances;
                self.digests.insert(asked, tables.clone());
                tables
            }
        };
        DigestAnswer::new(self.answer_head(now), self.head(user), tables)
    }

    // ---- The operator -------------------------------------------------------------------------------------------

    /// Takes a backup.
    pub(crate) fn back_up(&mut self) {
        self.backup = Some(self.data.clone());
    }

    /// Restores the backup, as another epoch. False: there is none.
    pub(crate) fn restore(&mut self) -> bool {
        let Some(data) = self.backup.clone() else { return false };
        self.data = data;
        self.forget();
        self.epoch += 1;
        self.restores += 1;
        self.locks.clear();
        true
    }

    /// Whether the row was dead for a time since that commit.
    pub(crate) fn was_dead_since(&self, at: &RowRef, commit: u64) -> bool {
        self.revived.get(at).is_some_and(|revived| *revived > commit)
    }

    /// Collects old tombstones and raises the floor, children first. Old is older than any request can be under way.
    pub(crate) fn collect(&mut self, now: u64) -> usize {
        let old = |row: &Row| row.stamps.get(LIFE).is_some_and(|stamp| stamp.micros + OLD_MICROS < now);
        let dead: Vec<RowRef> = self
            .data
            .rows
            .iter()
            .filter(|(at, row)| !row.is_live() && old(row) && !self.locks.contains(*at))
            .map(|(at, _)| at.clone())
            .collect();
        let has_child = |at: &RowRef, rows: &BTreeMap<RowRef, Row>| {
            let id = at.key.as_str();
            at.table == Table::Events
                && rows.iter().any(|(r, row)| {
                    r != at && (r.table.is_event_child() && r.key.starts_with(id) || text(row, "series_id") == id)
                })
        };
        self.digests.clear();
        lock(&self.seen).clear();
        let mut count = 0;
        for at in dead.into_iter().rev() {
            if has_child(&at, &self.data.rows) || self.is_locked_family(&at) {
                continue;
            }
            lock(&self.told).remove(&at);
            self.glances.remove(&at);
            if let Some(row) = self.data.rows.remove(&at) {
                self.collected.insert(at.clone(), row);
            }
            for feed in self.data.feeds.values_mut() {
                if let Some(seq) = feed.by_ref.remove(&at) {
                    feed.by_seq.remove(&seq);
                    if !off(WorldRule::FloorIsRaised) {
                        feed.floor = feed.floor.max(seq);
                    }
                }
            }
            count += 1;
        }
        count
    }

    fn is_locked_family(&self, at: &RowRef) -> bool {
        let id = at.uuid().map(RowRef::event);
        self.locks.contains(at) || id.is_some_and(|id| self.locks.contains(&id))
    }
}

fn epoch_text(epoch: u64) -> String {
    format!("00000000-0000-4000-8000-{epoch:012}")
}

/// Pages are keyed by table, then key.
fn page_key(at: &RowRef) -> String {
    format!("{}:{}", at.table as u8, at.key)
}

/// An id's text, without an allocation: rights are looked at a thousand times a run.
struct Name([u8; 36]);

impl Name {
    fn of(id: Uuid) -> Self {
        let mut name = Self([0; 36]);
        id.hyphenated().encode_lower(&mut name.0);
        name
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

fn text<'a>(row: &'a Row, column: &str) -> &'a str {
    row.columns.get(column).and_then(Value::as_str).unwrap_or_default()
}

fn series(row: &Row) -> Option<Uuid> {
    row.columns.get("series_id").and_then(Value::as_str).and_then(|id| id.parse().ok())
}

/// The rows of all events touched, by themselves or by what hangs on them.
fn families(rows: &Rows<'_>, touched: &BTreeSet<RowRef>) -> BTreeSet<RowRef> {
    let mut roots = BTreeSet::new();
    for at in touched {
        let event = if at.table == Table::Events { at.uuid() } else { at.parent_event() };
        roots.extend(event.map(|event| rows.root(event)));
    }
    if roots.is_empty() {
        return BTreeSet::new();
    }
    let events: BTreeSet<Uuid> =
        rows.events().filter(|(_, root)| roots.contains(root)).map(|(event, _)| event).collect();
    let in_family = |at: &RowRef| {
        let event = if at.table == Table::Events { at.uuid() } else { at.parent_event() };
        // An event that is not there is its own root.
        let is_root = |event| roots.contains(&event) && rows.get(&RowRef::event(event)).is_none();
        event.is_some_and(|event| events.contains(&event) || is_root(event))
    };
    rows.keys().filter(|at| in_family(at)).cloned().collect()
}

/// What a person may do with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    Owner,
    Delegate,
    Contributor,
    Viewer,
}

impl Right {
    const fn governs(self) -> bool {
        matches!(self, Self::Owner | Self::Delegate)
    }
}

/// Committed rows under a transaction's own writes.
struct Rows<'a> {
    committed: &'a BTreeMap<RowRef, Row>,
    writes: Option<&'a BTreeMap<RowRef, Row>>,
}

impl<'a> Rows<'a> {
    fn get(&self, at: &RowRef) -> Option<&'a Row> {
        self.writes.and_then(|writes| writes.get(at)).or_else(|| self.committed.get(at))
    }

    fn keys(&self) -> impl Iterator<Item = &'a RowRef> {
        self.committed.keys().chain(self.writes.into_iter().flat_map(BTreeMap::keys))
    }

    /// All events, each with the series it belongs to, else with itself.
    fn events(&self) -> impl Iterator<Item = (Uuid, Uuid)> {
        let first = || RowRef { table: Table::Events, key: String::new() }..;
        let written = self.writes.into_iter().flat_map(move |writes| writes.range(first()));
        // What the transaction writes stands for what was there before.
        let committed =
            self.committed.range(first()).filter(|(at, _)| self.writes.is_none_or(|w| !w.contains_key(*at)));
        let events = committed.take_while(|(at, _)| at.table == Table::Events);
        let events = events.chain(written.take_while(|(at, _)| at.table == Table::Events));
        events.filter_map(|(at, row)| at.uuid().map(|id| (id, series(row).unwrap_or(id))))
    }

    /// The series an exception belongs to, else the event itself.
    fn root(&self, event: Uuid) -> Uuid {
        self.get(&RowRef::event(event)).and_then(series).unwrap_or(event)
    }

    fn role(&self, user: Uuid, event: Uuid) -> Option<Right> {
        let own = self.get(&RowRef::event(event));
        let series = own.and_then(series);
        let root = series.unwrap_or(event);
        let row = if series.is_some() { self.get(&RowRef::event(root)) } else { own }?;
        if text(row, "owner_id") == Name::of(user).text() {
            return Some(Right::Owner);
        }
        let role = self.get(&RowRef::role(root, user)).filter(|role| role.is_live())?;
        let is_private = |row: &Row| row.columns.get("private").and_then(Value::as_bool).unwrap_or(false);
        // What is private exists only for its owner and delegates; a private series hides its exceptions.
        let hidden = is_private(row) || own.is_some_and(is_private);
        match text(role, "role") {
            "delegate_full" => Some(Right::Delegate),
            "contributor" if !hidden => Some(Right::Contributor),
            "viewer" if !hidden => Some(Right::Viewer),
            _ => None,
        }
    }

    fn sees_parent(&self, user: Uuid, at: &RowRef) -> bool {
        let event = at.parent_event().filter(|id| self.get(&RowRef::event(*id)).is_some());
        event.is_some_and(|id| self.role(user, id).is_some())
    }

    fn role_at_parent(&self, user: Uuid, at: &RowRef) -> Option<Right> {
        at.parent_event().and_then(|id| self.role(user, id))
    }

    /// The roots of the families of which something living overlaps the window: a series and its exceptions travel together.
    fn overlapping(&self, window: (i64, i64)) -> BTreeSet<Uuid> {
        let window = Span { start: window.0, end: window.1 };
        let events = self
            .committed
            .range(RowRef { table: Table::Events, key: String::new() }..)
            .take_while(|(at, _)| at.table == Table::Events);
        let overlaps = |row: &Row| row.is_live() && row.span().is_some_and(|span| span.overlaps(window));
        events.filter(|(_, row)| overlaps(row)).filter_map(|(at, row)| series(row).or_else(|| at.uuid())).collect()
    }
}

fn check_rights(
    rows: &Rows<'_>,
    user: Uuid,
    at: &RowRef,
    current: Option<&Row>,
    incoming: &Row,
) -> Result<(), Refused> {
    let forbidden = |why: &str| Err(("forbidden", why.to_owned()));
    let writes = |names: &[&str]| incoming.stamps.keys().all(|group| names.contains(&group.as_str()));
    let deletes = !incoming.is_live();
    match at.table {
        Table::Profiles => {
            if at.uuid() == Some(user) {
                Ok(())
            } else {
                forbidden("another's profile")
            }
        }
        Table::Personas | Table::Calendars | Table::Categories => {
            let owner = text(current.unwrap_or(incoming), "user_id");
            if owner == Name::of(user).text() { Ok(()) } else { forbidden("another's row") }
        }
        Table::Events => {
            let Some(current) = current else {
                let series: Option<Uuid> = text(incoming, "series_id").parse().ok();
                let own = text(incoming, "owner_id") == Name::of(user).text();
                let own_series = series.is_none_or(|id| rows.role(user, id) == Some(Right::Owner));
                return if own && own_series { Ok(()) } else { forbidden("made for another") };
            };
            match at.uuid().and_then(|id| rows.role(user, id)) {
                Some(right) if right.governs() => Ok(()),
                Some(Right::Contributor) if writes(&["title", "when", "location", "notes"]) => {
                    if current.is_live() {
                        Ok(())
                    } else {
                        Err(("deleted", "the event was deleted".to_owned()))
                    }
                }
                _ => forbidden("not yours to write"),
            }
        }
        Table::Overlays => {
            let own = at.key.ends_with(Name::of(user).text());
            if own && rows.role_at_parent(user, at).is_some() { Ok(()) } else { forbidden("not your overlay") }
        }
        Table::Roles => {
            let holder = at.key.ends_with(Name::of(user).text());
            match rows.role_at_parent(user, at) {
                Some(right) if right.governs() => {
                    if holder && right != Right::Owner && !writes(&["rsvp", "following", LIFE]) {
                        forbidden("nobody raises their own role")
                    } else if !holder && incoming.columns.get("rsvp").is_some_and(|rsvp| !rsvp.is_null()) {
                        forbidden("nobody answers for another")
                    } else {
                        Ok(())
                    }
                }
                Some(_)
                    if holder
                        && current.is_some()
                        && (writes(&["rsvp", "following"]) || writes(&[LIFE]) && deletes) =>
                {
                    Ok(())
                }
                _ => forbidden("not yours to grant"),
            }
        }
        Table::Invites => {
            if rows.role_at_parent(user, at).is_some_and(Right::governs) {
                Ok(())
            } else {
                forbidden("not yours to invite")
            }
        }
    }
}
