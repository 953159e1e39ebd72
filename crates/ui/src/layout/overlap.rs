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

/// Places events, given as minutes `(start, end)`; the answer is in their order.
#[must_use]
pub(crate) fn overlap(events: &[(i64, i64)]) -> Vec<Slot> {
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by_key(|&i| (events[i].0, std::cmp::Reverse(events[i].1), i));

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
                let mut band = Band { left, width, depth, columns: Vec::new() };
                band.add(i, start, end);
                bands.push(band);
            }
        }
        // A band grows only while it is the last one, so those under it never move again.
        if let Some(band) = bands.last() {
            band.place(&mut places);
        }
    }
    places
}

/// Events with close starts, in columns.
struct Band {
    left: f64,
    width: f64,
    depth: usize,
    /// Each column's events with their ends, in the order of time.
    columns: Vec<Vec<(usize, i64)>>,
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
        let (count, index) = (self.columns.len() as f64, |c: usize| c as f64);
        for (c, column) in self.columns.iter().enumerate() {
            for (event, _) in column {
                let width = self.width / count;
                places[*event] = Slot { left: self.left + width * index(c), width, depth: self.depth };
            }
        }
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
        overlap(events).iter().map(|place| (round(place.left), round(place.width))).collect()
    }

    #[test]
    fn events_apart_take_the_whole_width() {
        assert_eq!(lefts(&[(9 * H, 10 * H), (10 * H, 11 * H)]), [(0.0, 1.0), (0.0, 1.0)]);
        assert_eq!(overlap(&[]), []);
    }

    #[test]
    fn events_that_begin_together_share_it_equally() {
        assert_eq!(lefts(&[(540, 600), (540, 630), (550, 600)]), [(0.33, 0.33), (0.0, 0.33), (0.67, 0.33)]);
    }

    #[test]
    fn a_later_one_lies_on_the_earlier_with_an_inset() {
        let places = overlap(&[(540, 720), (600, 660)]);
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
        let places = overlap(&[(540, 600); 12]);
        assert!(places.iter().all(|place| (place.width - 1.0 / 12.0).abs() < 1e-9));
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
            let places = overlap(&events);
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
