//! Reading rows, and rows of related tables within them.

use serde_json::{Value, json};

use super::statement::{Source, Statement};
use crate::rest::error::RestError;
use crate::rest::request::{Embed, Item, Logic, Order, Query, Range, Test};
use crate::rest::schema::{Relation, Table, Tables};

/// What is read from one table.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    table: &'a Table,
    /// What the rows come from: the table, or the rows that a write answers with.
    from: Source,
    /// Another name for the table, for one that is embedded.
    alias: Option<String>,
    items: &'a [Item],
    filters: Vec<&'a Logic>,
    order: Vec<&'a Order>,
    range: Range,
    /// Columns that must be the same as the parent's.
    join: Option<(Source, &'a Relation)>,
    embeds: Vec<Embedded<'a>>,
}

/// A related table.
#[derive(Debug)]
struct Embedded<'a> {
    plan: Plan<'a>,
    /// Its name in the answer.
    name: &'a str,
    /// Its name in the statement.
    key: String,
    to_one: bool,
    inner: bool,
    /// `is.null` (false) or `not.is.null` (true) asked of it.
    presence: Vec<bool>,
}

/// Plans the reading of `table`; `most` is how many rows an answer has at most. With `written` the rows are those of a write.
pub(crate) fn plan<'a>(
    tables: &'a Tables,
    table: &'a Table,
    query: &'a Query,
    most: Option<i64>,
    written: bool,
) -> Result<Plan<'a>, RestError> {
    let mut counter = 0;
    let from = if written { Source::Alias("pgrst_source".to_owned()) } else { Source::Table(table.name.clone()) };
    let here = Here { tables, query, most, path: Vec::new() };
    let mut plan = here.plan(table, from, &query.select, &mut counter)?;
    plan.range = most.map_or(query.range, |most| query.range.at_most(most));
    if written {
        // They were applied when the rows were written, on the rows as they were.
        plan.filters.clear();
    }
    Ok(plan)
}

/// One level of a request.
struct Here<'a> {
    tables: &'a Tables,
    query: &'a Query,
    most: Option<i64>,
    path: Vec<String>,
}

impl<'a> Here<'a> {
    fn plan(
        &self,
        table: &'a Table,
        from: Source,
        items: &'a [Item],
        counter: &mut usize,
    ) -> Result<Plan<'a>, RestError> {
        let query = self.query;
        let mut embeds = Vec::new();
        for item in items {
            if let Item::Embed(embed) = item {
                embeds.push(self.embed(table, &from, embed, counter)?);
            }
        }
        let mut filters = Vec::new();
        for (path, logic) in &query.filters {
            if *path != self.path {
                self.embedded(path, items)?;
            } else if let Some((embed, there)) = presence(logic, &mut embeds) {
                embed.presence.push(there);
            } else {
                filters.push(logic);
            }
        }
        let mut order = Vec::new();
        for (path, terms) in &query.order {
            if *path == self.path {
                order.extend(terms);
            } else {
                self.embedded(path, items)?;
            }
        }
        let range = query.ranges.iter().find(|(path, _)| *path == self.path).map_or(Range::ALL, |(_, range)| *range);
        let range = self.most.map_or(range, |most| range.at_most(most));
        Ok(Plan { table, from, alias: None, items, filters, order, range, join: None, embeds })
    }

    /// Refuses a filter or an order of a table that is not embedded.
    fn embedded(&self, path: &[String], items: &[Item]) -> Result<(), RestError> {
        let Some(next) = path.strip_prefix(self.path.as_slice()).and_then(<[String]>::first) else { return Ok(()) };
        let known = items.iter().any(|item| matches!(item, Item::Embed(embed) if embed.name() == next));
        if known { Ok(()) } else { Err(RestError::NotEmbedded(next.clone())) }
    }

    fn embed(
        &self,
        table: &'a Table,
        parent: &Source,
        embed: &'a Embed,
        counter: &mut usize,
    ) -> Result<Embedded<'a>, RestError> {
        let relation = relation(table, embed)?;
        let other = self.tables.get(&relation.other).ok_or_else(|| RestError::UnknownTable(relation.other.clone()))?;
        *counter += 1;
        let number = *counter;
        let alias = format!("{}_{number}", other.name);
        let mut path = self.path.clone();
        path.push(embed.name().to_owned());
        let below = Here { path, ..*self };
        let mut plan = below.plan(other, Source::Alias(alias.clone()), &embed.items, counter)?;
        plan.alias = Some(alias);
        plan.join = Some((parent.clone(), relation));
        Ok(Embedded {
            plan,
            name: embed.name(),
            key: format!("{}_{number}_all", other.name),
            to_one: relation.to_one,
            inner: embed.inner,
            presence: Vec::new(),
        })
    }
}

