//! Coverage: sets of disjoint, sorted spans `[start, end)` in ms.

/// Adds a span.
pub fn add(coverage: &mut Vec<(i64, i64)>, span: (i64, i64)) {
    if span.1 <= span.0 {
        return;
    }
    coverage.push(span);
    crate::order::sort(coverage);
    let mut joined: Vec<(i64, i64)> = Vec::with_capacity(coverage.len());
    for (start, end) in coverage.drain(..) {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    *coverage = joined;
}

/// The parts of the span that are not covered.
#[must_use]
pub fn missing(coverage: &[(i64, i64)], span: (i64, i64)) -> Vec<(i64, i64)> {
    let mut gaps = Vec::new();
    let mut from = span.0;
    for (start, end) in coverage {
        if *end <= from {
            continue;
        }
        if *start >= span.1 {
            break;
        }
        if *start > from {
            gaps.push((from, *start));
        }
        from = from.max(*end);
    }
    if from < span.1 {
        gaps.push((from, span.1));
    }
    gaps
}

/// The spans that are in both.
#[must_use]
pub fn common(a: &[(i64, i64)], b: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut both = Vec::new();
    for (start, end) in a {
        for (other_start, other_end) in b {
            add(&mut both, (*start.max(other_start), *end.min(other_end)));
        }
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn gaps_are_what_is_not_covered() {
        let mut covered = Vec::new();
        add(&mut covered, (10, 20));
        add(&mut covered, (30, 40));
        assert_eq!(missing(&covered, (0, 50)), [(0, 10), (20, 30), (40, 50)]);
        assert_eq!(missing(&covered, (12, 18)), []);
        add(&mut covered, (20, 30));
        assert_eq!(covered, [(10, 40)]);
    }

    #[test]
    fn what_two_have_in_common() {
        assert_eq!(common(&[(0, 10), (20, 30)], &[(5, 25)]), [(5, 10), (20, 25)]);
        assert_eq!(common(&[(0, 10)], &[(10, 20)]), []);
    }

    proptest! {
        #[test]
        fn a_point_is_covered_or_missing_never_both(spans in prop::collection::vec((0i64..60, 0i64..60), 0..8), from in 0i64..60, len in 0i64..30) {
            let mut covered = Vec::new();
            for (a, b) in &spans { add(&mut covered, (*a, *b)); }
            let gaps = missing(&covered, (from, from + len));
            for point in from..from + len {
                let inside = spans.iter().any(|(a, b)| (*a..*b).contains(&point));
                let gap = gaps.iter().any(|(a, b)| (*a..*b).contains(&point));
                prop_assert!(inside != gap, "{point} in {covered:?} / {gaps:?}");
            }
        }
    }
}
