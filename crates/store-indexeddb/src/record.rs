//! Records as JavaScript objects, and where each row is in them.

use crate::error::corrupt;
use almanac_core::{
    key::RowRef,
    outbox::Entry,
    row::Span,
    store::{
        Put, StoreError, Stored,
        layout::{class, state_number, state_of, table_number, table_of},
    },
    table::Table,
};
use js_sys::{Array, JsString, Object, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// One row: body (JSON text), state, seen, live. Names are short because each record carries them.
    #[wasm_bindgen(extends = Object)]
    #[derive(Clone, Debug)]
    pub(crate) type Slot;
    #[wasm_bindgen(method, getter, structural)]
    fn b(this: &Slot) -> Option<JsString>;
    #[wasm_bindgen(method, setter, structural)]
    fn set_b(this: &Slot, body: &str);
    #[wasm_bindgen(method, getter, structural)]
    fn s(this: &Slot) -> Option<u8>;
    #[wasm_bindgen(method, setter, structural)]
    fn set_s(this: &Slot, state: u8);
    #[wasm_bindgen(method, getter, structural)]
    fn n(this: &Slot) -> Option<f64>;
    #[wasm_bindgen(method, setter, structural)]
    fn set_n(this: &Slot, seen: f64);
    #[wasm_bindgen(method, getter, structural)]
    fn l(this: &Slot) -> Option<bool>;
    #[wasm_bindgen(method, setter, structural)]
    fn set_l(this: &Slot, live: bool);

    /// A record of `rows`: table number and key, the row itself as a slot (an event may be missing while what hangs on it is
    /// there), and for a live event the indexed `[class, start]` and the end. `c` holds the slots of what hangs on the
    /// event, by table number and the rest of their key: `"60:<user>"`; `v` is 1 where an invitation is among them.
    #[wasm_bindgen(extends = Slot, extends = Object)]
    #[derive(Clone, Debug)]
    pub(crate) type Record;
    #[wasm_bindgen(method, getter, structural)]
    fn t(this: &Record) -> u8;
    #[wasm_bindgen(method, setter, structural)]
    fn set_t(this: &Record, table: u8);
    #[wasm_bindgen(method, getter, structural)]
    fn k(this: &Record) -> String;
    #[wasm_bindgen(method, setter, structural)]
    fn set_k(this: &Record, key: &str);
    #[wasm_bindgen(method, getter, structural)]
    fn i(this: &Record) -> Option<Array>;
    #[wasm_bindgen(method, setter, structural)]
    fn set_i(this: &Record, index: &Array);
    #[wasm_bindgen(method, getter, structural)]
    fn e(this: &Record) -> Option<f64>;
    #[wasm_bindgen(method, setter, structural)]
    fn set_e(this: &Record, end: f64);
    #[wasm_bindgen(method, setter, structural)]
    fn set_v(this: &Record, invited: u8);
    #[wasm_bindgen(method, getter, structural)]
    fn c(this: &Record) -> Option<Children>;
    #[wasm_bindgen(method, setter, structural)]
    fn set_c(this: &Record, children: &Children);

    /// What hangs on an event, by name.
    #[wasm_bindgen(extends = Object)]
    #[derive(Clone, Debug)]
    pub(crate) type Children;
    #[wasm_bindgen(method, structural, indexing_getter)]
    fn named(this: &Children, name: &JsString) -> Option<Slot>;
    #[wasm_bindgen(method, structural, indexing_setter)]
    fn set_named(this: &Children, name: &JsString, slot: &Slot);

    /// A record of `outbox`.
    #[wasm_bindgen(extends = Object)]
    #[derive(Clone, Debug)]
    pub(crate) type EntryRecord;
    #[wasm_bindgen(method, getter, structural, js_name = b)]
    fn entry_text(this: &EntryRecord) -> String;
    #[wasm_bindgen(method, setter, structural, js_name = b)]
    fn set_entry_text(this: &EntryRecord, text: &str);
    #[wasm_bindgen(method, setter, structural, js_name = t)]
    fn set_entry_table(this: &EntryRecord, table: u8);
    #[wasm_bindgen(method, setter, structural, js_name = k)]
    fn set_entry_key(this: &EntryRecord, key: &str);
    #[wasm_bindgen(method, setter, structural, js_name = x)]
    fn set_entry_stuck(this: &EntryRecord, stuck: u8);
}

/// The key of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RecordKey {
    pub(crate) table: u8,
    pub(crate) key: String,
}

