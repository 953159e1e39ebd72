//! Times as people type them.

/// Reads a time of day: `9`, `930`, `9:30`, `9.30`, `14h30`, `9pm`, `9:30 a.m.`. Gives the minute of the day; none
/// when it is no time.
#[must_use]
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    let text: String = text.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let (text, half) = split_half(&text);
    let text = text.replace(['.', 'h', ','], ":");
    let (hour, minute) = match text.trim_end_matches(':').split_once(':') {
        Some((hour, minute)) if minute.len() == 2 => (number(hour)?, number(minute)?),
        Some(_) => return None,
        None => match text.trim_end_matches(':') {
            digits if digits.len() <= 2 => (number(digits)?, 0),
            digits if digits.len() <= 4 && digits.is_ascii() => {
                let (hour, minute) = digits.split_at(digits.len() - 2);
                (number(hour)?, number(minute)?)
            }
            _ => return None,
        },
    };
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(Half::Am) => hour % 12,
        Some(Half::Pm) => hour % 12 + 12,
    };
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

enum Half {
    Am,
    Pm,
}

fn split_half(text: &str) -> (&str, Option<Half>) {
    for end in ["am", "a.m.", "a"] {
        if let Some(rest) = text.strip_suffix(end) {
            return (rest, Some(Half::Am));
        }
    }
    for end in ["pm", "p.m.", "p"] {
        if let Some(rest) = text.strip_suffix(end) {
            return (rest, Some(Half::Pm));
        }
    }
    (text, None)
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, minute) in [
            ("9", 540),
            ("930", 570),
            ("0930", 570),
            ("9:30", 570),
            ("9.30", 570),
            ("14h30", 870),
            ("14h", 840),
            ("9pm", 1260),
            ("9:30 a.m.", 570),
            ("12 am", 0),
            ("12pm", 720),
            ("00:00", 0),
            ("23:59", 1439),
            (" 7p ", 1140),
        ] {
            assert_eq!(parse_time(text), Some(minute), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "x", "24:00", "9:60", "13pm", "0am", "9:3", "12345", "-1", "９", "1:2:3", "🕘"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
