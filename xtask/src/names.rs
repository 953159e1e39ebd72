//! Short names between the web app's program and its JavaScript. wasm-bindgen names each of some 400 imports with sixteen
//! digits at random, in both files: no compression finds anything in them, and they were 9 KB of the download.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::wasm::{FUNCTION, HEADER, IMPORTS, Reader, put_number, put_text};

/// This file: what it makes is made anew when it changes.
pub(crate) const SOURCE: &str = include_str!("names.rs");

/// The program and its JavaScript, each import under a short name in both; the JavaScript also without the blanks and
/// comments before its lines.
pub(crate) fn shorten(wasm: &[u8], js: &str) -> Result<(Vec<u8>, String)> {
    let mut names = BTreeMap::new();
    let wasm = renamed(wasm, &mut names).ok_or_else(|| Error::new("cannot read the imports of the wasm"))?;
    let mut found = 0;
    let mut short = String::new();
    for line in code_lines(js)? {
        match line.split_once(": ").and_then(|(name, rest)| Some((names.get(name)?, rest))) {
            Some((name, rest)) => {
                found += 1;
                short.extend([name, ":", rest]);
            }
            None => short.push_str(line),
        }
        short.push('\n');
    }
    if found != names.len() {
        return Err(Error::new(format!("the wasm imports {} names, its JavaScript has {found} of them", names.len())));
    }
    Ok((wasm, short))
}

/// The lines, without what is there for readers.
fn code_lines(js: &str) -> Result<Vec<&str>> {
    let mut lines = Vec::new();
    let mut in_comment = false;
    for line in js.lines() {
        if line.matches('`').count() % 2 == 1 {
            return Err(Error::new(
                "a text of the JavaScript goes over several lines: its blanks may not be taken away",
            ));
        }
        let line = line.trim();
        in_comment |= line.starts_with("/*");
        if !in_comment && !line.is_empty() && !line.starts_with("//") {
            lines.push(line);
        }
        in_comment &= !line.ends_with("*/");
    }
    Ok(lines)
}

/// `a`, `b` … `Z`, `aa`, `ba` …
fn name(mut index: usize) -> String {
    const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut name = String::new();
    loop {
        name.push(char::from(LETTERS[index % LETTERS.len()]));
        index /= LETTERS.len();
        if index == 0 {
            return name;
        }
        index -= 1;
    }
}

/// The program with its imports under short names, which are added to `names`.
fn renamed(wasm: &[u8], names: &mut BTreeMap<String, String>) -> Option<Vec<u8>> {
    let mut out = wasm.get(..HEADER)?.to_vec();
    for (kind, section) in Reader::new(wasm).sections()? {
        out.push(kind);
        if kind == IMPORTS {
            put_text(&mut out, &imports(Reader::new(section), names)?);
        } else {
            put_text(&mut out, section);
        }
    }
    Some(out)
}

fn imports(mut section: Reader<'_>, names: &mut BTreeMap<String, String>) -> Option<Vec<u8>> {
    let count = section.number()?;
    let mut out = Vec::new();
    put_number(&mut out, count);
    for _ in 0..count {
        put_text(&mut out, section.text()?);
        let long = std::str::from_utf8(section.text()?).ok()?;
        let next = name(names.len());
        put_text(&mut out, names.entry(long.to_owned()).or_insert(next).as_bytes());
        out.push(Some(section.byte()?).filter(|kind| *kind == FUNCTION)?);
        put_number(&mut out, section.number()?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that imports functions of these names, with another section after them.
    fn program(names: &[&str]) -> Vec<u8> {
        let mut imports = Vec::new();
        put_number(&mut imports, names.len());
        for (kind, name) in names.iter().enumerate() {
            put_text(&mut imports, b"./x_bg.js");
            put_text(&mut imports, name.as_bytes());
            imports.push(FUNCTION);
            put_number(&mut imports, kind + 200);
        }
        let mut out = b"\0asm\x01\0\0\0".to_vec();
        out.push(IMPORTS);
        put_text(&mut out, &imports);
        out.push(10);
        put_text(&mut out, b"code");
        out
    }

    const JS: &str = "/**\n * Says it.\n */\nconst import0 = {\n    __wbg_new_37eb45: function(arg0) {\n        return new Date(arg0);\n    },\n    \
                      __wbg_log_cd4348: (arg0) => console.log(`${arg0}`),\n    other: 1,\n};\n// the end\n";

    #[test]
    fn both_files_have_the_same_short_names() {
        let (wasm, js) = shorten(&program(&["__wbg_new_37eb45", "__wbg_log_cd4348", "__wbg_new_37eb45"]), JS).unwrap();
        assert_eq!(wasm, program(&["a", "b", "a"]));
        assert_eq!(
            js,
            "const import0 = {\na:function(arg0) {\nreturn new Date(arg0);\n},\nb:(arg0) => console.log(`${arg0}`),\nother: 1,\n};\n"
        );
    }

    #[test]
    fn what_would_not_fit_together_is_refused() {
        assert!(shorten(&program(&["__wbg_gone_1"]), JS).is_err());
        assert!(shorten(&program(&["__wbg_new_37eb45"])[..20], JS).is_err());
        assert!(shorten(&program(&[]), "const a = `one\n  two`;").is_err());
    }

    #[test]
    fn names_are_as_short_as_can_be_and_never_the_same() {
        let names: std::collections::BTreeSet<String> = (0..3000).map(name).collect();
        assert_eq!(names.len(), 3000);
        assert!(names.iter().filter(|name| name.len() == 1).count() == 52 && names.iter().all(|name| name.len() <= 3));
    }
}
