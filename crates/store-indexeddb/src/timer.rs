//! `setTimeout`, in a page as in a worker.

use futures::channel::oneshot;
use std::time::Duration;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, milliseconds: i32) -> JsValue;
}

/// Completes after that time.
pub(crate) async fn sleep(time: Duration) {
    let (wake, woken) = oneshot::channel::<()>();
    let callback = Closure::once_into_js(move || {
        let _ = wake.send(());
    });
    set_timeout(&callback, i32::try_from(time.as_millis()).unwrap_or(i32::MAX));
    let _ = woken.await;
}
