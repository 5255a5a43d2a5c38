//! What is known when the input has ended, and what is built with it.

use std::collections::BTreeMap;

use nephoscope_model::{CoverageGap, Document, Kind, Origin, Resource};

use crate::gcp::denials::Denials;
use crate::group::{Context, Group, Piece, assemble};
use crate::join::Wholes;
use crate::open;
use crate::versions::Versions;

/// What the normalizer kept, ready to be built and to be looked at by what waited, from any number of threads.
pub struct Closed<'p> {
    pub(crate) groups: Vec<Group<'p>>,
    /// Resources that no document states but that follow from what was read.
    pub(crate) implied: Vec<Resource>,
    pub(crate) context: &'p Context<'p>,
    /// Parts whose whole was not read, and other faults of what was kept, sorted.
    pub gaps: Vec<CoverageGap>,
    /// Kept versions that a newer one replaced. Of resources returned at once the caller counts them.
    pub superseded: u64,
    /// Documents of any type that are newer than `as_of`.
    pub after_as_of: u64,
}

impl Closed<'_> {
    /// Returns how many resources were kept.
    pub fn len(&self) -> usize {
        self.groups.len() + self.implied.len()
    }

    /// Returns whether none was kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the kind of the kept resource `index`.
    pub fn kind(&self, index: usize) -> Option<Kind> {
        let resource = match self.groups.get(index) {
            Some(group) => &group.main.resource,
            None => self.implied.get(index - self.groups.len())?,
        };
        Some(resource.kind)
    }

    /// Assembles, relates and derives the kept resource `index`; `None` at and past [`len`](Closed::len).
    pub fn build(&self, index: usize) -> Option<Resource> {
        match self.groups.get(index) {
            Some(group) => Some(assemble(group)),
            None => self.implied.get(index - self.groups.len()).cloned(),
        }
    }

    /// Joins every document of one group, as [`Taken::Waits`](crate::Taken::Waits) named it, in whatever order.
    pub fn join(&self, documents: &[Document]) -> Joined {
        let mut versions = Versions::default();
        let mut beside: BTreeMap<&Origin, &Document> = BTreeMap::new();
        for document in documents {
            let pieces = open::pieces_of(document);
            let meets = pieces.iter().any(|piece| piece.mapping.beside.is_some());
            pieces.into_iter().for_each(|piece| versions.keep(piece));
            if meets {
                beside.insert(&document.origin, document);
            }
        }
        let denials = Denials::default();
        let (groups, gaps) = Wholes::of(&versions).join(self.context, &denials);
        let mut joined = Joined {
            gaps,
            superseded: versions.superseded,
            ..Joined::default()
        };
        joined.gaps.extend(versions.gaps());
        for group in groups {
            let place = beside_what(group.main);
            let document = place.and_then(|place| Some((place, beside.remove(group.main.origin()?)?)));
            match document {
                Some((place, document)) => joined.beside.push((place, document.clone())),
                None => joined.resources.push(assemble(&group)),
            }
        }
        joined
    }

    /// Builds every resource of one place, as [`Joined::beside`] named it, in whatever order.
    pub fn together(&self, documents: &[Document]) -> Vec<Resource> {
        let mut versions = Versions::default();
        for document in documents {
            open::pieces_of(document)
                .into_iter()
                .for_each(|piece| versions.keep(piece));
        }
        let wholes = Wholes::of(&versions);
        let mut denials = Denials::default();
        wholes.staying().for_each(|(_, main)| denials.add(main));
        let (groups, _) = wholes.join(self.context, &denials);
        groups.iter().map(assemble).collect()
    }
}

/// What the documents of one group came to.
#[derive(Debug, Default)]
pub struct Joined {
    /// Resources, sorted by key.
    pub resources: Vec<Resource>,
    /// Documents that wait once more, since others at the same place bear on them: give all of one place to
    /// [`Closed::together`].
    pub beside: Vec<(String, Document)>,
    /// Parts whose whole was not read, and versions that cannot be told apart.
    pub gaps: Vec<CoverageGap>,
    /// Versions that a newer one replaced.
    pub superseded: u64,
}

/// Returns the name of the place that the resource of this document shares with others that bear on it.
fn beside_what(piece: &Piece) -> Option<String> {
    (piece.mapping.beside?)(&piece.resource, piece.native.as_ref().ok()?)
}
