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
            Self::Clock => "M12 7.5V12l3 2M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0z",
            Self::Pin => {
                "M12 21s6.5-5.6 6.5-11a6.5 6.5 0 0 0-13 0C5.500 15.400 12 21 12 21zM14.300 10a2.300 2.300 0 1 1-4.600 0 2.300 2.300 0 0 1 4.600 0z"
            }
            Self::Text => "M5 7h14M5 12h14M5 17h8",
            Self::Calendar => {
                "M4.5 7A2 2 0 0 1 6.500 5h11a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-11a2 2 0 0 1-2-2zM4.500 10h15M8.500 3v4M15.500 3v4"
            }
            Self::Lock => {
                "M6 11.500A1.500 1.500 0 0 1 7.500 10h9a1.500 1.500 0 0 1 1.500 1.500v7a1.500 1.500 0 0 1-1.500 1.500h-9A1.500 1.500 0 0 1 6 18.500zM8.500 10V7.500a3.500 3.500 0 0 1 7 0V10"
            }
            Self::Repeat => {
                "M5 11V9.500A2.500 2.500 0 0 1 7.500 7H19M16 4l3 3-3 3M19 13v1.500a2.500 2.500 0 0 1-2.500 2.500H5M8 20l-3-3 3-3"
            }
            Self::Warning => {
                "M12 9v4.500M12 16.800h.01M10.300 4.700L3.200 17a2 2 0 0 0 1.700 3h14.200a2 2 0 0 0 1.700-3L13.700 4.700a2 2 0 0 0-3.400 0z"
            }
            Self::Sync => {
                "M4.500 11A7.700 7.700 0 0 1 18 7.200L20 9.500M20 5v4.500h-4.500M19.500 13A7.700 7.700 0 0 1 6 16.800L4 14.500M4 19v-4.500h4.500"
            }
            Self::Keys => {
                "M4.500 7h15a1.500 1.500 0 0 1 1.500 1.500v7a1.500 1.500 0 0 1-1.500 1.500h-15A1.500 1.500 0 0 1 3 15.500v-7A1.500 1.500 0 0 1 4.500 7zM7 10.500h.01M10.500 10.500h.01M14 10.500h.01M17 10.500h.01M8.500 14h7"
            }
            Self::Gear => {
                "M4 8h8M17 8h3M14.500 10.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM4 16h3M12 16h8M9.500 18.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z"
            }
            Self::Leave => "M10 4.500H6.500a2 2 0 0 0-2 2v11a2 2 0 0 0 2 2H10M15 8l4 4-4 4M19 12H9.500",
            Self::Eye => {
                "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM14.500 12a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0z"
            }
            Self::Day => "M7 4.500h10a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2v-11a2 2 0 0 1 2-2zM9 9h6M9 13h4",
            Self::Columns => {
                "M5 4.500h14a1.500 1.500 0 0 1 1.500 1.500v12a1.500 1.500 0 0 1-1.500 1.500H5A1.500 1.500 0 0 1 3.500 18V6A1.500 1.500 0 0 1 5 4.500zM9.200 4.500v15M14.800 4.500v15"
            }
            Self::Check => "M5.5 12.5l4.500 4.500 8.500-9.500",
            Self::List => "M9 7h11M9 12h11M9 17h11M4.500 7h.01M4.500 12h.01M4.500 17h.01",
            Self::Grid => {
                "M5 4.500h14a1.500 1.500 0 0 1 1.500 1.500v12a1.500 1.500 0 0 1-1.500 1.500H5A1.500 1.500 0 0 1 3.500 18V6A1.500 1.500 0 0 1 5 4.500zM3.500 12h17M9.200 4.500v15M14.800 4.500v15"
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
