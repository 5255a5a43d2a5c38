//! A scan, from the input to the assessment: read → normalize → relate → evaluate → judge.
//!
//! One thread reads. What it reads goes in batches to workers, each with a normalizer, an evaluator and a page of the
//! ledger; when all are busy the reading thread works too. A resource that needs nothing but itself is judged and
//! dropped by the worker that got it; the documents of others are sorted by what belongs together, beyond a bounded
//! amount on disk, until the input has ended. Nothing that comes out depends on which worker got what.

mod assets;
mod documents;
mod groups;
mod neighbors;
mod worker;

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use nephoscope_model::{CoverageGap, Document, InputRecord, Resource, ScopeRead};
use nephoscope_normalize::{Closed, Normalizer};
use nephoscope_policy::{Bundle, Clock, Count};
use nephoscope_read::{Event, Input, Limits};

use crate::cache::Cache;
use crate::ledger::{Ledger, Sorters};
use crate::progress::Progress;
use crate::runs::{Budget, Sorted, Sorter, sorters};
use crate::select::Selection;
use groups::Groups;
use neighbors::{Neighbors, neighbor_kinds};
use worker::{Keep, Worker};

/// What a scan judges by.
pub struct Scan<'a> {
    /// The policies.
    pub bundle: &'a Bundle,
    /// Which resources are judged.
    pub selection: &'a Selection,
    /// The instant judged.
    pub as_of: Timestamp,
    /// Whether a pass becomes an entry of its own.
    pub include_pass: bool,
    /// Threads, at least 1.
    pub jobs: usize,
    /// Limits on inputs.
    pub limits: &'a Limits,
    /// How much of what waits, and of what came of resources, is held in memory.
    pub budget: Budget,
    /// What came of documents in earlier scans.
    pub cache: Option<&'a Cache>,
}

/// What a scan found, before waivers and baseline.
pub struct Found {
    /// What came of every resource.
    pub ledger: Ledger,
    /// Versions that a newer one replaced before they were entered.
    pub superseded: u64,
    /// Versions newer than `as_of`.
    pub after_as_of: u64,
    /// Every input, in the order given.
    pub inputs: Vec<InputRecord>,
    /// What was not read.
    pub gaps: Vec<CoverageGap>,
    /// What each policy did, by its index; empty unless it was measured.
    pub counts: Vec<Count>,
}

enum Item {
    Document(Document),
    Scope(ScopeRead),
}

type Batch = Vec<Item>;

// Small enough that threads end together, large enough that the channel costs nothing.
const BATCH: usize = 64;

