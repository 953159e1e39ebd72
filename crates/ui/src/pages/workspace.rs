//! The calendar itself: what the hooks give, put into the frame, and what people do, sent to the mutations.

use super::{
    account_dialog::AccountDialog,
    account_menu::AccountMenu,
    dialogs::{KeysDialog, SignInAgainDialog, SignOutDialog},
    empty::EmptyHint,
    keys::{Command, command},
    leave::{EraseLocalDialog, SignInToSyncDialog, SwitchDialog},
    pull::use_pull,
    top_bar::{BottomBar, JumpPopover, TopBar},
    trouble::advice,
};
use crate::{
    agenda::Agenda,
    color,
    event::{DraftPopover, Editor, Peek},
    grid::{Asked, TimeGrid, may_delete, why_fixed},
    i18n::t,
    layout::Moved,
    month::{DatePopover, MonthGrid},
    people::Invitations,
    primitives::{IconButton, Shape, Toast},
    rail::{CalendarList, CategoryList, MiniMonth},
    search::Palette,
    settings::{CalendarDialog, SettingsPage},
    state::{Anchor, Dialog, Followed, Form, Open, Place, Settled, Sorted, View, use_ui},
    sync::SyncPanel,
    text::or_untitled,
    time::Zone,
    year::YearGrid,
};
#[cfg(not(target_arch = "wasm32"))]
use crate::{native_menu::Picked, settings::Section};
use almanac_core::{Uuid, engine::Phase};
use almanac_data::{
    CalendarEdit, CalendarItem, CategoryEdit, CategoryItem, EventEdit, EventItem, NewEvent, Said, SignOut, Trouble,
    use_calendars, use_categories, use_clock, use_events, use_mutations, use_notice, use_profile, use_sessions,
    use_shell_info, use_stuck, use_sync_status,
};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use dioxus::prelude::*;
use std::rc::Rc;

