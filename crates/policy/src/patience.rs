//! How much time is given to programs that run past their limit: one that does so on one resource may do so on each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::program::Failure;

/// So many evaluations' time all policies that are loaded together may waste.
const TOGETHER: u32 = 10;

/// What all policies that are loaded together wasted.
#[derive(Debug)]
pub(crate) struct Common {
    limit: Duration,
    wasted: AtomicU64,
}

impl Common {
    /// Returns the account of policies each of whose evaluations may take `limit`.
    pub(crate) fn new(limit: Duration) -> Arc<Common> {
        Arc::new(Common {
            limit,
            wasted: AtomicU64::new(0),
        })
    }

    fn is_used_up(&self) -> bool {
        Duration::from_nanos(self.wasted.load(Ordering::Relaxed)) >= self.limit * TOGETHER
    }
}

/// What one policy wasted: the time of its evaluations that were stopped, on all threads.
///
/// The first may take as long as any evaluation; then each has a quarter of what is left of half a limit, a few times. A
/// policy that stumbles over one resource still judges all others, which takes thousandths of the limit.
#[derive(Debug)]
pub(crate) struct Patience {
    common: Arc<Common>,
    wasted: AtomicU64,
}

impl Patience {
    /// Returns the account of one more policy.
    pub(crate) fn new(common: &Arc<Common>) -> Arc<Patience> {
        Arc::new(Patience {
            common: Arc::clone(common),
            wasted: AtomicU64::new(0),
        })
    }

    /// Returns how long the next evaluation may take.
    ///
    /// # Errors
    ///
    /// When nothing is left: the evaluation is not to be tried.
    pub(crate) fn next(&self) -> Result<Duration, Failure> {
        let limit = self.common.limit;
        let wasted = Duration::from_nanos(self.wasted.load(Ordering::Relaxed));
        let (first, all) = match self.common.is_used_up() {
            false => (limit, limit * 3 / 2),
            true => (limit / 8, limit / 4),
        };
        if wasted.is_zero() {
            return Ok(first);
        }
        let left = all.saturating_sub(wasted);
        if left < limit / 4 {
            return Err(Failure::of("was stopped too often and is not tried again"));
        }
        Ok(left / 4)
    }

    /// Takes note that an evaluation was stopped after so long.
    pub(crate) fn stopped(&self, took: Duration) {
        // One that ended at once still counts.
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).max(1);
        for wasted in [&self.wasted, &self.common.wasted] {
            wasted.fetch_add(took, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(2);

    /// Stops a policy as often as it is tried; returns the time that this takes.
    fn wasted(patience: &Patience) -> Duration {
        let mut all = Duration::ZERO;
        while let Ok(limit) = patience.next() {
            patience.stopped(limit);
            all += limit;
        }
        all
    }

    #[test]
    fn what_is_never_stopped_has_the_whole_limit_each_time() {
        let patience = Patience::new(&Common::new(LIMIT));
        assert!((0..9).all(|_| patience.next() == Ok(LIMIT)));
    }

    #[test]
    fn one_policy_wastes_one_and_a_half_limits_at_most_and_is_tried_again_after_the_first() {
        let patience = Patience::new(&Common::new(LIMIT));
        patience.stopped(LIMIT);
        assert_eq!(patience.next(), Ok(LIMIT / 8));
        assert!(wasted(&patience) < LIMIT / 2);
        patience.next().unwrap_err();
    }

    #[test]
    fn many_policies_waste_little_each_when_all_together_wasted_much() {
        let common = Common::new(LIMIT);
        let first: Duration = (0..8).map(|_| wasted(&Patience::new(&common))).sum();
        assert!(first >= LIMIT * TOGETHER, "{first:?}");
        let later: Duration = (0..40).map(|_| wasted(&Patience::new(&common))).sum();
        assert!(later < LIMIT * TOGETHER, "{later:?}");
        // One that nothing stops still judges.
        assert_eq!(Patience::new(&common).next(), Ok(LIMIT / 8));
    }
}
