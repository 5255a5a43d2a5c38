//! What the firewalls of plans share: rules of which some peers are not known but can be no address range.

use nephoscope_model::{Gap, Unknown};

use crate::firewall::{self, Draft, Setting};
use crate::group::Built;

/// A rule, and why its list of groups among the peers is not complete. Nobody on the internet is in a group.
pub(super) struct Made {
    pub(super) draft: Draft,
    pub(super) unknown_group: Option<Gap>,
}

/// Returns the attributes; what is not known of groups takes nothing from what is known to be open.
pub(super) fn build(made: Vec<Made>, setting: Setting) -> Built {
    let gaps: Vec<_> = (made.iter())
        .filter_map(|made| {
            let gap = made.unknown_group.clone()?;
            Some((made.draft.pointer.clone(), made.draft.origin.clone()?, gap))
        })
        .collect();
    let drafts = made.into_iter().map(|made| made.draft);
    let mut built = firewall::build(drafts, setting);
    let mut unknown: Vec<Unknown> = Vec::new();
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
