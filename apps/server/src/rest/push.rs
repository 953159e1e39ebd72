//! `sync_push` on the embedded database.
//!
//! There a PL/pgSQL block cannot catch: an error inside a block with a handler ends the whole statement and leaves the
//! session unusable. So the function is asked not to catch (`almanac.catch = off`) and this module does what its handler
//! does elsewhere: it tries all entries together under a savepoint, and when that fails, halves, down to the entry that
//! is at fault, which is then refused while all others are applied. Clients see the same answers either way.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio_postgres::{Error, Transaction};

/// Most entries of one push; the function itself refuses more.
const MOST: usize = 500;

#[derive(Deserialize)]
struct Push<'a> {
    #[serde(borrow)]
    p_device: &'a RawValue,
    #[serde(borrow)]
    p_entries: Vec<&'a RawValue>,
}

/// What a refusal must name of its entry.
#[derive(Deserialize)]
struct Entry {
    table: Option<Value>,
    key: Option<Value>,
    generation: Option<Value>,
}

/// A transaction in which statements are tried, and how many failed.
pub(super) struct Trial<'a, 't> {
    /// The transaction.
    pub(super) tx: &'a mut Transaction<'t>,
    /// Statements that failed so far.
    pub(super) failed: &'a mut u32,
}

/// Calls the function with `arguments` and returns its answer as JSON text. `sql` takes the arguments as `$1`.
pub(super) async fn call(mut trial: Trial<'_, '_>, sql: &str, arguments: &str) -> Result<String, Error> {
    trial.tx.execute("select set_config('almanac.catch', 'off', true)", &[]).await?;
    let first = match trial.attempt(sql, arguments).await {
        Ok(answer) => return Ok(answer),
        Err(error) => error,
    };
    // Only entries can be tried one by one; anything else wrong with the arguments is the caller's answer.
    let push = match serde_json::from_str::<Push<'_>>(arguments) {
        Ok(push) if push.p_entries.len() <= MOST && blames_the_entry(&first) => push,
        _ => return Err(first),
    };
    let device = push.p_device.get();
    // Without entries it fails when the caller may not push at all.
    let mut answer = parsed(&trial.attempt(sql, &arguments_of(device, &[])).await?);
    let mut results: Vec<Value> = vec![Value::Null; push.p_entries.len()];
    let mut refused = Vec::new();
    #[expect(clippy::single_range_in_vec_init, reason = "one range to begin with, split where an entry fails")]
    let mut ranges = vec![0..push.p_entries.len()];
    let mut whole = Some(first);
    while let Some(range) = ranges.pop() {
        // The first range is all of them, which has failed already.
        let outcome = match whole.take() {
            Some(error) => Err(error),
            None => trial.attempt(sql, &arguments_of(device, &push.p_entries[range.clone()])).await,
        };
        match outcome {
            Ok(text) => {
                let Value::Object(mut part) = parsed(&text) else { continue };
                let Some(Value::Array(part_results)) = part.remove("results") else {
                    // `clock_ahead` is for all of them. The caller does not commit what went before it.
                    return Ok(text);
                };
                for (index, result) in range.zip(part_results) {
                    results[index] = result;
                }
            }
            Err(error) if !blames_the_entry(&error) => return Err(error),
            Err(error) if range.len() == 1 => {
                results[range.start] = refusal(push.p_entries[range.start], &error);
                refused.push(range.start);
            }
            Err(_) => {
                let middle = range.start + range.len() / 2;
                // The first half first: parents come before their children.
                ranges.push(middle..range.end);
                ranges.push(range.start..middle);
            }
        }
    }
    show_rows(&mut trial, &mut results, &refused).await?;
    answer["results"] = Value::Array(results);
    Ok(answer.to_string())
}

impl Trial<'_, '_> {
    /// One call under a savepoint, undone when it fails.
    async fn attempt(&mut self, sql: &str, arguments: &str) -> Result<String, Error> {
        let savepoint = self.tx.transaction().await?;
        match savepoint.query_one(sql, &[&arguments]).await {
            Ok(row) => {
                savepoint.commit().await?;
                Ok(row.get(0))
            }
            Err(error) => {
                *self.failed += 1;
                savepoint.rollback().await?;
                Err(error)
            }
        }
    }
}

/// Whether an entry is at fault and not the server. The same classes as in the function's own handler.
fn blames_the_entry(error: &Error) -> bool {
    error.code().is_some_and(|state| {
        !matches!(state.code().get(..2), Some("08" | "25" | "40" | "53" | "55" | "57" | "58") | None)
    })
}

/// The result of an entry that failed alone, as the function's own handler would make it.
fn refusal(entry: &RawValue, error: &Error) -> Value {
    let entry: Entry = serde_json::from_str(entry.get()).unwrap_or(Entry { table: None, key: None, generation: None });
    let state = error.code().map_or("XX000", |state| state.code());
    let code = match state {
        "23503" => "parent_missing",
        "42501" => "forbidden",
        _ if state.starts_with("22") || state.starts_with("23") => "invalid",
        other => other,
    };
    let (said, named) = error.as_db_error().map_or(("", None), |error| (error.message(), error.constraint()));
    let message = named.map_or_else(|| said.to_owned(), |named| format!("{named}: {said}"));
    json!({"table": entry.table, "key": entry.key, "generation": entry.generation,
           "status": "refused", "code": code, "message": message, "row": null})
}

/// A refusal shows the row as it is, if the caller may see it.
async fn show_rows(trial: &mut Trial<'_, '_>, results: &mut [Value], refused: &[usize]) -> Result<(), Error> {
    for index in refused {
        let reference = json!([{"table": results[*index]["table"], "key": results[*index]["key"]}]).to_string();
        let found = trial.attempt("select public.sync_rows($1::text::jsonb)::text", &reference).await;
        match found {
            Ok(text) => {
                let mut found = parsed(&text);
                if let Some(row) = found.pointer_mut("/rows/0/row") {
                    results[*index]["row"] = row.take();
                }
            }
            // A key that is none names no row.
            Err(error) if blames_the_entry(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn arguments_of(device: &str, entries: &[&RawValue]) -> String {
    let entries: Vec<_> = entries.iter().map(|entry| entry.get()).collect();
    format!("{{\"p_device\":{device},\"p_entries\":[{}]}}", entries.join(","))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}
