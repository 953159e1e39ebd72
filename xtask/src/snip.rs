//! Takes out of the web app's program what is never run there: a program in the browser has no environment that could ask for
//! backtraces, but the standard library brings along what prints them, with the names of functions in Rust's own spelling. It
//! was 5 KB of the download.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::wasm::{CODE, CUSTOM, FUNCTION_NAMES, HEADER, Reader, functions, put_number, put_text};

/// This file: what it makes is made anew when it changes.
pub(crate) const SOURCE: &str = include_str!("snip.rs");

/// What the functions have in their names.
const NEVER: [&str; 3] = ["rustc_demangle", "backtrace_rs", "::backtrace::Backtrace as core"];

/// A function without locals that ends the program if it is ever called.
const UNREACHABLE: &[u8] = b"\0\0\x0b";

/// The program, which has its functions' names in it, with a stub in place of each function that is never called. What only they
/// have called is for wasm-opt to find.
pub(crate) fn snip(wasm: &[u8]) -> Result<Vec<u8>> {
    match snipped(wasm) {
        Some((out, count)) if count > 0 => Ok(out),
        Some(_) => Err(Error::new(format!("no function of the wasm has one of {NEVER:?} in its name any more"))),
        None => Err(Error::new("cannot read the functions of the wasm")),
    }
}

fn snipped(wasm: &[u8]) -> Option<(Vec<u8>, usize)> {
    let sections = Reader::new(wasm).sections()?;
    let (first, bodies) = functions(&sections)?;
    let names = sections.iter().filter(|(kind, _)| *kind == CUSTOM).find_map(|(_, bytes)| names(Reader::new(bytes)))?;
    let is_never = |number| names.get(&number).is_some_and(|name| NEVER.iter().any(|part| name.contains(part)));
    let mut out = wasm.get(..HEADER)?.to_vec();
    let mut count = 0;
    for (kind, bytes) in &sections {
        out.push(*kind);
        if *kind != CODE {
            put_text(&mut out, bytes);
            continue;
        }
        let mut code = Vec::new();
        put_number(&mut code, bodies.len());
        for (number, body) in (first..).zip(&bodies) {
            let cut = is_never(number);
            count += usize::from(cut);
            put_text(&mut code, if cut { UNREACHABLE } else { body });
        }
        put_text(&mut out, &code);
    }
    Some((out, count))
}

/// The names of functions by their numbers, if this is the section that has them.
fn names(mut section: Reader<'_>) -> Option<BTreeMap<usize, &str>> {
    if section.text()? != b"name" {
        return None;
    }
    while !section.is_at_end() {
        let (kind, bytes) = (section.byte()?, section.text()?);
        if kind == FUNCTION_NAMES {
            let mut names = Reader::new(bytes);
            let count = names.number()?;
            return (0..count).map(|_| Some((names.number()?, std::str::from_utf8(names.text()?).ok()?))).collect();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::tests::program;

    const BODY: &[u8] = b"\0\x41\x07\x1a\x0b";

    #[test]
    fn what_is_never_run_is_a_stub_and_the_rest_as_it_was() {
        let named =
            |second| program(&[("almanac::main", BODY), ("rustc_demangle[1]::demangle", second), ("core::fmt", BODY)]);
        assert_eq!(snip(&named(BODY)).unwrap(), named(UNREACHABLE));
    }

    #[test]
    fn a_program_without_it_or_without_names_is_told_of() {
        assert!(snip(&program(&[("almanac::main", BODY)])).is_err());
        let whole = program(&[("rustc_demangle::demangle", BODY)]);
        assert!(snip(&whole[..whole.len() - 40]).is_err());
    }
}
