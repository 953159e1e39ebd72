//! All of one's data as one JSON text: every row that is on this device, as the wire has it (`docs/wire.md`), with what
//! has not been sent among it.

use crate::{ALL_TIME, account::OpenAccount};
use almanac_core::{
    store::{Query, StoreError},
    table::Table,
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// The text, and whether it holds everything (else only what is on this device).
pub(crate) async fn export(open: &OpenAccount, now: DateTime<Utc>) -> Result<(String, bool), StoreError> {
    let mut tables = Map::new();
    for table in Table::ALL {
        let mut rows = Vec::new();
        for stored in open.database.query(Query::Table(table)).await? {
            rows.push(stored.row()?.to_json());
        }
        tables.insert(table.name().to_owned(), Value::Array(rows));
    }
    let coverage = open.database.state().await?.coverage;
    let everything = |(from, to): &(i64, i64)| *from <= ALL_TIME.start && *to >= ALL_TIME.end;
    let complete = open.is_local() || coverage.iter().any(everything);
    let unsent = open.database.outbox().await?.len();
    let all = json!({
        "almanac": 1, "exported_at": almanac_core::time::text(now), "account": open.session.email,
        "complete": complete, "unsent": unsent, "tables": tables,
    });
    Ok((serde_json::to_string_pretty(&all).unwrap_or_default(), complete))
}
