//! Leadership by Web Locks: one tab per account syncs, and when it is closed or crashes the browser gives the lock to
//! the next in line at once.

use almanac_data::Lead;
use futures::channel::oneshot;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

/// Holds the lock; dropping it lets go.
struct Guard {
    release: Function,
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Calling a promise's resolve function cannot fail.
        let _ = self.release.call0(&JsValue::NULL);
    }
}

/// Waits for the lock of that name.
pub(crate) async fn lead(name: String) -> Lead {
    let (won, wait) = oneshot::channel();
    let granted = Closure::once(move |_lock: JsValue| -> JsValue {
        let mut release = None;
        let held = Promise::new(&mut |resolve, _| release = Some(resolve));
        if let Some(release) = release {
            // A dropped receiver drops the guard here, which lets go at once.
            let _ = won.send(Guard { release });
        }
        held.into()
    });
    if request(&name, granted.as_ref().unchecked_ref()).is_none() {
        // Without Web Locks (a page without a secure context) there is nothing to agree by: this tab syncs. Merge
        // keeps that harmless, it only asks twice.
        return Lead(Box::new(()));
    }
    let guard = wait.await;
    drop(granted);
    guard.map_or_else(|_| Lead(Box::new(())), |guard| Lead(Box::new(guard)))
}

/// `navigator.locks.request(name, granted)`; none where there are no locks.
fn request(name: &str, granted: &Function) -> Option<()> {
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object)?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    request.call2(&locks, &name.into(), granted).ok()?;
    Some(())
}