/// `table=is.null`, `table=not.is.null`: whether a row has related rows.
fn presence<'b, 'a>(logic: &Logic, embeds: &'b mut [Embedded<'a>]) -> Option<(&'b mut Embedded<'a>, bool)> {
    let Logic::Filter(filter) = logic else { return None };
    let wanted = match filter.test {
        Test::Is("null") => filter.not,
        Test::Is("not null") => !filter.not,
        _ => return None,
    };
    let embed = embeds.iter_mut().find(|embed| filter.field.path.is_empty() && embed.name == filter.field.column)?;
    Some((embed, wanted))
}

/// A relation as PostgREST describes it to someone who has to choose.
fn described(table: &Table, relation: &Relation) -> Value {
    let list = |side: fn(&(String, String)) -> &String| {
        relation.columns.iter().map(|pair| side(pair).as_str()).collect::<Vec<_>>().join(", ")
    };
    let (here, there) = (list(|(here, _)| here), list(|(_, there)| there));
    let cardinality = match (relation.own, relation.to_one) {
        (true, _) => "many-to-one",
        (false, true) => "one-to-one",
        (false, false) => "one-to-many",
    };
    json!({
        "cardinality": cardinality,
        "embedding": format!("{} with {}", table.name, relation.other),
        "relationship": format!(
            "{} using {}({here}) and {}({there})", relation.name, table.name, relation.other
        ),
    })
}

/// The foreign key that `embed` means.
fn relation<'a>(table: &'a Table, embed: &Embed) -> Result<&'a Relation, RestError> {
    let single = |relation: &Relation, column: &str| match relation.columns.as_slice() {
        [(here, there)] => *(if relation.own { here } else { there }) == column,
        _ => false,
    };
    let fits = |relation: &&Relation| {
        let target = embed.target.as_str();
        if relation.other == table.name {
            // One foreign key, two ways along it: the table's name goes to the many, the column's name to the one.
            let to_many = !relation.own && target == table.name;
            return match &embed.hint {
                Some(hint) => to_many && single(relation, hint),
                None => to_many || (relation.own && single(relation, target)),
            };
        }
        let named = relation.other == target || relation.name == target || (relation.own && single(relation, target));
        let hinted = embed.hint.as_ref().is_none_or(|hint| relation.name == *hint || single(relation, hint));
        named && hinted
    };
    let found: Vec<&Relation> = table.relations.iter().filter(fits).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(RestError::NoRelation {
            table: table.name.clone(),
            other: embed.target.clone(),
            hint: embed.hint.clone(),
        }),
        several => Err(RestError::AmbiguousRelation {
            table: table.name.clone(),
            other: embed.target.clone(),
            relations: several.iter().map(|relation| (relation.name.clone(), described(table, relation))).collect(),
        }),
    }
}

