//! FNV-1a, 64 bits: names files by their content and notices changed inputs. Not for anything an attacker may choose.

/// A running hash.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hash(u64);

impl Hash {
    /// The hash of nothing.
    pub(crate) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds bytes.
    pub(crate) fn add(mut self, bytes: &[u8]) -> Self {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self
    }

    /// 16 hexadecimal digits.
    pub(crate) fn hex(self) -> String {
        format!("{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_fnv_1a() {
        // From the reference tables of the algorithm's authors.
        assert_eq!(Hash::new().add(b"").hex(), "cbf29ce484222325");
        assert_eq!(Hash::new().add(b"foobar").hex(), "85944171f73967e8");
    }
}
