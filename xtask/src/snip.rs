//! Takes out of the web app's program what is never run there: a program in the browser has no environment that could ask for
//! backtraces, but the standard library brings along what prints them, with the names of functions in Rust's own spelling. It
//! was 5 KB of the download.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::wasm::{CODE, CUSTOM, HEADER, IMPORTS, Reader, put_number, put_text};

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
    let section = |wanted| sections.iter().find(|(kind, _)| *kind == wanted).map(|(_, bytes)| *bytes);
    // Functions are numbered from the imported ones on, of which wasm-bindgen's imports are all.
    let imported = section(IMPORTS).map_or(Some(0), |bytes| Reader::new(bytes).number())?;
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
        let mut bodies = Reader::new(bytes);
        let mut code = Vec::new();
        let all = bodies.number()?;
        put_number(&mut code, all);
        for number in imported..imported + all {
            let body = bodies.text()?;
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
    const FUNCTIONS: u8 = 1;
    if section.text()? != b"name" {
        return None;
    }
    while !section.is_at_end() {
        let (kind, bytes) = (section.byte()?, section.text()?);
        if kind == FUNCTIONS {
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

    const BODY: &[u8] = b"\0\x41\x07\x1a\x0b";

    /// A program that imports one function and has these, each with its body.
    fn program(functions: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = b"\0asm\x01\0\0\0".to_vec();
        let mut add = |kind: u8, section: &[u8]| {
            out.push(kind);
            put_text(&mut out, section);
        };
        let mut imports = vec![1];
        put_text(&mut imports, b"./x_bg.js");
        put_text(&mut imports, b"now");
        imports.extend([0, 0]);
        add(IMPORTS, &imports);
        let mut code = Vec::new();
        let mut known = Vec::new();
        put_number(&mut code, functions.len());
        put_number(&mut known, functions.len());
        for (number, (name, body)) in functions.iter().enumerate() {
            put_text(&mut code, body);
            put_number(&mut known, number + 1);
            put_text(&mut known, name.as_bytes());
        }
        add(CODE, &code);
        let mut custom = Vec::new();
        put_text(&mut custom, b"name");
        custom.push(1);
        put_text(&mut custom, &known);
        add(CUSTOM, &custom);
        out
    }

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
