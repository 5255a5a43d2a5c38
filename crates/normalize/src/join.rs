//! Which documents make one resource: wholes, their sections and their parts.

use std::collections::BTreeMap;

use nephoscope_model::{CoverageGap, Dialect, State};

use crate::gaps::orphaned;
use crate::gcp::denials::Denials;
use crate::group::{Context, Group, Piece};
use crate::mapping::Role;
use crate::versions::Versions;

/// What is known of one whole by its native type: its sections.
type Facets<'p> = BTreeMap<&'static str, &'p Piece>;

/// Wholes by (key, native type), and the parts that look for theirs.
pub(crate) struct Wholes<'p> {
    wholes: BTreeMap<(&'p str, &'p str), Facets<'p>>,
    parts: Vec<&'p Piece>,
}

impl<'p> Wholes<'p> {
    pub(crate) fn of(versions: &'p Versions) -> Self {
        let mut wholes: BTreeMap<(&str, &str), Facets<'p>> = BTreeMap::new();
        let mut parts: Vec<&Piece> = Vec::new();
        for ((key, native_type, facet), piece) in &versions.pieces {
            match piece.mapping.role {
                Role::Part { .. } => parts.push(piece),
                Role::Alone | Role::Whole => {
                    wholes.entry((key, native_type)).or_default().insert(facet, piece);
                }
            }
        }
        Wholes { wholes, parts }
    }

    /// Returns the document that names each whole which does not end with a plan, sorted by key.
    pub(crate) fn staying(&self) -> impl Iterator<Item = ((&'p str, &'p str), &'p Piece)> {
        (self.wholes.iter()).filter_map(|(slot, facets)| Some((*slot, naming(facets).filter(|main| !ended(main))?)))
    }

    /// Joins wholes with their parts; also returns the gaps about parts whose whole was not read, sorted.
    pub(crate) fn join(self, context: &'p Context<'p>, denials: &'p Denials<'p>) -> (Vec<Group<'p>>, Vec<CoverageGap>) {
        let names = self.names();
        let (gone, parts): (Vec<&Piece>, Vec<&Piece>) = self.parts.into_iter().partition(|piece| ended(piece));
        let (mut attached, gaps) = attach(parts, &names);
        let mut gone = attach_gone(gone, &names);
        let groups = (self.wholes.into_iter())
            .filter_map(|(slot, facets)| {
                Some(Group {
                    main: naming(&facets)?,
                    facets,
                    parts: attached.remove(&slot).unwrap_or_default(),
                    gone: gone.remove(&slot).unwrap_or_default(),
                    context,
                    denials,
                })
            })
            .collect();
        (groups, gaps)
    }

    fn names(&self) -> Names<'p> {
        let mut names: Names<'_> = BTreeMap::new();
        let mut further_names: Names<'_> = BTreeMap::new();
        for (slot, main) in self.staying() {
            names.insert((slot.1, slot.0.to_owned()), Some(slot));
            if let (Some(further), Ok(native)) = (main.mapping.names, &main.native) {
                for name in further(&main.resource, native) {
                    further_names
                        .entry((slot.1, name))
                        .and_modify(|held| *held = held.filter(|held| *held == slot))
                        .or_insert(Some(slot));
                }
            }
        }
        for (name, slot) in further_names {
            names.entry(name).or_insert(slot);
        }
        names
    }
}

/// What a plan is about to end owns no part that stays, and says nothing to others.
fn ended(piece: &Piece) -> bool {
    piece.resource.state == State::Deleted && piece.mapping.dialects.contains(&Dialect::TerraformPlan)
}

/// Parts by the (key, native type) of their whole.
type Attached<'p, 'n> = BTreeMap<(&'n str, &'n str), Vec<&'p Piece>>;

/// Slots of wholes by native type and name; `None` where more than one whole has the name.
type Names<'n> = BTreeMap<(&'n str, String), Option<(&'n str, &'n str)>>;

/// Returns the parts by the whole they belong to, and one gap for each whole that was not read, or that may be another.
fn attach<'p, 'n>(parts: Vec<&'p Piece>, wholes: &Names<'n>) -> (Attached<'p, 'n>, Vec<CoverageGap>) {
    let mut attached: BTreeMap<_, Vec<&Piece>> = BTreeMap::new();
    let mut orphans: BTreeMap<(&str, String), Vec<&Piece>> = BTreeMap::new();
    for piece in parts {
        let Role::Part { of, names } = piece.mapping.role else {
            continue;
        };
        if piece.resource.state == State::Deleted {
            continue;
        }
        let names = names(&piece.resource, piece.native.as_ref().ok());
        match names.iter().find_map(|name| wholes.get(&(of, name.clone()))?.as_ref()) {
            Some(slot) => attached.entry(*slot).or_default().push(piece),
            None => {
                let name = names.into_iter().next().unwrap_or_default();
                orphans.entry((of, name)).or_default().push(piece);
            }
        }
    }
    let mut gaps: Vec<CoverageGap> = orphans
        .iter()
        .map(|((of, name), parts)| {
            let shared = wholes.contains_key(&(*of, name.clone()));
            orphaned(
                of,
                name,
                parts,
                if shared {
                    "which more than one has"
                } else {
                    "which was not read"
                },
            )
        })
        .collect();
    gaps.sort();
    (attached, gaps)
}

/// Returns the parts that a plan deletes by the whole they were of. What they were of and was not read, or is deleted
/// with them, is not judged.
fn attach_gone<'p, 'n>(parts: Vec<&'p Piece>, wholes: &Names<'n>) -> Attached<'p, 'n> {
    let mut attached: Attached<'p, 'n> = BTreeMap::new();
    for piece in parts {
        let Role::Part { of, names } = piece.mapping.role else {
            continue;
        };
        let names = names(&piece.resource, piece.native.as_ref().ok());
        let slot = names.iter().find_map(|name| wholes.get(&(of, name.clone()))?.as_ref());
        if let Some(slot) = slot {
            attached.entry(*slot).or_default().push(piece);
        }
    }
    attached
}

/// Returns the section that names the resource: the first one of the mapping's order.
fn naming<'p>(facets: &Facets<'p>) -> Option<&'p Piece> {
    let any = facets.values().next()?;
    let named = any.mapping.facets.iter().find_map(|facet| facets.get(facet));
    named.or(Some(any)).copied()
}
