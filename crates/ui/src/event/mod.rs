//! One event: its popover, its small editor, its full editor.

mod draft;
mod editor;
mod own_view;
mod peek;
mod when_fields;

pub(crate) use draft::DraftPopover;
pub(crate) use editor::Editor;
pub(crate) use peek::Peek;
