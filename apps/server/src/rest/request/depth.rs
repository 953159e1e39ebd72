//! How deeply a value may be nested before PostgreSQL is asked to read it.
//!
//! PostgreSQL reads JSON, patterns and searches recursively, and stops itself when its stack is nearly used up. The embedded one
//! cannot: its stack is WebAssembly's, which it does not see, and when that runs over, the backend is gone and everyone waits until
//! it has started again. It bears some 1,500 groups of a pattern and 6,000 levels of JSON; nobody means more than a few.

/// Brackets within brackets.
const DEEPEST: usize = 500;
/// Bytes of a regular expression, or of words to search for: each group or operator of them is a level.
const LONGEST_PATTERN: usize = 1_000;
/// Wildcards of a `like`.
const MOST_WILDCARDS: usize = 500;

/// Whether a value is nested too deeply to be cast to any type.
pub(crate) fn too_deep(value: &str) -> bool {
    deepest(value.bytes()) > DEEPEST
}

/// The same for a whole JSON text, in whose strings brackets mean nothing.
pub(super) fn json_too_deep(text: &str) -> bool {
    let (mut within, mut escaped) = (false, false);
    let structure = text.bytes().filter(|byte| {
        let string = within;
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = within,
            b'"' => within = !within,
            _ => {}
        }
        !string
    });
    deepest(structure) > DEEPEST
}

/// Whether a regular expression or a search is more than PostgreSQL should be asked.
pub(super) fn pattern_too_long(pattern: &str) -> bool {
    pattern.len() > LONGEST_PATTERN
}

/// The same for a `like`.
pub(super) fn too_many_wildcards(pattern: &str) -> bool {
    pattern.bytes().filter(|byte| matches!(byte, b'*' | b'%')).count() > MOST_WILDCARDS
}

fn deepest(bytes: impl Iterator<Item = u8>) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    for byte in bytes {
        match byte {
            b'[' | b'{' | b'(' => depth += 1,
            b']' | b'}' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_within_something_else_is_deep() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(!too_deep(&nested(DEEPEST)) && too_deep(&nested(DEEPEST + 1)));
        assert!(!too_deep(&"(a)".repeat(100_000)));
        assert!(too_deep(&"{[(".repeat(DEEPEST)));
    }

    #[test]
    fn brackets_in_a_string_are_text() {
        let smile = "([{".repeat(1_000);
        assert!(!json_too_deep(&format!(r#"{{"name":"\\\"{smile}","more":[1]}}"#)));
        assert!(json_too_deep(&format!(r#"{{"name":"\\","more":{smile}"#)));
        assert!(json_too_deep(&"[".repeat(DEEPEST + 1)));
    }
}
