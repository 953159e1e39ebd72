//! Answers that were read before they were asked for: the pages beside the one that is shown, and those shown before it.

use super::{
    live::Interest as _,
    use_events::{InSpan, Writes},
};
use crate::{account::OpenAccount, items::Events};
use almanac_core::{database::Announcement, row::Span};
use futures::channel::mpsc::UnboundedReceiver;
use std::rc::{Rc, Weak};

/// The page shown, two on each side of it.
const MOST: usize = 5;

/// Answers of one account, each true as of the last commit announced: whoever asks hears of all commits first.
pub(super) struct Ahead {
    open: Weak<OpenAccount>,
    commits: UnboundedReceiver<Announcement>,
    heard: u64,
    writes: Writes,
    /// The oldest first.
    answers: Vec<(Events, InSpan)>,
}

impl Ahead {
    /// Nothing yet. From now on commits are heard.
    pub(super) fn of(open: &Rc<OpenAccount>) -> Self {
        Self {
            open: Rc::downgrade(open),
            commits: open.database.listen(),
            heard: 0,
            writes: Writes::of(open),
            answers: Vec::new(),
        }
    }

    /// Whether it is of that opening of an account.
    pub(super) fn is_of(&self, open: &Rc<OpenAccount>) -> bool {
        self.open.ptr_eq(&Rc::downgrade(open))
    }

    /// The answer for the span, if it is known, and what [`Self::keep`] wants to know should it be read now.
    pub(super) fn answer(&mut self, span: Span) -> (Option<(Events, InSpan)>, u64) {
        let since = self.hear();
        (self.answers.iter().find(|(_, about)| about.span == span).cloned(), since)
    }

    /// Hears what was committed: answers follow what was written here, and are taken away by what came from elsewhere.
    /// Gives the number of commits heard of so far.
    pub(super) fn hear(&mut self) -> u64 {
        while let Ok(told) = self.commits.try_recv() {
            self.heard += 1;
            self.writes.hear(&told);
            self.answers.retain_mut(|(events, about)| {
                let followed = about.is_hit(&told.changes).then(|| about.follow(events, &told, &self.writes));
                match followed {
                    None => true,
                    Some(None) => false,
                    Some(Some(after)) => {
                        (*events, *about) = after;
                        true
                    }
                }
            });
        }
        self.heard
    }

    /// Keeps an answer, unless it is not all of it, or something was committed while it was read.
    pub(super) fn keep(&mut self, since: u64, events: Events, about: InSpan) {
        if !events.covered || self.hear() != since {
            return;
        }
        self.answers.retain(|(_, other)| other.span != about.span);
        self.answers.push((events, about));
        if self.answers.len() > MOST {
            self.answers.remove(0);
        }
    }
}
