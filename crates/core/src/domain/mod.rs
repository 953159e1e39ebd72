//! The typed rows of the calendar: what the UI and the rules of the calendar read. Written rows go through
//! [`crate::patch`], never through these structs, so that an edit carries only what it changed.

mod calendar;
mod event;
mod overlay;
mod persona;
mod profile;
mod role;

pub use calendar::{Calendar, Category};
pub use event::Event;
pub use overlay::{Overlay, ShowTimeAs, TimeDefenseLevel};
pub use persona::Persona;
pub use profile::{Profile, TimeFormat, WeekStart, WorkHours};
pub use role::{EventRole, Invite, Role, Rsvp};
