//! The functions that may be called, as PostgreSQL declares them: what PostgREST calls its schema cache.
//!
//! Read at the first call and again when a name is not found (a migration may have added it), at most once a second.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio_postgres::GenericClient;

use super::error::RestError;

/// How often an unknown name may cause a new look.
const RELOAD: Duration = Duration::from_secs(1);

/// One function of schema `public`.
#[derive(Debug)]
pub(crate) struct Function {
    name: String,
    /// Named arguments in order: name, type as SQL writes it.
    arguments: Vec<(String, String)>,
    /// How many of them, from the end, have a default.
    defaults: usize,
    returns: Returns,
    /// Declared neither `stable` nor `immutable`.
    may_write: bool,
}

/// What becomes of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Returns {
    /// Nothing: 204.
    Void,
    /// `json` or `jsonb`, sent as it is.
    Json,
    /// One value of another type.
    Value,
    /// A set: an array.
    Set,
}

/// The known functions.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    known: RwLock<Known>,
}

type Overloads = HashMap<String, Vec<Arc<Function>>>;

#[derive(Debug, Default)]
struct Known {
    functions: Overloads,
    read: Option<Instant>,
}

impl Catalog {
    /// The function `name` that takes arguments of these names; `body` says where they came from.
    pub(crate) async fn find(
        &self,
        db: &impl GenericClient,
        name: &str,
        given: &[&str],
        body: bool,
    ) -> Result<Arc<Function>, RestError> {
        if let Some(found) = self.look(name, given)? {
            return Ok(found);
        }
        let fresh = self.known.read().unwrap_or_else(PoisonError::into_inner).read;
        if fresh.is_none_or(|read| read.elapsed() >= RELOAD) {
            let functions = read(db).await?;
            *self.known.write().unwrap_or_else(PoisonError::into_inner) =
                Known { functions, read: Some(Instant::now()) };
            if let Some(found) = self.look(name, given)? {
                return Ok(found);
            }
        }
        Err(RestError::UnknownFunction {
            name: name.to_owned(),
            arguments: given.iter().map(|&argument| argument.to_owned()).collect(),
            body,
        })
    }

    fn look(&self, name: &str, given: &[&str]) -> Result<Option<Arc<Function>>, RestError> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut fitting = known.functions.get(name).into_iter().flatten().filter(|function| function.takes(given));
        let first = fitting.next().cloned();
        if fitting.next().is_some() {
            return Err(RestError::AmbiguousFunction(name.to_owned()));
        }
        Ok(first)
    }
}

impl Function {
    /// Every argument without a default is given, and nothing else but arguments.
    fn takes(&self, given: &[&str]) -> bool {
        let required = self.arguments.len().saturating_sub(self.defaults);
        given.iter().all(|name| self.arguments.iter().any(|(known, _)| known == name))
            && self.arguments[..required].iter().all(|(name, _)| given.contains(&name.as_str()))
    }

    /// Its name, without schema.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it answers nothing.
    pub(crate) fn is_void(&self) -> bool {
        self.returns == Returns::Void
    }

    /// Whether it answers an array of rows.
    pub(crate) fn is_set(&self) -> bool {
        self.returns == Returns::Set
    }

    /// Whether a call may change rows.
    pub(crate) fn may_write(&self) -> bool {
        self.may_write
    }

    /// The statement that calls it: `$1` is the JSON object of arguments, the answer one text column. Names and types
    /// come from PostgreSQL's own catalogue, quoted there; nothing of the request is in it.
    pub(crate) fn sql(&self, given: &[&str]) -> String {
        let used: Vec<_> = self.arguments.iter().filter(|(name, _)| given.contains(&name.as_str())).collect();
        let call = |list: String| format!("public.{}({list})", quote(&self.name));
        let call = call(
            used.iter().map(|(name, _)| format!("{} := a.{}", quote(name), quote(name))).collect::<Vec<_>>().join(", "),
        );
        let from = if used.is_empty() {
            // The parameter must be there all the same.
            "(select $1::text) as a".to_owned()
        } else {
            let columns: Vec<_> = used.iter().map(|(name, kind)| format!("{} {kind}", quote(name))).collect();
            format!("json_to_record($1::text::json) as a({})", columns.join(", "))
        };
        match self.returns {
            Returns::Void => format!("select coalesce({call}::text, '') from {from}"),
            Returns::Json => format!("select coalesce({call}::text, 'null') from {from}"),
            Returns::Value => format!("select coalesce(to_json({call})::text, 'null') from {from}"),
            Returns::Set => {
                format!("select coalesce(json_agg(r)::text, '[]') from {from}, lateral {call} as r")
            }
        }
    }
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

async fn read(db: &impl GenericClient) -> Result<Overloads, RestError> {
    let rows = db
        .query(
            "select p.proname::text as name,
                    coalesce(p.proargnames[1:p.pronargs], '{}')::text[] as names,
                    array(select format_type(t, null) from unnest(p.proargtypes) with ordinality as u(t, n) order by n)
                      as types,
                    p.pronargdefaults::int as defaults, p.provolatile = 'v' as may_write,
                    case when p.proretset then 'set'
                         when p.prorettype = 'void'::regtype then 'void'
                         when p.prorettype in ('json'::regtype, 'jsonb'::regtype) then 'json'
                         else 'value' end as returns
               from pg_catalog.pg_proc p
              where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
                and p.prorettype <> 'trigger'::regtype and p.prorettype <> 'event_trigger'::regtype
                and p.provariadic = 0
                and (p.proargmodes is null or p.proargmodes <@ array['i', 't']::\"char\"[])",
            &[],
        )
        .await?;
    let mut functions = Overloads::new();
    for row in rows {
        let names: Vec<String> = row.get("names");
        let types: Vec<String> = row.get("types");
        if names.len() != types.len() || names.iter().any(String::is_empty) {
            // Arguments without names cannot be given as JSON.
            continue;
        }
        let function = Function {
            name: row.get("name"),
            may_write: row.get("may_write"),
            arguments: names.into_iter().zip(types).collect(),
            defaults: usize::try_from(row.get::<_, i32>("defaults")).unwrap_or(0),
            returns: match row.get("returns") {
                "set" => Returns::Set,
                "void" => Returns::Void,
                "json" => Returns::Json,
                _ => Returns::Value,
            },
        };
        functions.entry(function.name.clone()).or_default().push(Arc::new(function));
    }
    Ok(functions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pull() -> Function {
        Function {
            name: "sync_pull".to_owned(),
            arguments: vec![("p_after".to_owned(), "bigint".to_owned()), ("p_limit".to_owned(), "integer".to_owned())],
            defaults: 1,
            returns: Returns::Json,
            may_write: false,
        }
    }

    #[test]
    fn a_call_fits_when_all_it_needs_and_nothing_unknown_is_given() {
        assert!(pull().takes(&["p_after", "p_limit"]));
        assert!(pull().takes(&["p_after"]));
        assert!(!pull().takes(&["p_limit"]));
        assert!(!pull().takes(&["p_after", "x"]));
    }

    #[test]
    fn only_given_arguments_are_named_so_that_defaults_work() {
        let sql = pull().sql(&["p_after"]);
        assert!(sql.contains(r#"public."sync_pull"("p_after" := a."p_after")"#), "{sql}");
        assert!(!sql.contains("p_limit"), "{sql}");
    }
}
