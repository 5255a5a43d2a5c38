//! Which entries a newer version replaced, and to which entry a finding belongs.

use std::io;

use super::Scope;
use crate::runs::damaged;

/// The entry that a finding belongs to: findings are in the order of reports long before it is known which versions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    /// The page of the entry.
    pub(super) page: u32,
    /// Which entry of the page, counted from 0.
    pub(super) number: u32,
    /// The page's number for the scope in which the resource counts.
    pub(super) scope: u32,
}

const TICKET: usize = 3 * 4;

impl Ticket {
    /// Writes it to the end of what is kept of a finding, so that findings of one order stay sorted by what they say.
    pub(super) fn write(self, bytes: &mut Vec<u8>) {
        for number in [self.page, self.number, self.scope] {
            bytes.extend(number.to_le_bytes());
        }
    }

    /// Reads it from the end of what is kept of a finding.
    pub(super) fn read(bytes: &[u8]) -> io::Result<Ticket> {
        let (_, ticket) = bytes.split_last_chunk::<TICKET>().ok_or_else(damaged)?;
        let number = |at: usize| {
            let bytes = ticket.get(at..).and_then(<[u8]>::first_chunk).ok_or_else(damaged)?;
            Ok::<u32, io::Error>(u32::from_le_bytes(*bytes))
        };
        Ok(Ticket {
            page: number(0)?,
            number: number(4)?,
            scope: number(8)?,
        })
    }
}

/// The entries that newer ones replaced: a bit for each entry.
#[derive(Debug, Default)]
pub struct Replaced {
    pages: Vec<Vec<u64>>,
    count: u64,
}

impl Replaced {
    /// Returns how many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn add(&mut self, page: u32, number: u32) {
        let (page, word) = (page as usize, number as usize / 64);
        if self.pages.len() <= page {
            self.pages.resize(page + 1, Vec::new());
        }
        if let Some(words) = self.pages.get_mut(page) {
            if words.len() <= word {
                words.resize(word + 1, 0);
            }
            if let Some(word) = words.get_mut(word) {
                *word |= 1 << (number % 64);
            }
        }
        self.count += 1;
    }

    /// Returns whether a finding is one of a version that was replaced; `kept` is what is kept of it.
    ///
    /// # Errors
    ///
    /// When that is no finding that a page entered.
    pub fn has(&self, kept: &[u8]) -> io::Result<bool> {
        let ticket = Ticket::read(kept)?;
        Ok(self.holds(ticket.page, ticket.number))
    }

    pub(super) fn holds(&self, page: u32, number: u32) -> bool {
        let word = self
            .pages
            .get(page as usize)
            .and_then(|words| words.get(number as usize / 64));
        word.is_some_and(|word| word & (1 << (number % 64)) != 0)
    }
}

/// Ends what is kept of a finding that belongs to no entry any more: nothing replaces it.
pub fn unbound(kept: &mut Vec<u8>) {
    let none = Ticket {
        page: u32::MAX,
        number: 0,
        scope: 0,
    };
    none.write(kept);
}

/// A finding of a version that counts.
pub struct Live<'l> {
    /// Where its resource counts.
    pub scope: &'l Scope,
    /// Its order and what is kept of it.
    pub record: crate::runs::Record,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_is_that_of_its_entry_only() {
        let mut replaced = Replaced::default();
        let all = [(0, 0), (2, 63), (2, 64), (2, 1000)];
        for (page, number) in all {
            replaced.add(page, number);
        }
        for page in 0..4 {
            for number in 0..1100 {
                assert_eq!(replaced.holds(page, number), all.contains(&(page, number)));
            }
        }
        assert_eq!(replaced.count(), 4);
    }

    #[test]
    fn a_ticket_stands_at_the_end() {
        let ticket = Ticket {
            page: 1,
            number: 70_000,
            scope: 3,
        };
        let mut bytes = b"finding".to_vec();
        ticket.write(&mut bytes);
        assert_eq!(Ticket::read(&bytes).unwrap(), ticket);
        Ticket::read(b"short").unwrap_err();
    }
}
