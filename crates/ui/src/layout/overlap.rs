//! Side by side or on top of each other: how events that overlap share a day's column.
//!
//! Events that begin close together stand in equal columns, since none may hide another's title. One that begins later
//! lies on the earlier ones with an inset, like cards: their titles stay readable and no one is squeezed to a sliver.
//! Where the right side is free, it takes that instead.

/// Minutes: starts nearer than this count as close, since a title and a time need as much room (36 px).
const CLOSE: i64 = 45;
/// Minutes: the least an event counts for, since it is drawn 20 px high at least.
const LEAST: i64 = 25;
/// How far a later event is moved in from the left edge of what it lies on.
const INSET: f64 = 0.09;
/// No event gets narrower than this by insets.
const NARROWEST: f64 = 0.34;

/// Where an event stands in its column, as fractions of its width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slot {
    /// Left edge, 0–1.
    pub(crate) left: f64,
    /// Width, 0–1.
    pub(crate) width: f64,
    /// How many events it lies on: the higher, the nearer to the eye.
    pub(crate) depth: usize,
}

/// Events for which there is no room beside the others: one sign stands for them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Crowd {
    /// Where the sign stands.
    pub(crate) slot: Slot,
    /// Minutes: the first start and the last end.
    pub(crate) span: (i64, i64),
    /// Which of the events given.
    pub(crate) events: Vec<usize>,
}

/// Places events, given as minutes `(start, end)`, in a column with room for `most` beside each other; the answer is in
/// their order. Those in a crowd have the sign's place.
#[must_use]
pub(crate) fn overlap(events: &[(i64, i64)], most: usize) -> (Vec<Slot>, Vec<Crowd>) {
    let mut order: Vec<usize> = (0..events.len()).collect();
    almanac_core::order::sort_by_key(&mut order, |&i| (events[i].0, std::cmp::Reverse(events[i].1), i));

    let mut places = vec![Slot { left: 0.0, width: 1.0, depth: 0 }; events.len()];
    let mut bands: Vec<Band> = Vec::new();
    for i in order {
        let (start, end) = (events[i].0, events[i].1.max(events[i].0 + LEAST));
        // The last to begin of those still open. If it is near, it stands in the last band: whatever began after it was
        // near too, and joined the same one.
        let newest = open(&bands, start).map(|event| events[event].0).max();
        match bands.last_mut() {
            Some(band) if newest.is_some_and(|newest| start - newest < CLOSE) => band.add(i, start, end),
            _ => {
                let (left, width, depth) = room(&bands, start, &places);
                let mut band = Band { left, width, depth, columns: Vec::new(), most: room_for(most, width) };
                band.add(i, start, end);
                bands.push(band);
            }
        }
        // A band grows only while it is the last one, so those under it never move again.
        if let Some(band) = bands.last() {
            band.place(&mut places);
        }
    }
    let crowds = bands.iter().flat_map(|band| band.crowds(events)).collect();
    (places, crowds)
}

/// How many fit beside each other in a part of the column; two at least, or a sign could not stand beside an event.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a few columns"
)]
fn room_for(most: usize, width: f64) -> usize {
    ((most as f64 * width + 0.01) as usize).max(2)
}

/// Events with close starts, in columns.
struct Band {
    left: f64,
    width: f64,
    depth: usize,
    /// Each column's events with their ends, in the order of time.
    columns: Vec<Vec<(usize, i64)>>,
    /// More columns than these are a crowd.
    most: usize,
}

impl Band {
    fn add(&mut self, event: usize, start: i64, end: i64) {
        let free = self.columns.iter_mut().find(|column| column.last().is_none_or(|(_, last)| *last <= start));
        match free {
            Some(column) => column.push((event, end)),
            None => self.columns.push(vec![(event, end)]),
        }
    }

    fn place(&self, places: &mut [Slot]) {
        #[allow(clippy::cast_precision_loss, reason = "a few columns")]
        let (count, index) = (self.columns.len().min(self.most) as f64, |c: usize| c.min(self.most - 1) as f64);
        for (c, column) in self.columns.iter().enumerate() {
            for (event, _) in column {
                let width = self.width / count;
                places[*event] = Slot { left: self.left + width * index(c), width, depth: self.depth };
            }
        }
    }

    /// What does not fit, each run of it that touches in time as one.
    fn crowds(&self, events: &[(i64, i64)]) -> Vec<Crowd> {
        if self.columns.len() <= self.most {
            return Vec::new();
        }
        let mut rest: Vec<(usize, i64)> = self.columns[self.most - 1..].iter().flatten().copied().collect();
        almanac_core::order::sort_by_key(&mut rest, |(event, _)| (events[*event].0, *event));
        #[allow(clippy::cast_precision_loss, reason = "a few columns")]
        let width = self.width / self.most as f64;
        let slot = Slot { left: self.left + self.width - width, width, depth: self.depth };
        let mut crowds: Vec<Crowd> = Vec::new();
        for (event, end) in rest {
            let start = events[event].0;
            match crowds.last_mut() {
                Some(crowd) if start < crowd.span.1 => {
                    crowd.span.1 = crowd.span.1.max(end);
                    crowd.events.push(event);
                }
                _ => crowds.push(Crowd { slot, span: (start, end), events: vec![event] }),
            }
        }
        crowds
    }
}

