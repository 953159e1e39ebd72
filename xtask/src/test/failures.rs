//! What a runner said of each test that failed, found in its output: a reader of a CI log has nothing else.

/// At most so many lines of one failure are shown.
const LINES: usize = 60;

/// One failed test: its name, and what the runner said of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure<'a> {
    pub(super) name: &'a str,
    pub(super) lines: Vec<&'a str>,
}

/// The failed tests in the output of cargo and wasm-bindgen (`---- name stdout ----`) and of node (TAP: `not ok 3 - name`).
/// (Playwright through `tests/e2e/counts.mjs`.)
pub(super) fn failures(output: &str) -> Vec<Failure<'_>> {
    let mut found: Vec<Failure<'_>> = Vec::new();
    let mut lines = output.lines().peekable();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        let mut said = vec![line];
        let name = if let Some(name) = trimmed.strip_prefix("not ok ") {
            // The details follow as YAML, up to a line of three dots.
            while let Some(next) = lines.next_if(|next| !is_tap(next)) {
                said.push(next);
                if next.trim() == "..." {
                    break;
                }
            }
            // A suite fails with its tests; they are told.
            if said.iter().any(|line| line.contains("failureType: 'subtestsFailed'")) {
                continue;
            }
            name.split_once(" - ").map_or(name, |(_, name)| name)
        } else if let Some(name) = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----")) {
            while let Some(next) = lines.next_if(|next| !next.starts_with("---- ") && *next != "failures:") {
                said.push(next);
            }
            name
        } else {
            continue;
        };
        said.truncate(LINES);
        found.push(Failure { name, lines: said });
    }
    found
}

/// Whether a line begins or ends a test in TAP.
fn is_tap(line: &str) -> bool {
    let line = line.trim_start();
    ["ok ", "not ok ", "# Subtest: ", "1.."].iter().any(|start| line.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_says_it_between_two_headings() {
        let output = "test a ... ok\ntest b::c ... FAILED\n\nfailures:\n\n---- b::c stdout ----\nthread panicked\nleft: 1\n\n\
                      failures:\n    b::c\n\ntest result: FAILED. 1 passed; 1 failed";
        let found = failures(output);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name, "b::c");
        assert!(found[0].lines.contains(&"left: 1"));
    }

    #[test]
    fn tap_says_it_below_the_test_and_a_suite_only_repeats_it() {
        let output = "# Subtest: delete\n    # Subtest: of no row\n    not ok 1 - of no row\n      ---\n      error: 'no'\n      ...\n\
                      \x20   # Subtest: next\n    ok 2 - next\n    1..2\nnot ok 4 - delete\n  ---\n  failureType: 'subtestsFailed'\n  ...\n\
                      # pass 1\n# fail 1\n";
        let found = failures(output);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name, "of no row");
        assert!(found[0].lines.iter().any(|line| line.contains("error: 'no'")));
    }

    #[test]
    fn where_all_passed_there_is_none() {
        assert_eq!(failures("ok 1 - x\ntest a ... ok\ntest result: ok. 1 passed; 0 failed"), []);
    }
}
