//! Names nobody can guess: branches, tags, Call-IDs, nonces, all from one seed by SHA-256 in counter mode.
//! Never asks the system for randomness: the same seed gives the same names, so that a test can repeat a story.

use sha2::{Digest, Sha256};

/// The start of every branch of a transaction made by this RFC's rules (RFC 3261 §8.1.1.7).
pub(crate) const MAGIC_COOKIE: &str = "z9hG4bK";

/// A source of unguessable names.
#[derive(Clone)]
pub(crate) struct Tokens {
    seed: [u8; 32],
    counter: u64,
}

impl Tokens {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Tokens { seed, counter: 0 }
    }

    pub(crate) fn branch(&mut self) -> String {
        format!("{MAGIC_COOKIE}{}", hex(&self.block()[..12]))
    }

    pub(crate) fn tag(&mut self) -> String {
        hex(&self.block()[..8])
    }

    pub(crate) fn call_id(&mut self) -> String {
        hex(&self.block()[..16])
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

    fn block(&mut self) -> [u8; 32] {
        self.counter += 1;
        Sha256::new().chain_update(self.seed).chain_update(self.counter.to_be_bytes()).finalize().into()
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
        assert!(branch.starts_with(MAGIC_COOKIE));
        assert_eq!(branch, two.branch());
        assert_ne!(one.tag(), one.tag());
        assert_ne!(Tokens::new([8; 32]).branch(), branch);
        assert_ne!(one.mark("a", &["b", "c"]), one.mark("a", &["bc", ""]), "the parts' borders count");
    }
}