impl Plan<'_> {
    /// Writes the statement that gives the rows.
    pub(super) fn write(&self, sql: &mut Statement) {
        sql.text("select ");
        let mut first = true;
        let mut next = |sql: &mut Statement| {
            if !std::mem::take(&mut first) {
                sql.text(", ");
            }
        };
        let mut embeds = self.embeds.iter();
        for item in self.items {
            match item {
                Item::All => {
                    next(sql);
                    self.from.write(sql);
                    sql.text(".*");
                }
                Item::Field { alias, field, cast } => {
                    next(sql);
                    sql.text(if cast.is_some() { "cast(" } else { "" });
                    sql.field(self.table, &self.from, field);
                    if let Some(cast) = cast {
                        sql.text(" as ").text(cast).text(")");
                    }
                    let name = alias.as_deref().unwrap_or_else(|| field.own_name());
                    if field.column != "*" {
                        sql.text(" as ").name(name);
                    }
                }
                Item::Embed(_) => {
                    let Some(embed) = embeds.next() else { continue };
                    // Without columns it is there for its filters alone.
                    if !embed.plan.items.is_empty() {
                        next(sql);
                        embed.write_value(sql);
                    }
                }
            }
        }
        if first {
            sql.text("1 as \"?\"");
        }
        self.write_from(sql);
        for embed in &self.embeds {
            embed.write_join(sql);
        }
        self.write_where(sql);
        let mut word = if self.has_conditions() { " and " } else { " where " };
        for embed in &self.embeds {
            for there in &embed.presence {
                sql.text(word)
                    .name(&embed.key)
                    .text(if *there { " is" } else { " is not" })
                    .text(" distinct from null");
                word = " and ";
            }
        }
        if !self.order.is_empty() {
            sql.text(" order by ").list(&self.order, ", ", |sql, term| {
                sql.field(self.table, &self.from, &term.field);
                sql.text(match term.descending {
                    Some(true) => " desc",
                    Some(false) => " asc",
                    None => "",
                });
                sql.text(match term.nulls_first {
                    Some(true) => " nulls first",
                    Some(false) => " nulls last",
                    None => "",
                });
            });
        }
        if self.range != Range::ALL {
            if let Some(limit) = self.range.limit() {
                sql.text(" limit ").value(limit.to_string());
            }
            sql.text(" offset ").value(self.range.from.to_string());
        }
    }

    /// Writes the statement that has one row for each there is, whatever the page.
    pub(super) fn write_count(&self, sql: &mut Statement) {
        sql.text("select 1");
        self.write_from(sql);
        self.write_where(sql);
        let mut word = if self.has_conditions() { " and " } else { " where " };
        for embed in &self.embeds {
            for there in embed.presence.iter().copied().chain(embed.inner.then_some(true)) {
                sql.text(word).text(if there { "exists (" } else { "not exists (" });
                embed.plan.write_count(sql);
                sql.text(")");
                word = " and ";
            }
        }
    }

    fn has_conditions(&self) -> bool {
        !self.filters.is_empty() || self.join.is_some()
    }

    fn write_from(&self, sql: &mut Statement) {
        sql.text(" from ");
        match &self.alias {
            Some(alias) => {
                sql.text("\"public\".").name(&self.table.name).text(" as ").name(alias);
            }
            None => self.from.write(sql),
        }
    }

    fn write_where(&self, sql: &mut Statement) {
        let mut word = " where ";
        for logic in &self.filters {
            sql.text(word).logic(self.table, &self.from, logic);
            word = " and ";
        }
        if let Some((parent, relation)) = &self.join {
            for (there, here) in &relation.columns {
                sql.text(word);
                self.from.write(sql);
                sql.text(".").name(here).text(" = ");
                parent.write(sql);
                sql.text(".").name(there);
                word = " and ";
            }
        }
    }
}

impl Embedded<'_> {
    fn write_value(&self, sql: &mut Statement) {
        if self.to_one {
            sql.text("row_to_json(").name(&self.key).text(".*)::jsonb as ").name(self.name);
        } else {
            sql.text("coalesce(").name(&self.key).text(".").name(&self.key).text(", '[]') as ").name(self.name);
        }
    }

    fn write_join(&self, sql: &mut Statement) {
        sql.text(if self.inner { " inner join lateral (" } else { " left join lateral (" });
        if self.to_one {
            self.plan.write(sql);
            sql.text(") as ").name(&self.key).text(" on true");
        } else {
            sql.text("select json_agg(").name(&self.key).text(")::jsonb as ").name(&self.key).text(" from (");
            self.plan.write(sql);
            sql.text(") as ").name(&self.key).text(") as ").name(&self.key);
            sql.text(" on ");
            if self.inner {
                sql.name(&self.key).text(" is not null")
            } else {
                sql.text("true")
            };
        }
    }
}
