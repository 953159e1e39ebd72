//! What a native menu bar offers, in the language of the app, and how what was picked there comes in. The web has none.

use crate::{
    app::LANGUAGE,
    i18n::{self, Language, Locale, t},
    pages::Command,
    state::View,
};
use almanac_data::ShellHandle;
use dioxus::prelude::*;

/// A menu of the bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    /// Its name.
    pub label: String,
    /// What it offers; none is a line between groups.
    pub items: Vec<Option<Item>>,
}

/// Something to pick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Given back to [`Picks::pick`].
    pub id: &'static str,
    /// Its words.
    pub label: String,
}

/// What was picked means this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picked {
    /// The same as a key.
    Command(Command),
    Settings,
    Sync,
}

/// All there is to pick, by id; none is a line.
const CALENDAR: [Option<(&str, Picked)>; 6] = [
    Some(("create", Picked::Command(Command::Create))),
    Some(("search", Picked::Command(Command::Palette))),
    None,
    Some(("sync", Picked::Sync)),
    Some(("settings", Picked::Settings)),
    Some(("keys", Picked::Command(Command::Keys))),
];
const EDIT: [Option<(&str, Picked)>; 2] =
    [Some(("undo", Picked::Command(Command::Undo))), Some(("redo", Picked::Command(Command::Redo)))];
const VIEW: [Option<(&str, Picked)>; 3] =
    [None, Some(("today", Picked::Command(Command::Today))), Some(("date", Picked::Command(Command::Jump)))];

fn words(id: &str) -> &'static str {
    match id {
        "create" => t!("new-event"),
        "search" => t!("search"),
        "sync" => t!("sync-now"),
        "settings" => t!("settings"),
        "keys" => t!("keys"),
        "undo" => t!("undo"),
        "redo" => t!("redo"),
        "today" => t!("today"),
        "date" => t!("go-to-date"),
        _ => "",
    }
}

fn meaning(id: &str) -> Option<Picked> {
    let view = || View::named(id).map(|view| Picked::Command(Command::View(view)));
    let known = CALENDAR.iter().chain(&EDIT).chain(&VIEW).flatten().find(|(known, _)| *known == id);
    known.map(|(_, picked)| *picked).or_else(view)
}

/// The menus of the bar, in the language kept on this device or the system's.
#[must_use]
pub fn menus(shell: &ShellHandle) -> Vec<Menu> {
    let languages = shell.0.languages();
    let system = Locale::of(languages.iter().map(String::as_str));
    let chosen = shell.0.kept(LANGUAGE).as_deref().and_then(Language::named);
    i18n::speak(Locale { language: chosen.unwrap_or(system.language), ..system });
    let item = |each: &Option<(&'static str, Picked)>| each.map(|(id, _)| Item { id, label: words(id).to_owned() });
    let views = View::ALL.into_iter().map(|view| Some(Item { id: view.name(), label: view.label() }));
    vec![
        Menu { label: t!("calendar").to_owned(), items: CALENDAR.iter().map(item).collect() },
        Menu { label: t!("edit").to_owned(), items: EDIT.iter().map(item).collect() },
        Menu { label: t!("view").to_owned(), items: views.chain(VIEW.iter().map(item)).collect() },
    ]
}

/// What is picked in the menus of the window; provided by its shell.
#[derive(Clone, Copy)]
pub struct Picks(Signal<(u32, String)>);

impl Picks {
    /// Provides them to what is below the present component.
    #[must_use]
    pub fn provide() -> Self {
        let picks = use_signal(|| (0, String::new()));
        use_context_provider(|| Self(picks))
    }

    /// Something was picked. What the app does not know, such as an item of the system's, is left alone.
    pub fn pick(self, id: &str) {
        let Self(mut picks) = self;
        let number = picks.peek().0;
        picks.set((number.wrapping_add(1), id.to_owned()));
    }
}

/// Calls `then` for what is picked while the component is there.
pub(crate) fn use_picks(then: impl FnMut(Picked) + 'static) {
    let then = use_callback(then);
    let picks = use_hook(try_consume_context::<Picks>);
    // What was picked before was another page's.
    let mut heard = use_hook(|| CopyValue::new(picks.map(|Picks(picks)| picks.peek().0)));
    use_effect(move || {
        let Some(Picks(picks)) = picks else { return };
        let (number, id) = picks();
        if heard.replace(Some(number)) == Some(number) {
            return;
        }
        if let Some(picked) = meaning(&id) {
            then.call(picked);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::nowhere;
    use futures::FutureExt as _;

    #[test]
    fn everything_offered_has_words_and_a_meaning() {
        let menus = menus(&nowhere::shell());
        assert_eq!(menus.iter().map(|menu| menu.label.as_str()).collect::<Vec<_>>(), ["Calendar", "Edit", "View"]);
        for item in menus.iter().flat_map(|menu| menu.items.iter().flatten()) {
            assert!(!item.label.is_empty(), "{}", item.id);
            assert!(meaning(item.id).is_some(), "{}", item.id);
        }
        assert_eq!(meaning("agenda"), Some(Picked::Command(Command::View(View::Agenda))));
        assert_eq!(meaning("dioxus-toggle-dev-tools"), None);
    }

    #[component]
    fn Below() -> Element {
        let mut seen = use_context::<Signal<Vec<Picked>>>();
        use_picks(move |picked| seen.push(picked));
        rsx! {}
    }

    #[component]
    fn Shell() -> Element {
        let picks = Picks::provide();
        use_context_provider(|| Signal::new(Vec::<Picked>::new()));
        use_hook(|| picks.pick("week"));
        rsx! {
            Below {}
        }
    }

    #[test]
    fn what_is_picked_comes_in_once_and_again_when_it_is_picked_again() {
        let mut dom = VirtualDom::new(Shell);
        dom.rebuild_in_place();
        let draw = |dom: &mut VirtualDom| {
            for _ in 0..3 {
                let _ = dom.wait_for_work().now_or_never();
                dom.render_immediate(&mut dioxus::core::NoOpMutations);
            }
        };
        draw(&mut dom);
        let pick = |dom: &VirtualDom, id: &str| dom.in_scope(ScopeId::APP, || consume_context::<Picks>().pick(id));
        let seen = |dom: &VirtualDom| dom.in_scope(ScopeId::APP, || consume_context::<Signal<Vec<Picked>>>()());
        assert_eq!(seen(&dom), [], "it was picked before the page was there");
        for (id, count) in [("create", 1), ("create", 2), ("nonsense", 2), ("settings", 3)] {
            pick(&dom, id);
            draw(&mut dom);
            assert_eq!(seen(&dom).len(), count, "{id}");
        }
        assert_eq!(seen(&dom)[2], Picked::Settings);
    }
}
