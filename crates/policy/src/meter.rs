//! What each policy costs: counted by an evaluator that was asked to.

use std::ops::AddAssign;
use std::time::Duration;

/// Tells the time that this thread has worked, from whatever start.
pub type Clock = fn() -> Duration;

/// What one policy did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// How often it was run on a resource, in all its clauses and possible worlds.
    pub evaluations: u64,
    /// How often a verdict was remembered, so that it did not have to run.
    pub remembered: u64,
    /// What the runs took, without the conversion of resources, which policies share, and without compiling.
    pub took: Duration,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Count) {
        self.evaluations += other.evaluations;
        self.remembered += other.remembered;
        self.took += other.took;
    }
}

/// Counts for the policies of a bundle.
pub(crate) struct Meter {
    clock: Clock,
    counts: Vec<Count>,
}

impl Meter {
    pub(crate) fn new(clock: Clock, policies: usize) -> Meter {
        Meter {
            clock,
            counts: vec![Count::default(); policies],
        }
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    pub(crate) fn counts(&self) -> &[Count] {
        &self.counts
    }

    pub(crate) fn evaluated(&mut self, policy: usize, took: Duration) {
        if let Some(count) = self.counts.get_mut(policy) {
            count.evaluations += 1;
            count.took += took;
        }
    }

    pub(crate) fn remembered(&mut self, policy: usize) {
        if let Some(count) = self.counts.get_mut(policy) {
            count.remembered += 1;
        }
    }
}
