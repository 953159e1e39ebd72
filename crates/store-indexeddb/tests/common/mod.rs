//! A database of its own for each test, and hands on what the browser does.
#![allow(dead_code, reason = "each test program uses a part of it")]

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::prelude::*;

/// A name that no other test has.
pub(crate) fn fresh_name() -> String {
    format!("almanac-test-{}-{}", js_sys::Date::now(), js_sys::Math::random())
}

/// `a.b.c` from the global object.
pub(crate) fn global(path: &str) -> JsValue {
    path.split('.')
        .fold(js_sys::global().into(), |object, name| Reflect::get(&object, &name.into()).expect("it is there"))
}

/// A function of the browser, replaced until this is dropped.
pub(crate) struct Replaced {
    owner: JsValue,
    name: &'static str,
    original: Function,
    _closure: Closure<dyn FnMut(JsValue, Array) -> Result<JsValue, JsValue>>,
}

impl Replaced {
    /// Replaces `owner.name`: calls reach `instead` with `this`, the arguments and the original.
    pub(crate) fn new(
        owner: &str,
        name: &'static str,
        mut instead: impl FnMut(&JsValue, &Array, &Function) -> Result<JsValue, JsValue> + 'static,
    ) -> Self {
        let owner = global(owner);
        let original: Function = Reflect::get(&owner, &name.into()).expect("it is there").unchecked_into();
        let inner = original.clone();
        let closure = Closure::new(move |this: JsValue, arguments: Array| instead(&this, &arguments, &inner));
        // A closure of Rust sees no `this`; this makes it the first argument and the others an array.
        let adapt =
            Function::new_with_args("call", "return function (...arguments_) { return call(this, arguments_); }");
        let adapted = adapt.call1(&JsValue::NULL, closure.as_ref()).expect("an adapter");
        Reflect::set(&owner, &name.into(), &adapted).expect("it can be replaced");
        Self { owner, name, original, _closure: closure }
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        Reflect::set(&self.owner, &self.name.into(), &self.original).expect("it can be put back");
    }
}

/// The name of the object store that a method was called on.
pub(crate) fn store_name(this: &JsValue) -> String {
    Reflect::get(this, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default()
}

/// A DOM exception of that name.
pub(crate) fn exception(name: &str) -> JsValue {
    let constructor: Function = global("DOMException").unchecked_into();
    Reflect::construct(&constructor, &Array::of2(&"made by a test".into(), &name.into())).expect("an exception")
}

/// `{name: value, …}`
pub(crate) fn object<'a>(fields: impl IntoIterator<Item = (&'a str, JsValue)>) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &name.into(), &value).expect("a field");
    }
    object
}
