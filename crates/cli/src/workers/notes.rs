//! What a worker says it is at, and how long it was at each.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// What a worker said since it was asked.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// What it is at, and since when.
    now: Option<(String, Instant)>,
    took: HashMap<String, Duration>,
}

impl Notes {
    /// Takes note of what it goes on to.
    pub(super) fn at(&mut self, what: String, now: Instant) {
        self.close(now);
        self.now = Some((what, now));
    }

    /// Returns what it was at the longest, all times together: where it stands when its time is over need not be where it went.
    pub(super) fn longest(mut self, now: Instant) -> Option<String> {
        self.close(now);
        // Of two that took the same the choice is not left to chance.
        let longest = self
            .took
            .into_iter()
            .max_by(|(a, long), (b, longer)| (long, b).cmp(&(longer, a)));
        longest.map(|(what, _)| what)
    }

    fn close(&mut self, now: Instant) {
        if let Some((what, since)) = self.now.take() {
            *self.took.entry(what).or_default() += now.saturating_duration_since(since);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_longest_is_blamed_and_not_what_came_last() {
        let (mut notes, mut now) = (Notes::default(), Instant::now());
        for (what, millis) in [("a", 1), ("long", 12), ("b", 1), ("long", 12), ("c", 16), ("last", 0)] {
            notes.at(what.to_owned(), now);
            now += Duration::from_millis(millis);
        }
        assert_eq!(notes.longest(now).as_deref(), Some("long"));
        assert_eq!(Notes::default().longest(now), None);
    }
}
