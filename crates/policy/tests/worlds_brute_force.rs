//! Possible worlds against brute force: what is certain holds whatever the unknown attributes are, and what holds whatever they
//! are is certain.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "helpers of tests"
)]

mod support;

#[path = "worlds_brute_force/buckets.rs"]
mod buckets;
#[path = "worlds_brute_force/policies.rs"]
mod policies;
#[path = "worlds_brute_force/random.rs"]
mod random;

use buckets::{Bucket, Leaf};
use nephoscope_model::{Outcome, Provider, Resource};
use nephoscope_policy::{Bundle, Evaluator, Options, Verdict};
use random::Random;
use serde_json::Value;
use support::{load, resource, subject};

const POLICIES: usize = 400;
const BUCKETS: usize = 12;

/// The limit on worlds in `worlds.rs`.
const MOST: usize = 81;

/// What was met, so that the laws cannot hold for want of cases.
#[derive(Debug, Default)]
struct Met {
    loaded: usize,
    refused: usize,
    /// Buckets with something unknown.
    pairs: usize,
    worlds: usize,
    /// Certain, although some world differs in what the policy reads.
    passes: usize,
    fails: usize,
    unknown: usize,
    /// All worlds agree and the law of completeness was held against it.
    complete: usize,
    /// All worlds agree, and the verdict may be uncertain all the same.
    excepted: usize,
}

fn certain(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Pass | Outcome::Fail)
}

fn azure(attributes: Value, unknown: &[String]) -> Resource {
    resource("storage.bucket", Provider::Azure, attributes, unknown)
}

fn judge(evaluator: &mut Evaluator<'_>, resource: &Resource) -> Verdict {
    evaluator.evaluate(0, &subject(resource))
}

/// Holds both laws for one policy and one bucket.
fn hold(bundle: &Bundle, text: &str, bucket: &Bucket, leaves: &[Leaf], met: &mut Met) {
    let mut evaluator = bundle.evaluator();
    let before = judge(&mut evaluator, &azure(bucket.attributes.clone(), &bucket.unknown));
    let context = || {
        format!(
            "{text}\n{:#}\nunknown: {:?}\n{before:?}",
            bucket.attributes, bucket.unknown
        )
    };
    let mut shared: Option<Verdict> = None;
    let mut agree = true;
    for world in bucket.worlds(leaves) {
        met.worlds += 1;
        let after = judge(&mut evaluator, &azure(world.clone(), &[]));
        assert!(certain(after.outcome), "{after:?} in {world:#}\n{}", context());
        if certain(before.outcome) {
            assert_eq!(before.outcome, after.outcome, "in {world:#}\n{after:?}\n{}", context());
        }
        for deny in before.denies.iter() {
            let stays = after
                .denies
                .iter()
                .any(|other| (&other.key, &other.path) == (&deny.key, &deny.path));
            assert!(stays, "{deny:?} is gone in {world:#}\n{}", context());
        }
        agree &= *shared.get_or_insert_with(|| after.clone()) == after;
        if !agree && before.denies.is_empty() && !certain(before.outcome) {
            break;
        }
    }
    match before.outcome {
        Outcome::Pass => met.passes += 1,
        Outcome::Fail => met.fails += 1,
        _ => met.unknown += 1,
    }
    let shared = shared.unwrap();
    if !agree || !certain(shared.outcome) {
        return;
    }
    if bucket.partial || bucket.count(leaves) > MOST {
        met.excepted += 1;
        return;
    }
    met.complete += 1;
    assert!(certain(before.outcome), "all worlds give {shared:?}\n{}", context());
}

#[test]
fn a_verdict_is_certain_where_all_worlds_agree_and_only_there() {
    let leaves = buckets::leaves();
    let mut random = Random::new(20_261_127);
    let mut met = Met::default();
    for _ in 0..POLICIES {
        let policy = policies::policy(&mut random, &leaves);
        let Ok(bundle) = load(&[("p", &policy.text)], &Options::default()) else {
            met.refused += 1;
            continue;
        };
        met.loaded += 1;
        for _ in 0..BUCKETS {
            let bucket = buckets::bucket(&mut random, &leaves, &policy.reads);
            if bucket.unknown.is_empty() {
                continue;
            }
            met.pairs += 1;
            hold(&bundle, &policy.text, &bucket, &leaves, &mut met);
        }
    }
    eprintln!("{met:?}");
    assert!(met.loaded >= 300, "{met:?}");
    assert!(met.passes >= 300 && met.fails >= 300 && met.unknown >= 300, "{met:?}");
    assert!(met.complete >= 1000, "{met:?}");
}
