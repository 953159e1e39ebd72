//! What a part of the tests achieved, and how it is read from the output of the many runners.

use std::ops::AddAssign;

use super::failures::failures;

/// Passed and failed tests, and remarks for the reader of the table.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Sentences to print below the table.
    pub(crate) notes: Vec<String>,
}

impl Counts {
    /// Counts one check; a failed one is named.
    pub(crate) fn check(&mut self, name: &str, ok: bool) {
        if ok {
            self.passed += 1;
        } else {
            self.failed += 1;
            self.notes.push(format!("failed: {name}"));
        }
    }

    /// One failure that no runner has counted: a crash, a build that failed, a runner that is missing.
    pub(crate) fn broken(why: impl Into<String>) -> Self {
        Self { passed: 0, failed: 1, notes: vec![why.into()] }
    }

    /// Reads the summaries of a runner's output. `ok` is whether it exited with 0: when it says it failed but counted no failure,
    /// or succeeded without a summary, that is a failure too. (A library without tests of its own has a summary of zeros: fine.)
    pub(crate) fn read(output: &str, ok: bool) -> Self {
        let mut counts = Self::default();
        let mut summaries = 0;
        for line in output.lines() {
            if let Some((passed, failed)) = summary(line) {
                summaries += 1;
                counts.passed += passed;
                counts.failed += failed;
            }
        }
        counts.notes.extend(failures(output).iter().map(|failure| format!("failed: {}", failure.name)));
        if !ok && counts.failed == 0 {
            counts += Self::broken("the runner failed without naming a test");
        } else if summaries == 0 {
            counts += Self::broken("the runner said nothing about tests");
        }
        counts
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.notes.extend(other.notes);
    }
}

/// The figures of one line, if it is a summary:
/// `test result: ok. 3 passed; 1 failed; …` (cargo, wasm-bindgen), `# pass 3` and `# fail 1` (node), `3 passed, 1 failed` (ours).
fn summary(line: &str) -> Option<(u64, u64)> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix("# pass ") {
        return Some((rest.trim().parse().ok()?, 0));
    }
    if let Some(rest) = line.strip_prefix("# fail ") {
        return Some((0, rest.trim().parse().ok()?));
    }
    let figures = match line.strip_prefix("test result: ") {
        Some(rest) => rest.split_once(". ")?.1,
        None => line,
    };
    let mut parts = figures.split([';', ',']).map(str::trim);
    let passed = parts.next()?.strip_suffix(" passed")?.parse().ok()?;
    let failed = parts.next()?.strip_suffix(" failed")?.parse().ok()?;
    Some((passed, failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_runner_is_understood() {
        let cargo = "test a ... ok\ntest result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
                     test result: FAILED. 3 passed; 2 failed; 0 ignored";
        let counts = Counts::read(cargo, false);
        assert_eq!((counts.passed, counts.failed), (15, 2));
        let node = Counts::read("TAP version 13\nok 1 - x\n# tests 5\n# pass 4\n# fail 1\n", false);
        assert_eq!((node.passed, node.failed), (4, 1));
        let ours = Counts::read("…\n7 passed, 0 failed\n", true);
        assert_eq!((ours.passed, ours.failed), (7, 0));
    }

    #[test]
    fn a_crash_without_a_count_is_a_failure() {
        assert_eq!(Counts::read("test result: ok. 2 passed; 0 failed; 0 ignored\nSegmentation fault", false).failed, 1);
        assert_eq!(Counts::read("", false).failed, 1);
    }

    #[test]
    fn success_without_a_summary_is_a_failure() {
        assert_eq!(Counts::read("Finished", true).failed, 1);
        assert_eq!(
            Counts::read("running 0 tests\ntest result: ok. 0 passed; 0 failed; 0 ignored", true),
            Counts::default()
        );
    }

    #[test]
    fn talk_about_tests_is_not_a_summary() {
        assert_eq!(summary("the 3 passed, and more"), None);
        assert_eq!(summary("all passed, none failed"), None);
    }
}
