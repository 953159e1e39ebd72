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
    store::{Query, StoreError, Stored},
    table::Table,
};
use dioxus::prelude::*;
use serde::de::DeserializeOwned;
use std::rc::Rc;

fn decoded<T: DeserializeOwned>(open: &Rc<OpenAccount>, stored: &[Stored]) -> Result<Vec<(T, RowState)>, StoreError> {
    let state = |state| if open.is_local() { RowState::Synced } else { state };
    stored.iter().map(|record| Ok((record.decode()?, state(record.state)))).collect()
}

/// The categories, by position then name, live.
#[must_use]
pub fn use_categories() -> ReadSignal<Vec<CategoryItem>> {
    let categories = use_signal(Vec::new);
    use_live(
        move |open| async move {
            let stored = open.database.query(Query::Table(Table::Categories)).await?;
            let default = Category::default_of(&stored.iter().map(Stored::row).collect::<Result<Vec<_>, _>>()?);
            let item = |(category, state): (Category, _)| CategoryItem {
                is_default: Some(category.id) == default,
                category,
                state,
            };
            let mut items: Vec<_> = decoded(&open, &stored)?.into_iter().map(item).collect();
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
            let rows: Vec<(Persona, _)> = decoded(&open, &open.database.query(Query::Table(Table::Personas)).await?)?;
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