/// The events that have begun and go on at `start`.
fn open(bands: &[Band], start: i64) -> impl Iterator<Item = usize> {
    bands
        .iter()
        .flat_map(|band| band.columns.iter().flatten())
        .filter(move |(_, end)| *end > start)
        .map(|(event, _)| *event)
}

/// The room for a band that begins at `start`: all of it, what is free at the right, or on top with an inset.
fn room(bands: &[Band], start: i64, places: &[Slot]) -> (f64, f64, usize) {
    let open = || open(bands, start).map(|event| places[event]);
    let taken = open().map(|place| place.left + place.width).fold(0.0, f64::max);
    let Some(top) = open().max_by_key(|place| place.depth) else {
        return (0.0, 1.0, 0);
    };
    if 1.0 - taken >= NARROWEST {
        return (taken, 1.0 - taken, top.depth);
    }
    let left = open().filter(|place| place.depth == top.depth).map(|place| place.left).fold(1.0, f64::min);
    let left = (left + INSET).min(1.0 - NARROWEST);
    (left, 1.0 - left, top.depth + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: i64 = 60;

    fn lefts(events: &[(i64, i64)]) -> Vec<(f64, f64)> {
        let round = |x: f64| (x * 100.0).round() / 100.0;
        overlap(events, 40).0.iter().map(|place| (round(place.left), round(place.width))).collect()
    }

    #[test]
    fn events_apart_take_the_whole_width() {
        assert_eq!(lefts(&[(9 * H, 10 * H), (10 * H, 11 * H)]), [(0.0, 1.0), (0.0, 1.0)]);
        assert_eq!(overlap(&[], 40).0, []);
    }

    #[test]
    fn events_that_begin_together_share_it_equally() {
        assert_eq!(lefts(&[(540, 600), (540, 630), (550, 600)]), [(0.33, 0.33), (0.0, 0.33), (0.67, 0.33)]);
    }

    #[test]
    fn a_later_one_lies_on_the_earlier_with_an_inset() {
        let (places, _) = overlap(&[(540, 720), (600, 660)], 40);
        assert_eq!(lefts(&[(540, 720), (600, 660)]), [(0.0, 1.0), (0.09, 0.91)]);
        assert!(places[1].depth > places[0].depth);
    }

    #[test]
    fn what_has_become_free_at_the_right_is_used() {
        // Two begin together; when the short one is over, a third takes its side.
        assert_eq!(lefts(&[(540, 840), (540, 570), (660, 720)]), [(0.0, 0.5), (0.5, 0.5), (0.5, 0.5)]);
    }

    #[test]
    fn a_short_event_keeps_its_drawn_height_free() {
        // Five minutes are drawn 20 px high: the next one at 09:10 may not cover them.
        assert_eq!(lefts(&[(540, 545), (550, 600)]), [(0.0, 0.5), (0.5, 0.5)]);
    }

    #[test]
    fn twelve_at_once_are_twelve_columns() {
        let (places, crowds) = overlap(&[(540, 600); 12], 40);
        assert!(places.iter().all(|place| (place.width - 1.0 / 12.0).abs() < 1e-9));
        assert_eq!(crowds, []);
    }

    #[test]
    fn where_twelve_do_not_fit_one_sign_stands_for_the_rest() {
        let (places, crowds) = overlap(&[(540, 600); 12], 5);
        assert!(places.iter().all(|place| (place.width - 0.2).abs() < 1e-9));
        let [crowd] = crowds.as_slice() else { panic!("{crowds:?}") };
        assert_eq!((crowd.events.len(), crowd.span), (8, (540, 600)));
        assert!((crowd.slot.left - 0.8).abs() < 1e-9);
    }

    #[test]
    fn crowds_apart_in_time_have_a_sign_each() {
        let mut events = vec![(540, 900); 2];
        events.extend([(541, 600), (542, 600), (700, 760), (701, 760)]);
        let (_, crowds) = overlap(&events, 3);
        let mut left: Vec<usize> = crowds.iter().flat_map(|crowd| crowd.events.clone()).collect();
        left.sort_unstable();
        left.dedup();
        assert_eq!(left.len(), crowds.iter().map(|crowd| crowd.events.len()).sum::<usize>(), "each counts once");
        assert!(crowds.iter().all(|crowd| crowd.span.0 < crowd.span.1));
    }

    /// Everything a reader needs: inside the column, never narrower than needed, no title covered.
    #[test]
    fn any_day_stays_readable() {
        let mut seed = 7_u64;
        let mut random = move |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((seed >> 33) % below).unwrap_or(0)
        };
        for _ in 0..500 {
            let count = usize::try_from(1 + random(40)).unwrap();
            let events: Vec<(i64, i64)> = (0..count)
                .map(|_| {
                    let start = random(1400);
                    (start, start + random(300))
                })
                .collect();
            let (places, _) = overlap(&events, 40);
            for (i, a) in places.iter().enumerate() {
                assert!(a.left >= -1e-9 && a.width > 0.0 && a.left + a.width <= 1.0 + 1e-9, "{events:?}");
                for (j, b) in places.iter().enumerate() {
                    let close = events[j].0 >= events[i].0 && events[j].0 - events[i].0 < LEAST && i != j;
                    let apart = a.left + a.width <= b.left + 1e-9 || b.left + b.width <= a.left + 1e-9;
                    assert!(!close || apart, "{i} and {j} begin together and cover each other: {events:?}");
                }
            }
        }
    }
}
