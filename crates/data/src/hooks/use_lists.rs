//! Categories and personas.

use super::{live::use_live, use_calendars::AnyOf};
use crate::{
    account::OpenAccount,
    items::{CategoryItem, PersonaItem},
    writer::order,
};
use almanac_core::{
    domain::{Category, Persona},
    outbox::RowState,
    store::{Query, StoreError},
    table::Table,
};
use dioxus::prelude::*;
use serde::de::DeserializeOwned;
use std::rc::Rc;

async fn rows<T: DeserializeOwned>(open: &Rc<OpenAccount>, table: Table) -> Result<Vec<(T, RowState)>, StoreError> {
    let stored = open.database.query(Query::Table(table)).await?;
    let state = |state| if open.is_local() { RowState::Synced } else { state };
    stored.iter().map(|record| Ok((record.decode()?, state(record.state)))).collect()
}

/// The categories, by position then name, live.
#[must_use]
pub fn use_categories() -> ReadSignal<Vec<CategoryItem>> {
    let categories = use_signal(Vec::new);
    use_live(
        move |open| async move {
            let rows: Vec<(Category, _)> = rows(&open, Table::Categories).await?;
            let mut items: Vec<_> =
                rows.into_iter().map(|(category, state)| CategoryItem { category, state }).collect();
            almanac_core::order::sort_by(&mut items, |a, b| {
                let (a, b) = (&a.category, &b.category);
                order((a.position, &a.name, a.id), (b.position, &b.name, b.id))
            });
            Ok((items, AnyOf(Table::Categories)))
        },
        move |found| {
            let mut categories = categories;
            categories.set(found);
        },
    );
    categories.into()
}

/// The personas, by position then name, live.
#[must_use]
pub fn use_personas() -> ReadSignal<Vec<PersonaItem>> {
    let personas = use_signal(Vec::new);
    use_live(
        move |open| async move {
            let rows: Vec<(Persona, _)> = rows(&open, Table::Personas).await?;
            let mut items: Vec<_> = rows.into_iter().map(|(persona, state)| PersonaItem { persona, state }).collect();
            almanac_core::order::sort_by(&mut items, |a, b| {
                let (a, b) = (&a.persona, &b.persona);
                order((a.position, &a.name, a.id), (b.position, &b.name, b.id))
            });
            Ok((items, AnyOf(Table::Personas)))
        },
        move |found| {
            let mut personas = personas;
            personas.set(found);
        },
    );
    personas.into()
}
