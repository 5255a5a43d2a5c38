//! Sixteen bytes in place of a text, where millions of texts have to be remembered only to know them again.

use nephoscope_model::FindingId;

/// Returns the first 128 bits of SHA-256 over a text.
pub(crate) fn of(text: &str) -> u128 {
    let digits = nephoscope_model::digest([text]);
    u128::from_str_radix(&digits, 16).expect("a digest is 32 hexadecimal digits")
}

/// Returns the number that an id spells; of a text that is no id, its digest.
pub(crate) fn of_id(id: &FindingId) -> u128 {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if id.0.len() == 32
        && id.0.bytes().all(lower)
        && let Ok(number) = u128::from_str_radix(&id.0, 16)
    {
        return number;
    }
    of(&id.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_differ_have_numbers_that_differ() {
        let id = |text: &str| of_id(&FindingId(text.to_owned()));
        assert_eq!(id("000000000000000000000000000000ff"), 255);
        assert_ne!(id("000000000000000000000000000000FF"), 255);
        assert_ne!(id("+00000000000000000000000000000ff"), 255);
        assert_ne!(id("ff"), 255);
    }
}
