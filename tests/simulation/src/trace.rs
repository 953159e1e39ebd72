//! The readable trace of a run, and its hash, by which two runs of one seed are compared.

/// See the module.
#[derive(Default)]
pub(crate) struct Trace {
    lines: Option<Vec<String>>,
    hash: u64,
}

impl Trace {
    pub(crate) fn new(keep: bool) -> Self {
        Self { lines: keep.then(Vec::new), hash: 0xcbf2_9ce4_8422_2325 }
    }

    pub(crate) const fn keeps(&self) -> bool {
        self.lines.is_some()
    }

    /// Counts something into the hash alone.
    pub(crate) const fn count(&mut self, number: u64) {
        self.hash = (self.hash ^ number).wrapping_mul(0x0100_0000_01b3);
    }

    pub(crate) fn line(&mut self, line: String) {
        if let Some(lines) = &mut self.lines {
            lines.push(line);
        }
    }

    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn take(&mut self) -> Vec<String> {
        self.lines.take().unwrap_or_default()
    }
}
