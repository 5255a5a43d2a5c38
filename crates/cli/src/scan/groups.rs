//! What waited, one group after the other.

use std::io;
use std::iter::Peekable;
use std::sync::{Mutex, PoisonError};

use crate::runs::{Merge, Sorted};

/// Values of sorted records by key, given out to any number of threads.
pub(super) struct Groups(Mutex<Peekable<Merge>>);

impl Groups {
    pub(super) fn of(sorted: &Sorted) -> Groups {
        Groups(Mutex::new(sorted.iter().peekable()))
    }

    /// Returns the values of the next keys, all of one key together: at least `count` values unless there are no more.
    ///
    /// # Errors
    ///
    /// When the records cannot be read.
    pub(super) fn next(&self, count: usize) -> io::Result<Vec<Vec<Vec<u8>>>> {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut groups, mut taken): (Vec<Vec<Vec<u8>>>, usize) = (Vec::new(), 0);
        let mut key: Option<Vec<u8>> = None;
        while let Some(next) = records
            .next_if(|next| taken < count || next.as_ref().map_or(true, |record| key.as_ref() == Some(&record.key)))
        {
            let record = next?;
            taken += 1;
            match groups.last_mut().filter(|_| key.as_ref() == Some(&record.key)) {
                Some(group) => group.push(record.value),
                None => groups.push(vec![record.value]),
            }
            key = Some(record.key);
        }
        Ok(groups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::Sorter;

    #[test]
    fn what_belongs_together_is_never_split() {
        let mut sorter = Sorter::new(0);
        for value in 0..10_u8 {
            sorter.push(&[value / 4], &[value]).unwrap();
        }
        let sorted = sorter.finish().unwrap();
        for count in 1..12 {
            let groups = Groups::of(&sorted);
            let mut sizes = Vec::new();
            loop {
                let next = groups.next(count).unwrap();
                if next.is_empty() {
                    break;
                }
                sizes.extend(next.iter().map(Vec::len));
            }
            assert_eq!(sizes, [4, 4, 2], "{count}");
        }
    }
}
