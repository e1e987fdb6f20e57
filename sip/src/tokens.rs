//! Names nobody can guess, all from one seed: branches, tags, Call-IDs and marks, and short keys for what peers chose.
//! Never asks the system for randomness: the same seed gives the same names, so that a test can repeat a story.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// The start of every branch of a transaction made by this RFC's rules (RFC 3261 §8.1.1.7).
pub(crate) const MAGIC_COOKIE: &str = "z9hG4bK";

/// A source of unguessable names.
pub(crate) struct Tokens {
    seed: [u8; 32],
    /// Whatever is new each time.
    names: ChaCha20Rng,
}

impl Tokens {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Tokens { seed, names: ChaCha20Rng::from_seed(secret(seed, "names")) }
    }

    pub(crate) fn branch(&mut self) -> Branch {
        Branch(self.bytes())
    }

    pub(crate) fn tag(&mut self) -> String {
        hex(&self.bytes::<8>())
    }

    pub(crate) fn call_id(&mut self) -> String {
        hex(&self.bytes::<16>())
    }

    /// A number nobody can guess.
    pub(crate) fn dice(&mut self) -> u64 {
        self.names.next_u64()
    }

    /// A name that is always the same for the same parts, and that only we can make.
    pub(crate) fn mark(&self, purpose: &str, parts: &[&str]) -> String {
        let mut inner = Sha256::new();
        inner.update(self.seed);
        for part in [purpose].iter().chain(parts) {
            inner.update((part.len() as u64).to_be_bytes());
            inner.update(part.as_bytes());
        }
        // Hashed twice with the seed in front, so that no one can lengthen a mark they have seen.
        let inner = inner.finalize();
        hex(&Sha256::new().chain_update(self.seed).chain_update(inner).finalize()[..12])
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.names.fill_bytes(&mut bytes);
        bytes
    }
}

/// Makes short keys for what peers chose, to find it by in tables. They are good for this start alone, and nobody can aim for
/// two things with the same key.
pub(crate) struct Keys([DefaultHasher; 2]);

/// 128 bits, in words so that it needs no padding beside others.
pub(crate) type Key = [u64; 2];

impl Keys {
    pub(crate) fn new(seed: [u8; 32]) -> Keys {
        // Two hashes that have taken in a secret each.
        Keys(["one half", "the other"].map(|purpose| {
            let mut hasher = DefaultHasher::new();
            hasher.write(&secret(seed, purpose));
            hasher
        }))
    }

    pub(crate) fn of(&self, named: impl Hash) -> Key {
        self.0.clone().map(|mut hasher| {
            named.hash(&mut hasher);
            hasher.finish()
        })
    }
}

fn secret(seed: [u8; 32], purpose: &str) -> [u8; 32] {
    Sha256::new().chain_update(seed).chain_update(purpose).finalize().into()
}

/// The branch of a transaction of ours: what stands behind the cookie, as the number it is. By default nobody's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Branch([u8; 12]);

impl Branch {
    /// Reads a branch that we may have made.
    pub(crate) fn parse(text: &str) -> Option<Branch> {
        let digits = text.strip_prefix(MAGIC_COOKIE)?.as_bytes();
        let mut bytes = [0; 12];
        if digits.len() != 2 * bytes.len() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Branch(bytes))
    }
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MAGIC_COOKIE)?;
        f.write_str(&hex(&self.0))
    }
}

/// A digit of [`hex`].
fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_and_a_seed_repeats_them() {
        let mut one = Tokens::new([7; 32]);
        let mut two = Tokens::new([7; 32]);
        let branch = one.branch();
        assert!(branch.to_string().starts_with(MAGIC_COOKIE));
        assert_eq!(Branch::parse(&branch.to_string()), Some(branch));
        for text in [
            "",
            "z9hG4bK",
            "z9hG4bK0123456789abcdef0123456",
            "z9hG4bK0123456789abcdef0123456G",
            "0123456789abcdef01234567",
        ] {
            assert_eq!(Branch::parse(text), None, "{text}");
        }
        assert_eq!(branch, two.branch());
        assert_ne!(one.tag(), one.tag());
        assert_ne!(Tokens::new([8; 32]).branch(), branch);
        assert_ne!(one.mark("a", &["b", "c"]), one.mark("a", &["bc", ""]), "the parts' borders count");
    }

    #[test]
    fn keys_differ_with_what_they_stand_for_and_with_the_start() {
        let (one, two) = (Keys::new([7; 32]), Keys::new([8; 32]));
        assert_eq!(one.of(("a", "b")), Keys::new([7; 32]).of(("a", "b")));
        assert_ne!(one.of(("a", "b")), two.of(("a", "b")));
        assert_ne!(one.of(("a", "b")), one.of(("ab", "")), "the parts' borders count");
        let [half, other] = one.of(("a", "b"));
        assert_ne!(half, other, "the halves are two hashes");
    }
}
