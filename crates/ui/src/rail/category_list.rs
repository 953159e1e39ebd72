//! One's categories, once there are any: shown or not. They are made and changed in the settings.

use super::ticked::Ticked;
use crate::{
    i18n::t,
    primitives::{IconButton, Shape},
    settings::Section,
    state::{Dialog, use_ui},
};
use almanac_core::Uuid;
use almanac_data::CategoryItem;
use dioxus::prelude::*;

/// See the module.
#[component]
pub(crate) fn CategoryList(categories: Vec<CategoryItem>, onshow: EventHandler<(Uuid, bool)>) -> Element {
    let mut dialog = use_ui().dialog;
    rsx! {
        section { "aria-label": t!("categories"),
            div { class: "rail-head",
                h2 { {t!("categories")} }
                IconButton {
                    shape: Shape::Pen,
                    name: t!("categories-change"),
                    onclick: move |_| dialog.set(Some(Dialog::Settings(Section::Categories))),
                }
            }
            ul {
                for CategoryItem { category , is_default , state } in categories {
                    Ticked {
                        key: "{category.id}",
                        color: category.color.clone(),
                        name: category.name.clone(),
                        visible: category.visible,
                        is_default,
                        state,
                        onshow: move |visible| onshow.call((category.id, visible)),
                    }
                }
            }
        }
    }
}
