//! What the firewalls of plans share: rules of which some peers are not known but can be no address range.

use nephoscope_model::{Fact, Gap, Unknown};

use crate::firewall::{self, Draft};
use crate::group::Built;

/// A rule, and why its list of groups among the peers is not complete. Nobody on the internet is in a group.
pub(super) struct Made {
    pub(super) draft: Draft,
    pub(super) unknown_group: Option<Gap>,
}

/// Why there may be further rules of each direction.
#[derive(Default)]
pub(super) struct Missing {
    pub(super) ingress: Option<Gap>,
    pub(super) egress: Option<Gap>,
}

impl Missing {
    pub(super) fn both(gap: Gap) -> Self {
        Missing {
            ingress: Some(gap.clone()),
            egress: Some(gap),
        }
    }
}

/// Returns the attributes; what is not known of groups or of egress takes nothing from what is known to be open.
pub(super) fn build(made: Vec<Made>, network: Fact<String>, missing: Missing) -> Built {
    let gaps: Vec<_> = (made.iter())
        .filter_map(|made| {
            let gap = made.unknown_group.clone()?;
            Some((made.draft.pointer.clone(), made.draft.origin.clone()?, gap))
        })
        .collect();
    let drafts = made.into_iter().map(|made| made.draft);
    let mut built = firewall::build(drafts, network, Fact::Absent, missing.ingress);
    let mut unknown: Vec<Unknown> = Vec::new();
    unknown.extend(missing.egress.map(|gap| Unknown {
        path: "/attributes/rules".to_owned(),
        gap,
    }));
    for (pointer, origin, gap) in gaps {
        let places = built.provenance.iter().filter(|noted| {
            noted.pointer == pointer && noted.origin == origin && noted.path.starts_with("/attributes/rules/")
        });
        unknown.extend(places.map(|noted| Unknown {
            path: format!("{}/peers", noted.path),
            gap: gap.clone(),
        }));
    }
    built.unknown.extend(unknown);
    built
}
