//! Which element of a list shows which event. One that stays keeps its element, with focus and all; one that comes takes over
//! that of one that has gone: to change an element costs a fraction of making one, and a page that turns has a hundred.

use almanac_core::Uuid;

/// The elements of a list, by number, in the order of their events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Elements(Vec<(usize, Uuid)>);

impl Elements {
    /// The numbers of the elements for these events, in their order. No event is among them twice.
    pub(crate) fn give(&mut self, events: &[Uuid]) -> Vec<usize> {
        let number_of = |id: &Uuid| self.0.iter().find(|(_, other)| other == id).map(|(number, _)| *number);
        let stay: Vec<Option<usize>> = events.iter().map(number_of).collect();
        // In the order in which they stand: then the events that take them over are the only ones that change.
        let mut free = self.0.iter().map(|(number, _)| *number).filter(|number| !stay.contains(&Some(*number)));
        let mut next = self.0.iter().map(|(number, _)| number + 1).max().unwrap_or(0);
        let mut new = || {
            next += 1;
            next - 1
        };
        let numbers: Vec<usize> =
            stay.iter().map(|stays| stays.or_else(|| free.next()).unwrap_or_else(&mut new)).collect();
        self.0 = numbers.iter().copied().zip(events.iter().copied()).collect();
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn give(elements: &mut Elements, events: &[u128]) -> Vec<usize> {
        elements.give(&events.iter().map(|id| Uuid::from_u128(*id)).collect::<Vec<_>>())
    }

    #[test]
    fn a_page_that_turns_takes_over_the_elements_of_the_one_before() {
        let mut elements = Elements::default();
        assert_eq!(give(&mut elements, &[1, 2, 3]), [0, 1, 2]);
        assert_eq!(give(&mut elements, &[4, 5]), [0, 1]);
        assert_eq!(give(&mut elements, &[6, 7, 8, 9]), [0, 1, 2, 3]);
    }

    #[test]
    fn an_event_that_stays_keeps_its_element_wherever_it_goes() {
        let mut elements = Elements::default();
        give(&mut elements, &[1, 2, 3]);
        assert_eq!(give(&mut elements, &[9, 3, 1, 2]), [3, 2, 0, 1], "one that comes has a new one");
        assert_eq!(give(&mut elements, &[3, 8, 2]), [2, 3, 1], "one that comes has that of one that has gone");
    }

    #[test]
    fn elements_are_taken_over_in_the_order_in_which_they_stand() {
        let mut elements = Elements::default();
        give(&mut elements, &[1, 2]);
        assert_eq!(give(&mut elements, &[3, 2, 1]), [2, 1, 0]);
        assert_eq!(give(&mut elements, &[4, 5, 6]), [2, 1, 0], "nothing is moved");
    }
}