impl RecordKey {
    /// Of a row by itself, as the outbox keeps them.
    pub(crate) fn own(at: &RowRef) -> Self {
        Self { table: table_number(at.table), key: at.key.clone() }
    }

    /// Of the record that holds the row: its own, or its event's.
    pub(crate) fn of(at: &RowRef) -> Self {
        match family(at) {
            Some((event, _)) => Self { table: table_number(Table::Events), key: event.to_owned() },
            None => Self::own(at),
        }
    }

    /// The key as JavaScript has it.
    pub(crate) fn js(&self) -> JsValue {
        Array::of2(&JsValue::from(self.table), &JsValue::from_str(&self.key)).into()
    }

    /// The row of a key of the outbox, if this version knows its table.
    pub(crate) fn of_js(key: &JsValue) -> Option<RowRef> {
        let key: &Array = key.dyn_ref()?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a table's number, written by js()")]
        let table = table_of(key.get(0).as_f64()? as u8)?;
        Some(RowRef { table, key: key.get(1).as_string()? })
    }
}

/// The event's key and the rest of the key, of a row that hangs on an event.
fn family(at: &RowRef) -> Option<(&str, &str)> {
    if at.table.is_event_child() { at.key.split_once(':') } else { None }
}

/// The name of a row's slot in its event's record; none for the record itself.
pub(crate) fn slot_name(at: &RowRef) -> Option<String> {
    family(at).map(|(_, rest)| format!("{}:{rest}", table_number(at.table)))
}

impl Slot {
    pub(crate) fn stored(&self, at: RowRef) -> Result<Option<Stored>, StoreError> {
        let Some(body) = self.b() else { return Ok(None) };
        let state = self.s();
        let Some(state) = state.and_then(state_of) else {
            return Err(corrupt(&at.to_string(), format!("state {state:?}")));
        };
        Ok(Some(Stored { at, body: String::from(body), state, seen: self.seen() }))
    }

    /// The JSON text, still on JavaScript's side.
    pub(crate) fn body(&self) -> Option<JsString> {
        self.b()
    }

    pub(crate) fn is_live(&self) -> bool {
        self.l() == Some(true)
    }

    pub(crate) fn seen(&self) -> u64 {
        self.n().map_or(0, seen_of)
    }

    fn fill(&self, put: &Put) {
        self.set_b(&put.stored.body);
        self.set_s(state_number(put.stored.state));
        self.set_n(number(put.stored.seen));
        self.set_l(put.live);
    }
}

