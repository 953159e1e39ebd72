//! Turns the Fluent files of `i18n/` into constants, so that the app carries neither their parser nor their syntax.
//!
//! A translation that lacks a message, or knows another variable than the English one, does not compile: see ADR 7.

#[path = "build_style.rs"]
mod style;
#[path = "build_zones.rs"]
mod zones;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Resource, VariantKey};
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::Path,
};

/// English first: it decides which messages there are.
const LANGUAGES: [&str; 2] = ["en", "de"];

/// The files of a language: the calendar itself; accounts, people, settings, search and sync.
const PARTS: [&str; 2] = ["", "-domains"];

type Outcome<T> = Result<T, Box<dyn Error>>;

/// One message, and the variables in it. The text is as `src/i18n/mod.rs` reads it: `\x01 variable \x02`, and
/// `\x03 variable (\x04 case \x05 text)… \x06 otherwise \x07`.
struct Message {
    text: String,
    variables: BTreeSet<String>,
}

fn main() -> Outcome<()> {
    let mut files = Vec::new();
    for language in LANGUAGES {
        let mut all = BTreeMap::new();
        for part in PARTS {
            let path = format!("i18n/{language}{part}.ftl");
            println!("cargo:rerun-if-changed={path}");
            let text = fs::read_to_string(&path)?;
            for (key, message) in compile(&path, &text)? {
                if all.insert(key.clone(), message).is_some() {
                    return Err(format!("{path}: `{key}` stands in another file too").into());
                }
            }
        }
        files.push((format!("i18n/{language}*.ftl"), all));
    }
    let english = &files[0].1;
    for (path, messages) in &files[1..] {
        for (key, message) in english {
            let Some(other) = messages.get(key) else { return Err(format!("{path} lacks `{key}`").into()) };
            if other.variables != message.variables {
                return Err(format!("{path}: `{key}` has other variables than the English one").into());
            }
        }
        if let Some(more) = messages.keys().find(|key| !english.contains_key(*key)) {
            return Err(format!("{path} has `{more}`, which the English file lacks").into());
        }
    }

    let mut code = String::new();
    writeln!(code, "/// Every message's name, sorted, with its variables.")?;
    writeln!(code, "const KEYS: [(&str, &[&str]); {}] = [", english.len())?;
    for (key, message) in english {
        writeln!(code, "    ({key:?}, &{:?}),", message.variables.iter().collect::<Vec<_>>())?;
    }
    writeln!(code, "];")?;
    writeln!(
        code,
        "/// The messages of each language, in the order of `KEYS`, a sign of their own (U+0008) between them."
    )?;
    writeln!(code, "static MESSAGES: [&str; {}] = [", LANGUAGES.len())?;
    for (_, messages) in &files {
        let all: Vec<&str> = messages.values().map(|message| message.text.as_str()).collect();
        writeln!(code, "    {:?},", all.join("\u{8}"))?;
    }
    writeln!(code, "];")?;
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("messages.rs"), code)?;
    println!("cargo:rerun-if-changed=build_style.rs");
    fs::write(Path::new(&out).join("style.css"), style::sheet()?)?;
    fs::write(Path::new(&out).join("hues.css"), style::hues()?)?;
    println!("cargo:rerun-if-changed=build_zones.rs");
    fs::write(Path::new(&out).join("zones.rs"), zones::tables()?)?;
    Ok(())
}

fn compile(path: &str, text: &str) -> Outcome<BTreeMap<String, Message>> {
    let resource: Resource<&str> =
        fluent_syntax::parser::parse(text).map_err(|(_, errors)| format!("{path}: {errors:?}"))?;
    let mut messages = BTreeMap::new();
    for entry in &resource.body {
        match entry {
            Entry::Message(message) => {
                let key = message.id.name;
                let fail = |why: &str| format!("{path}: `{key}` {why}");
                let value = message.value.as_ref().ok_or_else(|| fail("has no value"))?;
                let mut variables = BTreeSet::new();
                let text = pattern(value, &mut variables, false).map_err(|why| fail(&why))?;
                if messages.insert(key.to_owned(), Message { text, variables }).is_some() {
                    return Err(fail("stands there twice").into());
                }
            }
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
            Entry::Term(term) => return Err(format!("{path}: terms such as `-{}` are not read", term.id.name).into()),
            Entry::Junk { content } => return Err(format!("{path}: not Fluent: {content}").into()),
        }
    }
    Ok(messages)
}

fn pattern(pattern: &Pattern<&str>, variables: &mut BTreeSet<String>, within: bool) -> Result<String, String> {
    let mut text = String::new();
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value }
            | PatternElement::Placeable { expression: Expression::Inline(InlineExpression::StringLiteral { value }) } =>
            {
                if value.chars().any(|sign| sign <= '\x08') {
                    return Err("has a control sign".to_owned());
                }
                text.push_str(value);
            }
            PatternElement::Placeable { expression: Expression::Select { .. } } if within => {
                return Err("may not choose within a choice".to_owned());
            }
            PatternElement::Placeable { expression } => text.push_str(&placeable(expression, variables)?),
        }
    }
    Ok(text)
}

fn placeable(expression: &Expression<&str>, variables: &mut BTreeSet<String>) -> Result<String, String> {
    match expression {
        Expression::Inline(inline) => {
            let name = variable(inline)?;
            variables.insert(name.to_owned());
            Ok(format!("\x01{name}\x02"))
        }
        Expression::Select { selector, variants } => {
            let name = variable(selector)?;
            variables.insert(name.to_owned());
            let mut text = format!("\x03{name}");
            let mut default = None;
            for variant in variants {
                let value = pattern(&variant.value, variables, true)?;
                let (VariantKey::Identifier { name } | VariantKey::NumberLiteral { value: name }) = &variant.key;
                if variant.default {
                    default = Some(value);
                } else {
                    text.push_str(&format!("\x04{name}\x05{value}"));
                }
            }
            let default = default.ok_or("has a choice without a default")?;
            Ok(format!("{text}\x06{default}\x07"))
        }
    }
}

fn variable<'a>(inline: &InlineExpression<&'a str>) -> Result<&'a str, String> {
    match inline {
        InlineExpression::VariableReference { id } => Ok(id.name),
        _ => Err("may only use texts, variables and choices".to_owned()),
    }
}
