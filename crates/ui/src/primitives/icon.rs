//! Our icons: 24 × 24, strokes only, drawn here.

use dioxus::prelude::*;

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Brand,
    Left,
    Right,
    Down,
    Plus,
    Close,
    More,
    Menu,
    Pen,
    Bin,
    Copy,
    Clock,
    Pin,
    Text,
    Calendar,
    Lock,
    Repeat,
    Warning,
    Sync,
    Keys,
    Gear,
    Leave,
    Eye,
    Hidden,
    Spark,
    Day,
    Columns,
    Grid,
    Check,
    List,
}

impl Shape {
    const fn path(self) -> &'static str {
        match self {
            Self::Brand => {
                "M5 6.5A2.5 2.5 0 0 1 7.5 4h9A2.5 2.5 0 0 1 19 6.5v11a2.5 2.5 0 0 1-2.5 2.5h-9A2.5 2.5 0 0 1 5 17.5zM5 9h14M9 2.5V5.5M15 2.5V5.5M8.5 16.5l3.5-5 3.5 5M9.7 15h4.6"
            }
            Self::Left => "M14.5 6l-6 6 6 6",
            Self::Right => "M9.5 6l6 6-6 6",
            Self::Down => "M6 9.5l6 6 6-6",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::More => "M5.5 12h.01M12 12h.01M18.5 12h.01",
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
            Self::Pen => "M4 20l1-4L16.5 4.5a2.1 2.1 0 0 1 3 3L8 19zM14.5 6.5l3 3",
            Self::Bin => {
                "M4.5 7h15M10 11v6M14 11v6M6.5 7l.8 11a2 2 0 0 0 2 2h5.4a2 2 0 0 0 2-2l.8-11M9 7V5.5A1.5 1.5 0 0 1 10.5 4h3A1.5 1.5 0 0 1 15 5.5V7"
            }
            Self::Copy => {
                "M10.5 9h7.5a1.5 1.5 0 0 1 1.5 1.5V18a1.5 1.5 0 0 1-1.5 1.5h-7.5A1.5 1.5 0 0 1 9 18v-7.5A1.5 1.5 0 0 1 10.5 9zM15 5.5A1 1 0 0 0 14 4.5H5.5A1 1 0 0 0 4.5 5.5V14A1 1 0 0 0 5.5 15"
            }
            Self::Clock => "M12 7.5V12l3 2M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0z",
            Self::Pin => {
                "M12 21s6.5-5.6 6.5-11a6.5 6.5 0 0 0-13 0C5.5 15.4 12 21 12 21zM14.3 10a2.3 2.3 0 1 1-4.6 0 2.3 2.3 0 0 1 4.6 0z"
            }
            Self::Text => "M5 7h14M5 12h14M5 17h8",
            Self::Calendar => {
                "M4.5 7A2 2 0 0 1 6.5 5h11a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-11a2 2 0 0 1-2-2zM4.5 10h15M8.5 3v4M15.5 3v4"
            }
            Self::Lock => {
                "M6 11.5A1.5 1.5 0 0 1 7.5 10h9a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 6 18.5zM8.5 10V7.5a3.5 3.5 0 0 1 7 0V10"
            }
            Self::Repeat => {
                "M5 11V9.5A2.5 2.5 0 0 1 7.5 7H19M16 4l3 3-3 3M19 13v1.5a2.5 2.5 0 0 1-2.5 2.5H5M8 20l-3-3 3-3"
            }
            Self::Warning => {
                "M12 9v4.5M12 16.8h.01M10.3 4.7L3.2 17a2 2 0 0 0 1.7 3h14.2a2 2 0 0 0 1.7-3L13.7 4.7a2 2 0 0 0-3.4 0z"
            }
            Self::Sync => {
                "M4.5 11A7.7 7.7 0 0 1 18 7.2L20 9.5M20 5v4.5h-4.5M19.5 13A7.7 7.7 0 0 1 6 16.8L4 14.5M4 19v-4.5h4.5"
            }
            Self::Keys => {
                "M4.5 7h15a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15.5v-7A1.5 1.5 0 0 1 4.5 7zM7 10.5h.01M10.5 10.5h.01M14 10.5h.01M17 10.5h.01M8.5 14h7"
            }
            Self::Gear => {
                "M4 8h8M17 8h3M14.5 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM4 16h3M12 16h8M9.5 18.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"
            }
            Self::Leave => "M10 4.5H6.5a2 2 0 0 0-2 2v11a2 2 0 0 0 2 2H10M15 8l4 4-4 4M19 12H9.5",
            Self::Eye => {
                "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM14.5 12a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z"
            }
            Self::Hidden => {
                "M4.5 4.5l15 15M10 5.7A9 9 0 0 1 12 5.5C18 5.5 21.5 12 21.5 12a16 16 0 0 1-2.6 3.4M6.2 7.8A16 16 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 4-.9M10.2 10.3a2.5 2.5 0 0 0 3.5 3.5"
            }
            Self::Spark => "M12 3.5q1.3 7.2 8.5 8.5-7.2 1.3-8.5 8.5-1.3-7.2-8.5-8.5 7.2-1.3 8.5-8.5z",
            Self::Day => "M7 4.5h10a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2v-11a2 2 0 0 1 2-2zM9 9h6M9 13h4",
            Self::Columns => {
                "M5 4.5h14a1.5 1.5 0 0 1 1.5 1.5v12a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.5zM9.2 4.5v15M14.8 4.5v15"
            }
            Self::Check => "M5.5 12.5l4.5 4.5 8.5-9.5",
            Self::List => "M9 7h11M9 12h11M9 17h11M4.5 7h.01M4.5 12h.01M4.5 17h.01",
            Self::Grid => {
                "M5 4.5h14a1.5 1.5 0 0 1 1.5 1.5v12a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.5zM3.5 12h17M9.2 4.5v15M14.8 4.5v15"
            }
        }
    }
}

/// An icon in the colour of the text. Never the only name of a control.
#[component]
pub(crate) fn Icon(shape: Shape) -> Element {
    let width = if matches!(shape, Shape::More) { "3" } else { "1.75" };
    rsx! {
        svg {
            class: "icon",
            view_box: "0 0 24 24",
            fill: "none",
            stroke: "currentColor",
            stroke_width: width,
            stroke_linecap: "round",
            stroke_linejoin: "round",
            "aria-hidden": "true",
            path { d: shape.path() }
        }
    }
}