impl Scan<'_> {
    /// Reads and judges every input. What went wrong with an input is a gap.
    ///
    /// # Errors
    ///
    /// When the temporary file for what does not fit into memory cannot be written or read.
    pub fn run(&self, inputs: &[Input], progress: &Progress) -> io::Result<Found> {
        self.run_with(inputs, progress, None)
    }

    /// As [`Scan::run`], and counts what each policy does; `clock` tells how long a thread has worked.
    ///
    /// # Errors
    ///
    /// As [`Scan::run`].
    pub fn measure(&self, inputs: &[Input], progress: &Progress, clock: Clock) -> io::Result<Found> {
        self.run_with(inputs, progress, Some(clock))
    }

    fn run_with(&self, inputs: &[Input], progress: &Progress, clock: Option<Clock>) -> io::Result<Found> {
        let (sender, receiver) = sync_channel::<Batch>(self.jobs * 4);
        let receiver = Mutex::new(receiver);
        let mut gaps = Vec::new();
        let mut records = Vec::new();
        let workers = std::thread::scope(|threads| {
            let mut workers = self.workers();
            if let Some(clock) = clock {
                workers.iter_mut().for_each(|worker| worker.measure(clock));
            }
            let others = workers.split_off(1);
            let others: Vec<_> = (others.into_iter())
                .map(|worker| threads.spawn(|| self.work(worker, &receiver)))
                .collect();
            let mut batch = Batch::new();
            let raw = self.takes_raw();
            for input in inputs {
                let mut on_event = |event: Event| {
                    match event {
                        Event::Gap(gap) => return gaps.push(gap),
                        Event::Document(document) => batch.push(Item::Document(document)),
                        Event::ScopeRead(scope) => batch.push(Item::Scope(scope)),
                    }
                    progress.document();
                    if batch.len() >= BATCH {
                        self.hand_over(std::mem::take(&mut batch), &sender, &mut workers);
                    }
                };
                let read = if raw {
                    nephoscope_read::read_raw
                } else {
                    nephoscope_read::read
                };
                records.push(read(input, None, self.limits, &mut on_event));
            }
            own(&mut workers, batch);
            drop(sender);
            // A worker ends when the channel is closed; it does not panic on input.
            workers.extend(others.into_iter().filter_map(|thread| thread.join().ok()));
            workers
        });
        progress.stage("judging what needs its neighbors");
        let (ledger, counts) = self.finish(workers, &mut gaps)?;
        Ok(Found {
            ledger,
            superseded: counts.superseded,
            after_as_of: counts.after_as_of,
            inputs: records,
            gaps,
            counts: counts.policies,
        })
    }

    fn workers(&self) -> Vec<Worker<'_>> {
        // Findings take several times the room of entries.
        let pages = sorters(self.jobs, self.budget.part(32))
            .into_iter()
            .zip(sorters(self.jobs, self.budget.part(32) * 7))
            .map(|(entries, findings)| Sorters { entries, findings });
        let keeps = pages
            .zip(sorters(self.jobs, self.budget.part(4)))
            .zip(sorters(self.jobs, self.budget.part(8)))
            .zip(sorters(self.jobs, self.budget.part(8)))
            .map(|(((page, waiting), beside), assets)| Keep {
                page,
                waiting,
                beside,
                assets,
            });
        (0..)
            .zip(self.bundle.evaluators(self.jobs))
            .zip(keeps)
            .map(|((number, evaluator), keep)| Worker::new(self, number, evaluator, keep))
            .collect()
    }

    /// Gives a batch to a worker that has time, else to the reading thread's own, the first of `workers`.
    fn hand_over(&self, batch: Batch, sender: &SyncSender<Batch>, workers: &mut [Worker<'_>]) {
        if self.jobs == 1 {
            return own(workers, batch);
        }
        match sender.try_send(batch) {
            Ok(()) => {}
            Err(TrySendError::Full(batch) | TrySendError::Disconnected(batch)) => own(workers, batch),
        }
    }

    fn work<'a>(&self, mut worker: Worker<'a>, receiver: &Mutex<Receiver<Batch>>) -> Worker<'a> {
        loop {
            let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
            match next {
                Ok(batch) => worker.attempt(|worker| worker.take(batch)),
                Err(_closed) => return worker,
            }
        }
    }

    /// Judges what waited for the end of the input and brings the workers' ledgers together.
    fn finish(&self, mut workers: Vec<Worker<'_>>, gaps: &mut Vec<CoverageGap>) -> io::Result<(Ledger, Counts)> {
        failed(&mut workers)?;
        let mut normalizer = Normalizer::new(Some(self.as_of));
        let (mut neighbors, mut waiting) = (Vec::new(), Vec::new());
        for worker in &mut workers {
            normalizer.merge(std::mem::take(&mut worker.normalizer));
            neighbors.append(&mut worker.neighbors);
            waiting.push(std::mem::replace(&mut worker.waiting, Sorter::new(0)));
        }
        let waiting = Sorted::of(waiting)?;
        let mut counts = Counts::default();
        normalizer.close(|closed| {
            gaps.extend(closed.gaps.iter().cloned());
            counts.superseded += closed.superseded;
            counts.after_as_of += closed.after_as_of;
            self.judge_waiting(&mut workers, &neighbors, &waiting, closed)
        })?;
        gaps.extend(self.judge_assets(&mut workers)?);
        let mut pages = Vec::new();
        for worker in workers {
            counts.add(worker.counts());
            gaps.extend(worker.gaps);
            counts.superseded += worker.superseded;
            counts.after_as_of += worker.after_as_of;
            pages.push(worker.page);
        }
        Ok((Ledger::of(pages)?, counts))
    }

    /// Judges on all threads what waited; what is assembled is built and dropped one by one.
    fn judge_waiting(
        &self,
        workers: &mut [Worker<'_>],
        neighbors: &[Resource],
        waiting: &Sorted,
        closed: &Closed<'_>,
    ) -> io::Result<()> {
        // Neighbors that policies ask for are held; they are few: accounts, not what is in them.
        let kinds = neighbor_kinds(self.bundle);
        let built: Vec<Resource> = (0..closed.len())
            .filter(|index| closed.kind(*index).is_some_and(|kind| kinds.contains(&kind)))
            .filter_map(|index| closed.build(index))
            .collect();
        let known = &Neighbors::new(neighbors.iter().chain(&built));

        let next = AtomicUsize::new(0);
        on_all(workers, |worker| {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let resource = match neighbors.get(index) {
                Some(resource) => Some(resource.clone()),
                None => closed.build(index - neighbors.len()),
            };
            let Some(resource) = resource else { return Ok(false) };
            worker.judge(&resource, known, &[], None)?;
            Ok(true)
        })?;

        let groups = Groups::of(waiting);
        on_all(workers, |worker| {
            let batch = groups.next(BATCH)?;
            let more = !batch.is_empty();
            for documents in batch {
                worker.join(documents, closed, known)?;
            }
            Ok(more)
        })?;

        let beside = workers
            .iter_mut()
            .map(|worker| std::mem::replace(&mut worker.beside, Sorter::new(0)));
        let beside = Sorted::of(beside)?;
        let groups = Groups::of(&beside);
        on_all(workers, |worker| {
            let batch = groups.next(BATCH)?;
            let more = !batch.is_empty();
            for documents in batch {
                worker.judge_together(documents, closed, known)?;
            }
            Ok(more)
        })
    }
}

#[derive(Default)]
struct Counts {
    superseded: u64,
    after_as_of: u64,
    policies: Vec<Count>,
}

impl Counts {
    fn add(&mut self, counts: &[Count]) {
        self.policies.resize(counts.len(), Count::default());
        for (sum, count) in self.policies.iter_mut().zip(counts) {
            *sum += *count;
        }
    }
}

/// Has the reading thread's own worker, which is the first one, take a batch.
fn own(workers: &mut [Worker<'_>], batch: Batch) {
    if let Some(own) = workers.first_mut() {
        own.attempt(|worker| worker.take(batch));
    }
}

/// Calls `step` on a thread for each worker until it returns that there is no more to do.
fn on_all<'a>(workers: &mut [Worker<'a>], step: impl Fn(&mut Worker<'a>) -> io::Result<bool> + Sync) -> io::Result<()> {
    std::thread::scope(|threads| {
        for worker in &mut *workers {
            let step = &step;
            threads.spawn(move || {
                let mut more = true;
                while more {
                    more = false;
                    worker.attempt(|worker| {
                        more = step(worker)?;
                        Ok(())
                    });
                }
            });
        }
    });
    failed(workers)
}

fn failed(workers: &mut [Worker<'_>]) -> io::Result<()> {
    match workers.iter_mut().find_map(|worker| worker.failed.take()) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