/// Counters stay far below 2^53, where JavaScript's numbers are exact.
#[allow(clippy::cast_precision_loss)]
const fn number(counter: u64) -> f64 {
    counter as f64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
const fn seen_of(number: f64) -> u64 {
    number as u64
}

/// Milliseconds: exact for any date that a calendar can show.
#[allow(clippy::cast_precision_loss)]
pub(crate) const fn ms(value: i64) -> f64 {
    value as f64
}

#[allow(clippy::cast_possible_truncation)]
const fn ms_of(number: f64) -> i64 {
    number as i64
}

impl Record {
    /// An empty record.
    pub(crate) fn new(key: &RecordKey) -> Self {
        let record: Self = Object::new().unchecked_into();
        record.set_t(key.table);
        record.set_k(&key.key);
        record
    }

    pub(crate) fn key(&self) -> RecordKey {
        RecordKey { table: self.t(), key: self.k() }
    }

    /// The row that the record itself is.
    pub(crate) fn own(&self) -> Result<Option<Stored>, StoreError> {
        let table = self.t();
        let table = table_of(table).ok_or_else(|| corrupt("rows", format!("table {table}")))?;
        self.stored(RowRef { table, key: self.k() })
    }

    /// The span of a live event.
    pub(crate) fn span(&self) -> Option<Span> {
        let start = self.i()?.get(1).as_f64()?;
        Some(Span { start: ms_of(start), end: ms_of(self.e()?) })
    }

    /// A row of this record.
    pub(crate) fn row(&self, at: &RowRef) -> Result<Option<Stored>, StoreError> {
        self.slot(at).map_or(Ok(None), |slot| slot.stored(at.clone()))
    }

    /// The slot of a row, if the record has it.
    pub(crate) fn slot(&self, at: &RowRef) -> Option<Slot> {
        match slot_name(at) {
            None => Some(self.clone().into()),
            Some(name) => self.child(&name.into()),
        }
    }

    /// The slot of that name. (Asked of many records with one name, it is made for JavaScript once.)
    pub(crate) fn child(&self, name: &JsString) -> Option<Slot> {
        self.c()?.named(name)
    }

    /// What hangs on the event: key and slot of each, in no order.
    pub(crate) fn children(&self) -> Result<Vec<(RowRef, Slot)>, StoreError> {
        let Some(children) = self.c() else { return Ok(Vec::new()) };
        let event = self.k();
        let read = |pair: JsValue| {
            let pair: Array = pair.unchecked_into();
            let name = pair.get(0).as_string().unwrap_or_default();
            let bad = || corrupt("rows", format!("{event} holds {name}"));
            let (table, rest) = name.split_once(':').ok_or_else(bad)?;
            let table = table.parse().ok().and_then(table_of).ok_or_else(bad)?;
            Ok((RowRef { table, key: format!("{event}:{rest}") }, pair.get(1).unchecked_into()))
        };
        Object::entries(&children).iter().map(read).collect()
    }

    /// Every row of the record.
    pub(crate) fn rows(&self) -> Result<Vec<Stored>, StoreError> {
        let mut rows: Vec<Stored> = self.own()?.into_iter().collect();
        for (at, slot) in self.children()? {
            rows.extend(slot.stored(at)?);
        }
        Ok(rows)
    }

    /// Puts a row into the record.
    pub(crate) fn put(&self, put: &Put) -> Result<(), StoreError> {
        if let Some(name) = slot_name(&put.stored.at) {
            let slot: Slot = Object::new().unchecked_into();
            slot.fill(put);
            let children = self.c().unwrap_or_else(|| {
                let children: Children = Object::new().unchecked_into();
                self.set_c(&children);
                children
            });
            children.set_named(&name.into(), &slot);
            if put.stored.at.table == Table::Invites {
                self.set_v(INVITED);
            }
            return Ok(());
        }
        self.fill(put);
        match put.span.filter(|_| put.live) {
            Some(span) => {
                self.set_i(&Array::of2(&JsValue::from(class(span)), &JsValue::from_f64(ms(span.start))));
                self.set_e(ms(span.end));
                Ok(())
            }
            None => remove(self, &["i", "e"]),
        }
    }

    /// Takes a row out of the record.
    pub(crate) fn remove(&self, at: &RowRef) -> Result<(), StoreError> {
        match (slot_name(at), self.c()) {
            (None, _) => remove(self, &["b", "s", "n", "l", "i", "e"]),
            (Some(_), None) => Ok(()),
            (Some(name), Some(children)) => {
                remove(&children, &[&name])?;
                if at.table == Table::Invites && !holds_invites(&children) {
                    remove(self, &["v"])?;
                }
                if Object::keys(&children).length() == 0 { remove(self, &["c"]) } else { Ok(()) }
            }
        }
    }

    /// Sets the mark of a record with invitations; whether it is one.
    pub(crate) fn mark_invited(&self) -> bool {
        let is = self.c().is_some_and(|children| holds_invites(&children));
        if is {
            self.set_v(INVITED);
        }
        is
    }

    /// Whether no row is left in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.b().is_none() && self.c().is_none()
    }
}

/// The value of `v`.
const INVITED: u8 = 1;

fn holds_invites(children: &Children) -> bool {
    let prefix = format!("{}:", table_number(Table::Invites));
    Object::keys(children).iter().any(|name| name.as_string().is_some_and(|name| name.starts_with(&prefix)))
}

fn remove(object: &Object, names: &[&str]) -> Result<(), StoreError> {
    for name in names {
        Reflect::delete_property(object, &JsValue::from_str(name)).map_err(|value| crate::error::js(&value))?;
    }
    Ok(())
}

impl EntryRecord {
    pub(crate) fn new(entry: &Entry) -> Result<Self, StoreError> {
        let record: Self = Object::new().unchecked_into();
        record.set_entry_table(table_number(entry.at.table));
        record.set_entry_key(&entry.at.key);
        let text = serde_json::to_string(entry).map_err(|e| StoreError::Backend(e.to_string()))?;
        record.set_entry_text(&text);
        if entry.stuck.is_some() {
            record.set_entry_stuck(1);
        }
        Ok(record)
    }

    pub(crate) fn entry(&self) -> Result<Entry, StoreError> {
        serde_json::from_str(&self.entry_text()).map_err(|e| corrupt("outbox", e))
    }
}
