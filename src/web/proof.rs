//! How a company's website proves who its visitor is: the HMAC-SHA-256 (RFC 2104) of the visitor's id by a key that only the
//! two know. It proves nothing else.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Whether `hmac`, in hexadecimal digits, is that of the id. How long that takes says nothing of the right one.
pub(super) fn is_proved(key: &str, id: &str, hmac: &str) -> bool {
    let Some(said) = bytes(hmac.trim()) else { return false };
    let Ok(mut right) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return false };
    right.update(id.as_bytes());
    right.verify_slice(&said).is_ok()
}

/// What hexadecimal digits of either case say.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 §4.2 and §4.3.
    #[test]
    fn a_proof_is_that_of_rfc_4231() {
        let first = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        assert!(is_proved(&"\u{b}".repeat(20), "Hi There", first));
        let second = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(is_proved("Jefe", "what do ya want for nothing?", second));
        assert!(!is_proved("Jeff", "what do ya want for nothing?", second));
    }

    #[test]
    fn an_id_is_proved_by_its_own_hmac_and_by_no_other() {
        let right = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let proved = |id: &str, hmac: &str| is_proved("Jefe", id, hmac);
        assert!(proved("what do ya want for nothing?", right));
        assert!(proved("what do ya want for nothing?", &format!(" {}\n", right.to_uppercase())));
        assert!(!proved("what do ya want for something?", right));
        for wrong in [&right[..62], &right[..63], "", "+5", "\u{e4}\u{e4}", &right.replace('5', "6"), &right.repeat(2)]
        {
            assert!(!proved("what do ya want for nothing?", wrong), "{wrong}");
        }
    }
}
