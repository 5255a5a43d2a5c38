//! Policies of single AWS resources, as an argument of the resource or as a resource apart: what they grant to the public.
//!
//! A resource has one policy, and the provider's resources apart put theirs in its place.

use nephoscope_model::kinds::PublicGrants;
use nephoscope_model::{Fact, Gap, Provenance};

use super::planned::{Planned, Spot};
use crate::aws::resource_policy::Service;
use crate::grants::{self, Draft};
use crate::group::{Found, Group, Piece};

/// Returns the grants of the resource's policy, and where each stands. `apart` is the type of resource that holds the
/// policy in its argument `policy`; `own` is the resource's argument for it, if it has one. A new resource without a
/// policy has the service's, which lets in nobody else.
pub(super) fn grants(
    group: &Group<'_>,
    planned: &Planned,
    service: &Service,
    apart: &str,
    own: Option<&str>,
) -> (PublicGrants, Vec<Provenance>) {
    let mut found = Policy {
        service,
        arn: &group.main.resource.id,
        drafts: Vec::new(),
        missing: None,
    };
    let mut parts = group.parts(apart).peekable();
    if parts.peek().is_some() {
        for piece in parts {
            match piece.get::<Planned>() {
                Found::Read(piece, part) => found.read(&part.at("/policy"), piece),
                Found::Failed(gap) => found.missing = Some(gap),
                Found::Missing => {}
            }
        }
    } else {
        let spot = own.map(|own| planned.computed(own));
        match spot.filter(|spot| spot.value() != Fact::Absent) {
            // What is about to be deleted may be what the state shows.
            Some(_) if group.gone(apart).next().is_some() => found.missing = Some(group.not_read(apart)),
            Some(spot) => found.read(&spot, group.main),
            None if planned.created => {}
            None => found.missing = Some(group.not_read(apart)),
        }
    }
    grants::settle(found.drafts, found.missing)
}

struct Policy<'a> {
    service: &'a Service,
    arn: &'a str,
    drafts: Vec<Draft>,
    missing: Option<Gap>,
}

impl Policy<'_> {
    fn read(&mut self, spot: &Spot<'_>, piece: &Piece) {
        match spot.text() {
            Fact::Known(text) | Fact::Partial(text, _) => match self.service.read(&text, self.arn) {
                Ok(grants) => self.drafts.extend(self.service.drafts(&grants, piece, &spot.native())),
                Err(gap) => self.missing = Some(gap),
            },
            Fact::Unknown(gap) => self.missing = Some(gap),
            Fact::Absent => {}
        }
    }
}
