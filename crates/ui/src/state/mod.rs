//! What the interface is about at the moment: which dates are shown, what is open. Kept in one context so that keys,
//! toolbar and grids act on the same thing.

mod anchor;
mod device;
mod form;
mod opener;
mod place;
mod scroll;
mod settled;
mod shown;
mod ui;
mod unsaved;

pub(crate) use anchor::{Anchor, beside, under};
pub(crate) use device::{Density, Theme};
pub(crate) use form::{Field, Form, Problem};
pub(crate) use opener::{Followed, use_opener, use_peeked};
pub use place::{Place, View, use_place};
pub(crate) use scroll::use_scroll;
pub(crate) use settled::Settled;
#[cfg(any(test, debug_assertions))]
pub(crate) use shown::shown;
pub(crate) use shown::{Shown, Sorted};
pub(crate) use ui::{Dialog, Open, Ui, use_ui};
pub(crate) use unsaved::use_unsaved;
