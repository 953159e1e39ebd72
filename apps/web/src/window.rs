//! The browser's window: events that wake the sync, updates, persistent storage.

use almanac_core::platform::BoxStream;
use almanac_data::Storage;
use futures::{StreamExt, channel::mpsc::unbounded};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventTarget, VisibilityState};

/// The event that says that a reload is due.
const UPDATE: &str = "almanac-update";

/// Items when the person comes back or the network does.
pub(crate) fn wakes() -> BoxStream<'static, ()> {
    let Some(window) = web_sys::window() else { return futures::stream::empty().boxed_local() };
    let document = window.document();
    let visible = move || document.as_ref().is_none_or(|d| d.visibility_state() == VisibilityState::Visible);
    let mut sources: Vec<(EventTarget, &str)> =
        vec![(window.clone().into(), "focus"), (window.clone().into(), "online")];
    if let Some(document) = window.document() {
        sources.push((document.into(), "visibilitychange"));
    }
    events(&sources, visible)
}

/// An item once the service worker has a new version.
pub(crate) fn updates() -> BoxStream<'static, ()> {
    let Some(window) = web_sys::window() else { return futures::stream::empty().boxed_local() };
    events(&[(window.into(), UPDATE)], || true)
}

/// Takes the new version: `boot.js` makes the waiting service worker take over and reloads.
pub(crate) fn take_update() {
    tell("almanac-take-update");
}

/// Says that a new version is there, or that this tab must be loaded anew for another reason.
pub(crate) fn offer_reload() {
    tell(UPDATE);
}

/// Tells the scripts of the page.
pub(crate) fn tell(event: &str) {
    if let (Some(window), Ok(event)) = (web_sys::window(), web_sys::Event::new(event)) {
        let _ = window.dispatch_event(&event);
    }
}

/// Asks that the browser never throws our data away to make room. Whether it agrees changes nothing for us.
pub(crate) fn ask_for_persistent_storage() {
    let storage = web_sys::window().map(|window| window.navigator().storage());
    if let Some(Ok(answer)) = storage.filter(|storage| !storage.is_undefined()).map(|storage| storage.persist()) {
        wasm_bindgen_futures::spawn_local(async move {
            let _ = wasm_bindgen_futures::JsFuture::from(answer).await;
        });
    }
}

/// How much room this origin takes, and how much the browser gives it at most.
pub(crate) async fn storage() -> Option<Storage> {
    let storage = web_sys::window()?.navigator().storage();
    if storage.is_undefined() {
        return None;
    }
    let estimate = wasm_bindgen_futures::JsFuture::from(storage.estimate().ok()?).await.ok()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes are whole and not below 0")]
    let number = |name: &str| Some(js_sys::Reflect::get(&estimate, &name.into()).ok()?.as_f64()? as u64);
    Some(Storage { used: number("usage")?, most: number("quota") })
}

/// The languages the browser asks pages for, best first.
pub(crate) fn languages() -> Vec<String> {
    let list = web_sys::window().map(|window| window.navigator().languages()).unwrap_or_default();
    list.iter().filter_map(|tag| tag.as_string()).collect()
}

thread_local! {
    /// Paths that the address bar will show, each with whether in place of the one before.
    static VISITS: RefCell<Vec<(String, bool)>> = const { RefCell::new(Vec::new()) };
}

/// The path of the page, or that which it will have in a moment.
pub(crate) fn address() -> Option<String> {
    VISITS.with_borrow(|visits| visits.last().map(|(address, _)| address.clone())).or_else(path)
}

fn path() -> Option<String> {
    web_sys::window()?.location().pathname().ok()
}

/// Shows another path, without loading anything. Not at once: the browser takes its time over it (4 ms), and what is to be
/// seen there is drawn first.
pub(crate) fn visit(address: &str, in_place: bool) {
    let is_first = VISITS.with_borrow_mut(|visits| {
        visits.push((address.to_owned(), in_place));
        visits.len() == 1
    });
    if is_first {
        gloo_timers::callback::Timeout::new(DRAWN, show_visits).forget();
    }
}

/// Until a page that turns is drawn, ms.
const DRAWN: u32 = 40;

fn show_visits() {
    let Some(Ok(history)) = web_sys::window().map(|window| window.history()) else { return };
    let none = wasm_bindgen::JsValue::NULL;
    for (address, in_place) in VISITS.take() {
        // Browsers refuse when it is done too often: the app goes on all the same.
        let _ = if in_place {
            history.replace_state_with_url(&none, "", Some(&address))
        } else {
            history.push_state_with_url(&none, "", Some(&address))
        };
    }
}

/// The path after each step back or forward.
pub(crate) fn visits() -> BoxStream<'static, String> {
    let Some(window) = web_sys::window() else { return futures::stream::empty().boxed_local() };
    events(&[(window.into(), "popstate")], || true).filter_map(async |()| path()).boxed_local()
}

/// Lets the browser save a text as a file, as if a link to it had been pressed.
pub(crate) fn download(name: &str, text: &str) -> Option<()> {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("application/json");
    let parts = js_sys::Array::of1(&text.into());
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options).ok()?;
    let url = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
    let link: web_sys::HtmlAnchorElement = web_sys::window()?.document()?.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // Some browsers read it only after the click; by then it has been read by any.
    gloo_timers::callback::Timeout::new(60_000, move || drop(web_sys::Url::revoke_object_url(&url))).forget();
    Some(())
}

/// The page's origin, `https://almanac.example`.
pub(crate) fn origin() -> String {
    web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

fn events(sources: &[(EventTarget, &str)], counts: impl Fn() -> bool + Clone + 'static) -> BoxStream<'static, ()> {
    let (sender, receiver) = unbounded();
    for (target, name) in sources {
        let (sender, counts) = (sender.clone(), counts.clone());
        let listener = Closure::<dyn FnMut()>::new(move || {
            if counts() {
                // A closed receiver means the app is gone; the page goes with it.
                let _ = sender.unbounded_send(());
            }
        });
        if target.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref()).is_ok() {
            // The listener lives as long as the page.
            listener.forget();
        }
    }
    receiver.boxed_local()
}
