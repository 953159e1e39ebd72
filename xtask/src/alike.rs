//! Puts functions that are alike beside each other in the web app's program: Brotli says how far back it has seen a text, and
//! near is shorter. It was 19 KB of the download.

use crate::error::{Error, Result};
use crate::wasm::{Reader, functions, put_names};

/// This file: what it makes is made anew when it changes.
pub(crate) const SOURCE: &str = include_str!("alike.rs");

/// The program with a name for each function, so that they are in order once they are sorted by their names.
pub(crate) fn named(wasm: &[u8]) -> Result<Vec<u8>> {
    let (first, bodies) = Reader::new(wasm)
        .sections()
        .and_then(|sections| functions(&sections))
        .ok_or_else(|| Error::new("cannot read the functions of the wasm"))?;
    let mut names = vec![String::new(); bodies.len()];
    for (place, function) in order(&bodies).into_iter().enumerate() {
        names[function] = format!("{place:06}");
    }
    let mut out = wasm.to_vec();
    put_names(&mut out, names.iter().enumerate().map(|(function, name)| (first + function, name.as_str())));
    Ok(out)
}

/// A chain: the largest function, and after each one the one that is most like it of those that are left.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let all: Vec<Parts> = bodies.iter().map(|body| Parts::of(body)).collect();
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut chain = Vec::with_capacity(bodies.len());
    let mut next = left.iter().copied().max_by_key(|function| bodies[*function].len());
    while let Some(last) = next {
        chain.push(last);
        left.retain(|function| *function != last);
        let likeness = left.iter().map(|function| (all[*function].likeness(&all[last]), *function));
        next = likeness.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, function)| function);
    }
    chain
}

/// Words of a set of 2,048.
const WORDS: usize = 32;

/// Which three bytes stand beside each other somewhere in a function, as a set of their hashes.
struct Parts {
    set: [u64; WORDS],
    size: f64,
}

impl Parts {
    fn of(body: &[u8]) -> Self {
        let mut set = [0; WORDS];
        for three in body.windows(3) {
            let hash = u32::from_le_bytes([three[0], three[1], three[2], 0]).wrapping_mul(0x9E37_79B1) >> 21;
            set[hash as usize / 64] |= 1 << (hash % 64);
        }
        let size = set.iter().map(|word: &u64| word.count_ones()).sum::<u32>();
        Self { set, size: f64::from(size.max(1)) }
    }

    /// The cosine of the two, but for a factor that all have that are compared with the same one.
    fn likeness(&self, other: &Self) -> f64 {
        let common: u32 = self.set.iter().zip(&other.set).map(|(a, b)| (a & b).count_ones()).sum();
        f64::from(common) / self.size.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::tests::{program, unnamed};

    #[test]
    fn the_largest_is_first_and_each_is_followed_by_the_one_most_like_it() {
        let bodies: [&[u8]; 4] = [b"123456", b"abcdefgh", b"0123456", b"abcdefghijkl"];
        assert_eq!(order(&bodies)[..2], [3, 1]);
        assert_eq!(order(&bodies[..3]), [1, 2, 0]);
        let names = ["000002", "000000", "000001"];
        let expected = program(&std::array::from_fn::<_, 3, _>(|number| (names[number], bodies[number])));
        assert_eq!(named(&unnamed(&bodies[..3])).unwrap(), expected);
    }

    #[test]
    fn what_is_no_program_is_told_of() {
        assert!(named(b"\0asm").is_err());
    }
}
