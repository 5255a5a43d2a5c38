//! Whether a text that comes in pieces is UTF-8.

/// Watches whether the bytes that pass by are UTF-8.
#[derive(Debug, Default)]
pub(crate) struct Encoding {
    seen: u64,
    carry: Vec<u8>,
    /// The first byte that is not.
    pub(crate) malformed: Option<u64>,
}

impl Encoding {
    pub(crate) fn check(&mut self, bytes: &[u8]) {
        if self.malformed.is_some() {
            return;
        }
        let mut rest = bytes;
        while !self.carry.is_empty()
            && let Some((first, others)) = rest.split_first()
        {
            self.carry.push(*first);
            rest = others;
            self.seen += 1;
            match std::str::from_utf8(&self.carry) {
                Ok(_) => self.carry.clear(),
                Err(error) if error.error_len().is_none() => {}
                Err(_) => {
                    self.malformed = Some(self.seen - self.carry.len() as u64);
                    return;
                }
            }
        }
        if let Err(error) = std::str::from_utf8(rest) {
            if error.error_len().is_some() {
                self.malformed = Some(self.seen + error.valid_up_to() as u64);
                return;
            }
            self.carry
                .extend_from_slice(rest.get(error.valid_up_to()..).unwrap_or_default());
        }
        self.seen += rest.len() as u64;
    }

    pub(crate) fn end(&mut self) {
        if !self.carry.is_empty() && self.malformed.is_none() {
            self.malformed = Some(self.seen - self.carry.len() as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_is_checked_across_pieces() {
        let mut encoding = Encoding::default();
        for byte in "aé€😀b".as_bytes() {
            encoding.check(&[*byte]);
        }
        encoding.end();
        assert_eq!(encoding.malformed, None);
        for (pieces, at) in [
            (vec![b"ab\xe2".as_slice(), b"\x82", b"x"], 2),
            (vec![b"abc", b"\xf0\x9f"], 3),
            (vec![b"a\xffb"], 1),
            (vec![b"\xc3", b"\xa9", b"\x80"], 2),
        ] {
            let mut encoding = Encoding::default();
            pieces.into_iter().for_each(|piece| encoding.check(piece));
            encoding.end();
            assert_eq!(encoding.malformed, Some(at));
        }
    }
}
