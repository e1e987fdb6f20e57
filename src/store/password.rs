//! Passwords as they are stored: argon2id hashes, as PHC strings.
//! Never keeps a password, and never spends more on a hash than a fixed cost.

use super::error::StoreError;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{Output, PasswordHash, PasswordHasher, SaltString};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use domain::company::Secret;
use std::ops::RangeInclusive;

/// The most that a hash may cost: whoever sets it decides what each attempt to log in costs the daemon. What RFC
/// 9106 §4 recommends where memory is short, 64 MiB, 3 passes and 4 lanes, fits.
const MEMORY_KIB: RangeInclusive<u32> = 8..=64 * 1024;
const PASSES: RangeInclusive<u32> = 1..=10;
const LANES: RangeInclusive<u32> = 1..=4;

/// The memory that a hash is computed in: kept for the next one, unless it was more than our own hashes need.
#[derive(Default)]
pub struct Scratch(Vec<Block>);

impl Scratch {
    fn of(&mut self, blocks: usize) -> &mut [Block] {
        if self.0.len() < blocks {
            // Not grown: that would need both at once.
            self.0 = Vec::new();
            self.0 = vec![Block::default(); blocks];
        }
        &mut self.0[..blocks]
    }

    fn give_back(&mut self) {
        if self.0.len() > Params::DEFAULT.block_count() {
            self.0 = Vec::new();
        }
    }
}

/// The hash of a password.
pub trait Hashed: Sized {
    /// The argon2id hash of a password, with a new salt.
    ///
    /// # Errors
    /// When the system has no chance to give.
    fn hash(password: &str) -> Result<Self, StoreError>;

    /// Whether this is the hash of `password`. Takes as long for a wrong one.
    fn matches(&self, password: &str) -> bool;

    /// The same, in memory that is used again and again.
    fn matches_in(&self, password: &str, scratch: &mut Scratch) -> bool;
}

impl Hashed for Secret {
    fn hash(password: &str) -> Result<Secret, StoreError> {
        Argon2::default()
            .hash_password(password.as_bytes(), &SaltString::generate(&mut OsRng))
            .map(|hash| Secret(hash.to_string()))
            .map_err(|why| StoreError::Database { doing: "hash a password", why: why.to_string() })
    }

    fn matches(&self, password: &str) -> bool {
        self.matches_in(password, &mut Scratch::default())
    }

    fn matches_in(&self, password: &str, scratch: &mut Scratch) -> bool {
        let computed = read(&self.0).ok().and_then(|(hash, params)| {
            let (salt, expected) = (hash.salt?, hash.hash?);
            let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
            let mut bytes = [0; 64];
            let salt = salt.decode_b64(&mut bytes).ok()?;
            let mut output = vec![0; expected.len()];
            let blocks = scratch.of(params.block_count());
            let argon2 = Argon2::new(Algorithm::Argon2id, version, params);
            argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut output, blocks).ok()?;
            // They are compared in constant time.
            Some(Output::new(&output).ok()? == expected)
        });
        scratch.give_back();
        computed.unwrap_or(false)
    }
}

/// Whether this is the hash of a password that can be used here; else what would be.
pub(super) fn check(hash: &str) -> Result<(), String> {
    read(hash).map(|_| ())
}

fn read(hash: &str) -> Result<(PasswordHash<'_>, Params), String> {
    let hash = PasswordHash::new(hash).ok().filter(|hash| hash.algorithm == Algorithm::Argon2id.ident());
    let hash = hash.filter(|hash| hash.salt.is_some() && hash.hash.is_some()).ok_or("expected `$argon2id$…`")?;
    let costs = [("m", MEMORY_KIB, Params::DEFAULT_M_COST), ("t", PASSES, Params::DEFAULT_T_COST)];
    for (name, accepted, usual) in costs.into_iter().chain([("p", LANES, Params::DEFAULT_P_COST)]) {
        let cost = hash.params.get_decimal(name).unwrap_or(usual);
        if !accepted.contains(&cost) {
            let (least, most) = accepted.into_inner();
            return Err(format!("the cost {name}={cost}: expected {least} to {most}"));
        }
    }
    let params = Params::try_from(&hash).map_err(|why| format!("{why} (expected `$argon2id$…`)"))?;
    Ok((hash, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_fits_its_password_and_no_other_whatever_was_in_the_memory_before() {
        let (mut scratch, secret) = (Scratch::default(), Secret::hash("open sesame").unwrap());
        for (password, fits) in [("open sesame", true), ("open sesam", false), ("", false), ("open sesame", true)] {
            assert_eq!(secret.matches_in(password, &mut scratch), fits, "{password}");
            assert_eq!(secret.matches(password), fits, "{password}");
        }
        assert_eq!(scratch.0.len(), Params::DEFAULT.block_count(), "kept for the next one");
    }

    #[test]
    fn a_hash_of_another_cost_is_computed_and_its_memory_given_back() {
        let params = Params::new(20 * 1024, 1, 2, Some(24)).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::default(), params);
        let hash = argon2.hash_password(b"open", &SaltString::generate(&mut OsRng)).unwrap().to_string();
        let mut scratch = Scratch::default();
        assert!(Secret(hash.clone()).matches_in("open", &mut scratch), "{hash}");
        assert!(!Secret(hash).matches_in("shut", &mut scratch));
        assert!(scratch.0.is_empty());
    }

    #[test]
    fn a_hash_that_would_cost_too_much_is_refused_before_anything_is_computed() {
        let hash = |costs: &str| format!("$argon2id$v=19${costs}$c29tZXNhbHRzb21l$QcvRCfmMG2ZEXVDvSJqMlg");
        for costs in ["m=19456,t=2,p=1", "m=65536,t=3,p=4", "m=65536,t=10,p=1", "m=8,t=1,p=1"] {
            assert_eq!(check(&hash(costs)), Ok(()), "{costs}");
        }
        for (costs, why) in [
            ("m=65537,t=2,p=1", "the cost m=65537: expected 8 to 65536"),
            ("m=4294967295,t=2,p=1", "the cost m=4294967295: expected 8 to 65536"),
            ("m=19456,t=11,p=1", "the cost t=11: expected 1 to 10"),
            ("m=19456,t=0,p=1", "the cost t=0: expected 1 to 10"),
            ("m=19456,t=2,p=5", "the cost p=5: expected 1 to 4"),
        ] {
            assert_eq!(check(&hash(costs)), Err(why.to_owned()), "{costs}");
            assert!(!Secret(hash(costs)).matches("x"), "{costs}");
        }
        for text in ["", "x", "$argon2i$v=19$m=4096,t=1,p=1$c29tZXNhbHQ$QcvRCfmMG2ZEXVDvSJqMlg", "$argon2id$v=19$m=8"] {
            assert_eq!(check(text), Err("expected `$argon2id$…`".to_owned()), "{text}");
        }
    }
}