/// See the module.
#[component]
pub(crate) fn Workspace(email: Option<String>) -> Element {
    let ui = use_ui();
    let mutations = use_mutations();
    let sessions = use_sessions();
    let info = use_shell_info();
    let calendars = use_calendars();
    let categories = use_categories();
    let profile = use_profile();
    let status = use_sync_status();
    let stuck = use_stuck();
    let notice = use_notice();
    let clock_now = use_clock();

    let days = use_memo(move || ui.place.read().days(*ui.first.read()));
    let spans = move |days: &[NaiveDate]| ui.clock.read().zone.span(days[0], days[days.len() - 1]);
    let span = use_memo(move || spans(&days.read()));
    // Turning the page shows the next one at once. (Years are too much to be read for nothing.)
    let beside = use_memo(move || {
        let (place, first) = (*ui.place.read(), *ui.first.read());
        let pages = [1, -1].map(|by| spans(&place.step(by).days(first)));
        if place.view == View::Year { Vec::new() } else { pages.to_vec() }
    });
    let events = use_events(span.into(), beside.into());
    let shown = use_memo(move || {
        let events = events.read();
        let (settled, calendars, categories) = (ui.settled.read(), calendars.read(), categories.read());
        let new = settled.as_ref().and_then(|settled| settled.unwritten(&events));
        let sorted = Sorted { calendars: &calendars, categories: &categories, new };
        match &*settled {
            Some(settled) => sorted.shown(&settled.within(&events)),
            None => sorted.shown(&events.items),
        }
    });

    // A drop and a new event are shown at once; from the moment the database says something else about them, that counts.
    let settled = ui.settled;
    // Of another account it would stay: nobody speaks of it here.
    use_hook(|| ui.settle(None));
    use_effect(move || {
        let events = events.read();
        if settled.peek().as_ref().is_some_and(|settled| settled.is_spoken_of(&events)) {
            ui.settle(None);
        }
    });
    use_effect(move || {
        let notice = notice.read();
        if notice.is_some() && settled.peek().is_some() {
            ui.settle(None);
        }
        if matches!(notice.as_ref().map(|notice| &notice.what), Some(Said::NotSaved(..) | Said::Gone)) {
            ui.not_saved(notice.as_ref().and_then(|notice| notice.command));
        }
    });

    // What the keys are about may go away by itself: deleted elsewhere, moved to other days. Then the page has them.
    use_effect(move || {
        let (shown, events) = (shown.read(), events.read());
        // Found by search, events of hidden calendars can be looked at too.
        let is_found = |id: Uuid| {
            matches!(*ui.open.peek(), Open::Peek(found, _) if found == id)
                && events.items.iter().any(|item| item.event.id == id)
        };
        let is_gone = |id: Uuid| shown.iter().all(|shown| shown.id() != id) && !is_found(id);
        let is_read = events.span == Some(*span.peek());
        if is_read && ui.subject().is_some_and(is_gone) {
            ui.lose_subject();
        }
    });

    let mut swipe = use_hook(|| CopyValue::new(None::<(f64, f64)>));
    let pull = use_pull(ui);
    // What another view shows begins at its upper end.
    use_effect(move || {
        let _ = ui.place.read().view;
        let mut at_top = ui.at_top;
        at_top.set(true);
    });
    let mut page = use_signal(|| None::<Rc<MountedData>>);
    // Keys need a focus inside of the page; what is closed gives it back here.
    use_effect(move || {
        let _ = ui.refocus.read();
        if let Some(page) = page.peek().clone() {
            spawn(async move {
                let _ = page.set_focus(true).await;
            });
        }
    });

    let clock = *ui.clock.read();
    let now = clock_now();
    let today = clock.zone.date(now);
    let place = *ui.place.read();
    let list = calendars();
    let default = list.iter().find(|item| item.is_default);
    let form_color = ui.form.read().as_ref().and_then(|(form, _)| form.calendar);
    let color_of =
        |id: Uuid| list.iter().find(|item| item.calendar.id == id).map(|item| color::css(&item.calendar.color));
    let new_color = form_color
        .and_then(color_of)
        .or(default.map(|item| color::css(&item.calendar.color)))
        .unwrap_or(color::css("blue"));
    let default = default.map(|item| item.calendar.id);

    let find = move |id: Uuid| {
        let shown = shown.peek().iter().find(|shown| shown.id() == id).cloned();
        shown.or_else(|| {
            let (calendars, categories) = (calendars.peek(), categories.peek());
            Sorted { calendars: &calendars, categories: &categories, new: None }.found(&events.peek().items, id)
        })
    };
    let create = move |moved: Moved, all_day: bool, anchor: Anchor| {
        let mut form = Form::new(moved.start, moved.minutes, all_day, default, *ui.clock.peek());
        form.category = categories.peek().iter().find(|item| item.is_default).map(|item| item.category.id);
        ui.draft(form, anchor);
    };
    // By key or button.
    let create_now = move || {
        let clock = *ui.clock.peek();
        let days = days.peek();
        let start = start_now(*ui.place.peek(), &days, *clock_now.peek(), clock.zone);
        // Late in the evening of the last day shown it belongs to a day that is not.
        let date = clock.zone.date(start);
        let is_shown = days.contains(&date);
        drop(days);
        if !is_shown {
            // Not `go`: the focus is the new event's.
            let mut place = ui.place;
            place.write().date = date;
        }
        let (width, height) = *ui.window.peek();
        create(
            Moved { start, minutes: 60 },
            false,
            Anchor { x: width / 2.0 - 168.0, y: height / 4.0, width: 0.0, height: 0.0 },
        );
    };
    let change = move |id: Uuid, moved: Moved, before: Moved, all_day: bool| {
        ui.settle(Some(Settled::Moved { id, moved, all_day, before }));
        if let Some(shown) = find(id) {
            let end = moved.start + TimeDelta::minutes(moved.minutes);
            let when = ui.clock.peek().when(moved.start, end, all_day);
            ui.say(t!("said-moved", title = or_untitled(&shown.item.event.title), when = &when));
        }
        mutations
            .edit_event(id, EventEdit { when: Some((moved.start, moved.minutes, all_day)), ..EventEdit::default() });
    };
    // Shown before it is written.
    let make = move |new: NewEvent| {
        let made = mutations.create_event(new);
        let home = || calendars.peek().iter().find(|item| item.is_default).map(|item| item.calendar.id);
        ui.settle(made.map(|made| Settled::Made(Rc::new(EventItem { calendar: made.calendar.or_else(home), ..made }))));
    };
    // A copy, at other times or the same ones.
    let duplicate = move |id: Uuid, at: Option<(Moved, bool)>| {
        let clock = *ui.clock.peek();
        let Some(shown) = find(id) else { return };
        let mut form = Form::of(&shown.item, clock);
        form.id = None;
        if let Some((moved, all_day)) = at {
            form.set_when(moved.start, moved.minutes, all_day, clock);
        }
        let Some(new) = form.to_new(clock) else { return };
        let words = t!(
            "said-created",
            title = or_untitled(&new.title),
            when = &clock.when(new.start, new.start + TimeDelta::minutes(new.duration_minutes), new.all_day)
        );
        make(new);
        ui.close();
        ui.say(words);
    };
    let asked = move |asked: Asked| match asked {
        Asked::Change { id, moved, all_day, before } => change(id, moved, before, all_day),
        Asked::Copy(id, moved, all_day) => duplicate(id, Some((moved, all_day))),
        Asked::Create(moved, all_day, anchor) => create(moved, all_day, anchor),
    };
    let edit = move |id: Uuid| {
        // Also what one may not change can be looked at: its own view, its people.
        if let Some(shown) = find(id) {
            ui.edit(Form::of(&shown.item, *ui.clock.peek()));
        }
    };
    let delete = move |id: Uuid| {
        let shown = find(id);
        if shown.as_ref().is_some_and(|shown| !may_delete(shown)) {
            return mutations.say(Said::NotYours);
        }
        // The full editor may have one that is on none of the days shown; it offers this to who may.
        let title = match (shown, &*ui.form.peek()) {
            (Some(shown), _) => shown.item.event.title.clone(),
            (None, Some((_, before))) if before.id == Some(id) => before.title.clone(),
            _ => return,
        };
        ui.settle(None);
        ui.say(t!("said-deleted", title = or_untitled(&title)));
        ui.close_for_good(id);
        mutations.delete_event(id);
    };
    let save = move || {
        let clock = *ui.clock.peek();
        let Some((mut form, before)) = ui.form.peek().clone() else { return };
        // A draft may be older than the end of its calendar.
        form.calendar = form.calendar.filter(|id| calendars.peek().iter().any(|item| item.calendar.id == *id));
        let sent = match form.id {
            None => {
                let Some(new) = form.to_new(clock) else { return };
                let words = t!(
                    "said-created",
                    title = or_untitled(&new.title),
                    when = &clock.when(new.start, new.start + TimeDelta::minutes(new.duration_minutes), new.all_day)
                );
                let is_home = |item: &&CalendarItem| new.calendar.map_or(item.is_default, |id| item.calendar.id == id);
                let home = calendars.peek().iter().find(is_home).filter(|home| !home.calendar.visible).cloned();
                let is_its = |item: &&CategoryItem| form.category == Some(item.category.id) && !item.category.visible;
                let category = categories.peek().iter().find(is_its).map(|item| item.category.name.clone());
                // Before anything that is to be drawn: the device writes while the editor closes.
                make(new);
                if let Some(name) = home.map(|home| home.calendar.name).or(category) {
                    mutations.say(Said::Hidden(name));
                }
                ui.say(words);
                true
            }
            Some(id) => {
                let Some(edit) = form.to_edit(&before, clock) else { return };
                let changes = edit != EventEdit::default();
                if changes {
                    mutations.edit_event(id, edit);
                }
                changes
            }
        };
        ui.close_saved(sent.then(|| mutations.last_sent()));
    };
    let by_key = move |id: Uuid, by: i64, stretch: bool| {
        let Some(shown) = find(id) else { return };
        if let Some(why) = why_fixed(&shown) {
            return mutations.say(why);
        }
        let event = &shown.item.event;
        let before = Moved::of(event);
        let by = if event.all_day && by.abs() < 1440 { by.signum() * 1440 } else { by };
        let moved = if stretch {
            Moved { minutes: (before.minutes + by).max(if event.all_day { 1440 } else { 15 }), ..before }
        } else if event.all_day {
            Moved { start: before.start + TimeDelta::minutes(by), ..before }
        } else {
            let zone = ui.clock.peek().zone;
            Moved { start: zone.instant(zone.wall(before.start) + TimeDelta::minutes(by)), ..before }
        };
        // Not the event of a popover that has the focus itself.
        if moved != before {
            ui.follow(Some(Followed { id, from: before }).filter(|_| *ui.chosen.peek() == Some(id)));
            change(id, moved, before, event.all_day);
        }
    };
    let sign_out = move |even_if_unsent: bool| {
        let mut dialog = ui.dialog;
        // Not a task of this page: it goes away with the account.
        dioxus::core::spawn_forever(async move {
            match sessions.sign_out(even_if_unsent).await {
                Ok(()) => dialog.set(None),
                Err(SignOut::Unsent(unsent)) => dialog.set(Some(Dialog::SignOut(unsent))),
                Err(SignOut::Failed(why)) => {
                    dialog.set(None);
                    mutations.say(Said::NotSignedOut(why));
                }
            }
        });
    };

    // Whether there was anything to do.
    let run = move |command: Command| {
        let place = *ui.place.peek();
        ui.follow(None);
        let follow_chosen = || {
            let shown = ui.chosen.peek().and_then(find);
            ui.follow(shown.map(|shown| Followed { id: shown.id(), from: Moved::of(&shown.item.event) }));
        };
        match command {
            Command::Today => ui.go(Place { date: ui.clock.peek().zone.date(*clock_now.peek()), ..place }),
            Command::Step(by) => ui.go(place.step(by)),
            Command::View(view) => ui.go(Place { view, ..place }),
            Command::MoreWeeks => ui.go(Place { view: place.view.more_weeks(), ..place }),
            Command::Jump => {
                let (width, _) = *ui.window.peek();
                ui.open_at(Open::Jump(Anchor { x: width / 2.0, y: 12.0, width: 132.0, height: 28.0 }));
            }
            Command::Duplicate => {
                let Some(id) = ui.subject() else { return false };
                duplicate(id, None);
            }
            Command::Create => create_now(),
            Command::Edit => {
                let Some(id) = ui.subject() else { return false };
                edit(id);
            }
            Command::Delete => {
                let Some(id) = ui.subject() else { return false };
                delete(id);
            }
            // What has the focus may go to another day, and keeps it there.
            Command::Undo => {
                follow_chosen();
                ui.settle(None);
                mutations.undo();
            }
            Command::Redo => {
                follow_chosen();
                mutations.redo();
            }
            Command::Palette => {
                let mut dialog = ui.dialog;
                ui.close();
                dialog.set(Some(Dialog::Palette));
            }
            Command::Keys => {
                let mut dialog = ui.dialog;
                dialog.set(Some(Dialog::Keys));
            }
            Command::Close => {
                if !ui.cancel_drag() {
                    ui.close();
                }
            }
            Command::Move(by) => {
                let Some(id) = ui.subject() else { return false };
                by_key(id, by, false);
            }
            Command::Stretch(by) => {
                let Some(id) = ui.subject() else { return false };
                by_key(id, by, true);
            }
        }
        true
    };
    let mut no_click = ui.no_click;
    let onkeydown = move |event: KeyboardEvent| {
        // A click by Enter is one. (Escape, held down, comes again and again.)
        if event.key() != Key::Escape {
            no_click.set(false);
        }
        if command(&event.key(), event.modifiers()).is_some_and(run) {
            event.prevent_default();
        }
    };
    #[cfg(not(target_arch = "wasm32"))]
    crate::native_menu::use_picks(move |picked| {
        // A dialog has a question of its own.
        if ui.dialog.peek().is_some() {
            return;
        }
        let mut dialog = ui.dialog;
        match picked {
            Picked::Command(command) => drop(run(command)),
            Picked::Settings => dialog.set(Some(Dialog::Settings(Section::Profile))),
            Picked::Sync => mutations.sync_now(),
        }
    });

    let events_now = events.read();
    let missing = events_now.ready && !events_now.covered;
    let skeleton = missing && shown.read().is_empty();
    let known = *ui.local.read() || status.read().as_of_ms.is_some();
    let dialog = *ui.dialog.read();
    let mut turned = ui.rail_turned;
    let mut account = use_signal(|| None::<Rc<MountedData>>);
    let named = email.clone().unwrap_or_else(|| t!("no-account").to_owned());
    let initial = named.chars().next().unwrap_or('?');

    rsx! {
        div {
            style: "display:contents",
            "inert": dialog.is_some().then_some(""),
            div {
                class: "frame",
                tabindex: "-1",
                onmounted: move |event| {
                    page.set(Some(event.data()));
                    async move {
                        let _ = event.set_focus(true).await;
                    }
                },
                onkeydown,
                onfocusin: move |_| ui.focus_came(),
                // A press anywhere beside it closes what is open; the full editor stays, one may look something up, and
                // so does a draft with something in it: nothing typed is lost by a slip. (What stands behind something
                // else is kept and offered again.)
                onpointerdown: move |_| {
                    no_click.set(false);
                    let stays = match *ui.open.peek() {
                        Open::Nothing | Open::Editor => true,
                        Open::Draft(_) => ui.form.peek().as_ref().is_some_and(|(form, before)| form.has_typed(before)),
                        _ => false,
                    };
                    if !stays {
                        let mut open = ui.open;
                        open.set(Open::Nothing);
                        ui.keep_typed();
                    }
                },
                if *info.update_ready.read() {
                    div { class: "strip", role: "status",
                        {t!("update-ready")}
                        button { r#type: "button", class: "link", onclick: { let info = info.clone(); move |_| info.reload() }, {t!("reload")} }
                    }
                }
                if status.read().phase == Phase::SignInAgain {
                    div { class: "strip", "data-tone": "bad", role: "status",
                        {t!("session-ended")}
                        button {
                            r#type: "button",
                            class: "link",
                            onclick: move |_| {
                                let mut dialog = ui.dialog;
                                dialog.set(Some(Dialog::SignIn));
                            },
                            {t!("sign-in-again")}
                        }
                    }
                }
                TopBar { status: status(), now, oncreate: move |()| create_now() }
                div { class: "body",
                    if turned() {
                        div { class: "rail-scrim only-phone", onclick: move |_| turned.set(false) }
                    }
                    nav { class: "rail", "data-turned": "{turned}", "aria-label": t!("calendars-and-account"),
                        button {
                            r#type: "button",
                            class: "search-button",
                            onclick: move |_| {
                                let mut dialog = ui.dialog;
                                dialog.set(Some(Dialog::Palette));
                            },
                            span { class: "grow", {t!("search")} }
                            kbd { "/" }
                        }
                        MiniMonth { today }
                        Invitations {}
                        CalendarList {
                            calendars: list.clone(),
                            known,
                            onshow: move |(id, visible): (Uuid, bool)| {
                                mutations.edit_calendar(id, CalendarEdit { visible: Some(visible), ..CalendarEdit::default() });
                            },
                        }
                        if !categories.read().is_empty() {
                            CategoryList {
                                categories: categories(),
                                onshow: move |(id, visible): (Uuid, bool)| {
                                    mutations.edit_category(id, CategoryEdit { visible: Some(visible), ..CategoryEdit::default() });
                                },
                            }
                        }
                        div { class: "rail-foot",
                            button {
                                r#type: "button",
                                class: "account",
                                "aria-haspopup": "dialog",
                                "aria-label": t!("account-named", email = &named),
                                onmounted: move |event| account.set(Some(event.data())),
                                onpointerdown: move |event| event.stop_propagation(),
                                onclick: move |_| {
                                    let opener = account.peek().clone();
                                    // On phones the rail would lie over the menu.
                                    if ui.is_phone() {
                                        turned.set(false);
                                    }
                                    async move {
                                        let anchor = Anchor::of(opener.as_deref()).await;
                                        ui.toggle(Open::Account(anchor), opener);
                                    }
                                },
                                span { class: "avatar", "data-initial": "{initial}" }
                                span { "{named}" }
                            }
                        }
                    }
                    main {
                        class: "main",
                        "aria-label": t!("calendar"),
                        onfocusin: move |_| {
                            let mut in_main = ui.in_main;
                            in_main.set(true);
                        },
                        onfocusout: move |_| {
                            let mut in_main = ui.in_main;
                            in_main.set(false);
                        },
                        // A finger that swipes to the side turns the page.
                        onpointerdown: move |event| {
                            let at = event.client_coordinates();
                            swipe.set((event.pointer_type() == "touch").then_some((at.x, at.y)));
                        },
                        onpointerup: move |event| {
                            let at = event.client_coordinates();
                            let by = swipe.take().and_then(|from| swiped(from, (at.x, at.y)));
                            if let Some(by) = by.filter(|_| ui.drag.peek().is_none()) {
                                let place = *ui.place.peek();
                                ui.go(place.step(by));
                            }
                        },
                        // What is dragged is no swipe.
                        onpointermove: move |_| {
                            if swipe.peek().is_some() && ui.drag.peek().as_ref().is_some_and(|dragging| dragging.active) {
                                swipe.set(None);
                            }
                        },
                        onpointercancel: move |_| swipe.set(None),
                        ontouchstart: move |event| pull.begin(&event),
                        ontouchmove: move |event| pull.follow(&event),
                        ontouchend: move |_| pull.end(false),
                        ontouchcancel: move |_| pull.end(true),
                        {pull.view(&status.read(), now)}
                        if let Some((form, _)) = ui.kept.read().last() {
                            div { class: "kept", role: "status", "data-testid": "kept",
                                span { class: "grow", dir: "auto", {t!("kept-draft", title = or_untitled(&form.title))} }
                                button { r#type: "button", class: "link", onclick: move |_| ui.take_up(), {t!("kept-continue")} }
                                IconButton {
                                    shape: Shape::Close,
                                    name: t!("kept-discard"),
                                    onclick: move |_| {
                                        let mut kept = ui.kept;
                                        kept.write().pop();
                                        ui.give_focus_back();
                                    },
                                }
                            }
                        }
                        EmptyHint { events, shown: shown.read().len(), view: place.view, status: status(), now, known }
                        if place.view.is_rows() {
                            MonthGrid {
                                days: days(),
                                month: (place.view == View::Month).then(|| place.date.month()),
                                events: shown(),
                                now,
                                color: new_color,
                                onask: asked,
                            }
                        } else if place.view == View::Year {
                            YearGrid { year: place.date.year(), events: shown(), now }
                        } else if place.view == View::Agenda {
                            Agenda { days: days(), events: shown(), now, here: events_now.covered, read: events_now.span == Some(span()), oncreate: move |()| create_now() }
                        } else {
                            TimeGrid {
                                days: days(),
                                events: shown(),
                                now,
                                skeleton,
                                schedule: profile.read().as_ref().and_then(|profile| profile.work_schedule.clone()),
                                color: new_color,
                                onask: asked,
                            }
                        }
                    }
                    if let (Open::Editor, Some((form, _))) = (*ui.open.read(), ui.form.read().clone()) {
                        Editor {
                            // What it knows beside the form, such as who shares the event, is of one event.
                            key: "{form.id:?}",
                            form: form.clone(),
                            calendars: list.clone(),
                            onsave: move |()| save(),
                            ondelete: move |()| {
                                if let Some(id) = form.id {
                                    delete(id);
                                }
                            },
                        }
                    }
                }
                BottomBar { oncreate: move |()| create_now() }
                match *ui.open.read() {
                    Open::Peek(id, anchor) => match find(id) {
                        Some(shown) => rsx! {
                            Peek {
                                key: "{id}",
                                anchor,
                                shown,
                                onedit: move |()| edit(id),
                                oncopy: move |()| duplicate(id, None),
                                ondelete: move |()| delete(id),
                            }
                        },
                        None => rsx! {},
                    },
                    Open::Draft(anchor) => match ui.form.read().clone() {
                        Some((form, _)) => rsx! {
                            DraftPopover { anchor, form, calendars: list.clone(), onsave: move |()| save() }
                        },
                        None => rsx! {},
                    },
                    Open::Sync(anchor) => rsx! {
                        SyncPanel {
                            anchor,
                            status: status(),
                            stuck: stuck(),
                            now,
                            server: sessions.server(),
                            onsync: move |()| mutations.sync_now(),
                            onretry: move |at| mutations.retry(at),
                            ondiscard: move |at| mutations.discard(at),
                        }
                    },
                    Open::Account(anchor) => rsx! {
                        AccountMenu { anchor, email: email.clone(), onsignout: move |()| sign_out(false) }
                    },
                    Open::Jump(anchor) => rsx! {
                        JumpPopover { anchor, today }
                    },
                    Open::Date(date, anchor) => rsx! {
                        DatePopover { key: "{date}", anchor, date, events: shown(), now }
                    },
                    // The bar shows its own menu.
                    Open::Nothing | Open::Editor | Open::Views(_) => rsx! {},
                }
            }
        }
        // Beside dialogs, not below them: what was deleted in the settings comes back from there.
        Toast {
            words: notice.read().as_ref().map(|notice| said(&notice.what)),
            number: notice.read().as_ref().map_or(0, |notice| notice.number),
            action: notice.read().as_ref().and_then(|notice| notice.undo.then_some(t!("undo"))),
            onaction: move |number| mutations.undo_noticed(number),
            onclose: move |()| mutations.dismiss_notice(),
        }
        match dialog {
            None => rsx! {},
            Some(Dialog::Calendar(id)) => rsx! {
                CalendarDialog { key: "{id:?}", all: list.clone(), id, delete: false }
            },
            Some(Dialog::DeleteCalendar(id)) => rsx! {
                CalendarDialog { all: list.clone(), id, delete: true }
            },
            Some(Dialog::SignOut(unsent)) => rsx! {
                SignOutDialog { unsent, onanyway: move |()| sign_out(true) }
            },
            Some(Dialog::Keys) => rsx! {
                KeysDialog {}
            },
            Some(Dialog::SignIn) => rsx! {
                match email.clone() {
                    Some(email) => rsx! {
                        SignInAgainDialog { email }
                    },
                    None => rsx! {
                        SignInToSyncDialog {}
                    },
                }
            },
            Some(Dialog::Account) => rsx! {
                AccountDialog { email: named.clone() }
            },
            Some(Dialog::Switch) => rsx! {
                SwitchDialog { email: named.clone() }
            },
            Some(Dialog::EraseLocal) => rsx! {
                EraseLocalDialog {}
            },
            Some(Dialog::Palette) => rsx! {
                Palette { oncreate: move |()| create_now() }
            },
            Some(Dialog::Settings(section)) => rsx! {
                SettingsPage { section }
            },
        }
    }
}

/// When a new event begins that nobody has said a time for: the next half hour if today is meant, else nine on the date
/// of the place. Where the days are rows the focus can go to any of them, and then today is only one of those shown.
fn start_now(place: Place, days: &[NaiveDate], now: DateTime<Utc>, zone: Zone) -> DateTime<Utc> {
    let today = zone.date(now);
    if days.contains(&today) && (place.date == today || !place.view.is_rows()) {
        zone.at(today, (zone.minute(now) / 30 + 1) * 30)
    } else {
        zone.at(place.date, 540)
    }
}

/// Which way a finger has swiped, if it has.
fn swiped(from: (f64, f64), to: (f64, f64)) -> Option<i32> {
    const FAR: f64 = 60.0;
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    (x.abs() >= FAR && x.abs() > 2.0 * y.abs()).then_some(if x < 0.0 { 1 } else { -1 })
}

/// A notice in words.
fn said(what: &Said) -> String {
    match what {
        Said::NotSaved(Trouble::Other, why) => t!("notice-not-saved-why", advice = advice(Trouble::Other), why = why),
        Said::NotSaved(kind, _) => t!("notice-not-saved", advice = advice(*kind)),
        Said::CategoryDeleted => t!("notice-category-deleted").to_owned(),
        Said::PersonaDeleted => t!("notice-persona-deleted").to_owned(),
        Said::NotSignedOut(why) => t!("notice-not-signed-out", why = why),
        Said::Gone => t!("notice-gone").to_owned(),
        Said::NotYours => t!("notice-not-yours").to_owned(),
        Said::Repeats => t!("notice-repeats").to_owned(),
        Said::Hidden(calendar) => t!("notice-hidden", calendar = calendar),
        Said::EventDeleted => t!("notice-event-deleted").to_owned(),
        Said::CalendarDeleted => t!("notice-calendar-deleted").to_owned(),
        Said::NothingToUndo => t!("notice-nothing-to-undo").to_owned(),
        Said::NothingToRedo => t!("notice-nothing-to-redo").to_owned(),
        Said::TheirsKept => t!("notice-theirs-kept").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_event_is_on_the_date_one_is_at() {
        let berlin = Zone::choose(None, "Europe/Berlin");
        let start = |view, date: &str| {
            let place = Place { view, date: date.parse().unwrap() };
            let now = "2026-11-19T09:10:00Z".parse().unwrap();
            start_now(place, &place.days(chrono::Weekday::Mon), now, berlin).to_string()
        };
        assert_eq!(start(View::Month, "2026-11-19"), "2026-11-19 09:30:00 UTC", "the next half hour of today");
        assert_eq!(start(View::Month, "2026-11-26"), "2026-11-26 08:00:00 UTC", "nine where the focus is");
        assert_eq!(start(View::Weeks(2), "2026-11-20"), "2026-11-20 08:00:00 UTC");
        assert_eq!(start(View::Month, "2027-03-14"), "2027-03-14 08:00:00 UTC");
        // Where no date stands out one cannot have gone to one.
        assert_eq!(start(View::Week, "2026-11-16"), "2026-11-19 09:30:00 UTC");
        assert_eq!(start(View::Agenda, "2026-11-01"), "2026-11-19 09:30:00 UTC");
        assert_eq!(start(View::Week, "2026-11-23"), "2026-11-23 08:00:00 UTC");
    }

    #[test]
    fn only_a_long_way_to_the_side_is_a_swipe() {
        assert_eq!(swiped((300.0, 500.0), (200.0, 510.0)), Some(1));
        assert_eq!(swiped((200.0, 500.0), (300.0, 490.0)), Some(-1));
        assert_eq!(swiped((300.0, 500.0), (270.0, 500.0)), None);
        assert_eq!(swiped((300.0, 500.0), (200.0, 600.0)), None, "scrolls");
    }
}
