//! What a mapping is: one row per native type and its dialects.

use std::any::Any;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use nephoscope_model::{Dialect, Resource};

use crate::body::Body;
use crate::error::NormalizeError;
use crate::group::{Built, Group};

/// What it means that a source does not hold a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// The provider's documented default, in the attribute's own spelling.
    Default(&'static str),
    /// There is none.
    Absent,
    /// The source cannot tell.
    Unknown,
}

/// Where one attribute comes from in a native document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// JSON Pointer below `/attributes`; of a list, the list's.
    pub attribute: &'static str,
    /// JSON Pointer into the native document.
    pub native: &'static str,
    /// What it means when the document lacks it.
    pub absence: Absence,
}

/// Returns one row of a table of sources.
pub(crate) const fn source(attribute: &'static str, native: &'static str, absence: Absence) -> Source {
    Source {
        attribute,
        native,
        absence,
    }
}

/// The typed native fields of one document, whatever their type; its mapping knows it.
pub(crate) type Native = Box<dyn Any + Send + Sync>;

/// How a type takes part in resources.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    /// Needs nothing but its own document: built when it is read.
    Alone,
    /// Has parts or looks at neighbors: kept until the input ends.
    Whole,
    /// Part of another resource.
    Part {
        /// The native type of that resource.
        of: &'static str,
        /// Returns the names of that resource, the best first; empty when this document is no part after all
        /// (a diagnostic setting of some other resource). The native fields are `None` where they could not be read,
        /// and of inventories always: there the part's own envelope says what it is part of, and nothing else may.
        names: fn(&Resource, Option<&Native>) -> Vec<String>,
    },
}

/// One row of a dialect's table.
pub(crate) struct Mapping {
    /// The encodings it reads.
    pub(crate) dialects: &'static [Dialect],
    /// The native type in its canonical spelling.
    pub(crate) native_type: &'static str,
    /// The kind of the resource; for a part, of its whole.
    pub(crate) kind: &'static str,
    /// From where each attribute comes.
    pub(crate) sources: &'static [Source],
    /// Reads the native fields.
    pub(crate) read: fn(&Body<'_>) -> Result<Native, NormalizeError>,
    /// Builds the attributes; for a part never called.
    pub(crate) build: fn(&Group<'_>) -> Built,
    pub(crate) role: Role,
    /// Of a part: it has tags and a region of its own, so that it is judged as a resource of its own as well.
    pub(crate) stands: bool,
    /// Of a resource that stands alone: the attribute that others look at. It is kept in memory for each resource of the
    /// type, so it has to be small.
    pub(crate) lends: Option<&'static str>,
    /// Returns the canonical key where it is a function of the envelope and the document holds none.
    pub(crate) key: Option<fn(&Resource) -> Option<String>>,
    /// Returns further names by which parts may find this whole, beside its key.
    pub(crate) names: Option<fn(&Resource, &Native) -> Vec<String>>,
    /// Sections that travel in documents of their own and have versions of their own, the naming one first
    /// (Cloud Asset Inventory writes the resource and its IAM policy on two lines).
    pub(crate) facets: &'static [&'static str],
    /// Returns the name of the place that the resource shares with others that bear on it, where there is such a place.
    pub(crate) beside: Option<fn(&Resource, &Native) -> Option<String>>,
    /// Whether others look at it by key, so that it is held until the input ends: small things that many resources name.
    pub(crate) kept: bool,
    /// Says whether the row is for the document with this id, where a type has a row for each thing that its documents
    /// belong to (a diagnostic setting); of such rows the first that says so counts, and one that asks nothing is last.
    pub(crate) for_id: Option<fn(&str) -> bool>,
}

impl Mapping {
    /// The defaults of a row; a table names what differs.
    pub(crate) const BASE: Mapping = Mapping {
        dialects: &[],
        native_type: "",
        kind: "other",
        sources: &[],
        read: |_| Ok(Box::new(())),
        build: |_| Built::default(),
        role: Role::Alone,
        stands: false,
        lends: None,
        key: None,
        names: None,
        facets: &[],
        beside: None,
        kept: false,
        for_id: None,
    };
}

/// The row of one mapping for documentation: what is read of a native type, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingInfo {
    /// The encoding.
    pub dialect: Dialect,
    /// The native type in its canonical spelling.
    pub native_type: &'static str,
    /// The kind it becomes, or becomes a part of.
    pub kind: &'static str,
    /// The native type of the resource that it is a part of.
    pub part_of: Option<&'static str>,
    /// From where each attribute comes.
    pub sources: &'static [Source],
}

// Adding a dialect is one module and one line here.
const TABLES: &[&[Mapping]] = &[
    crate::aws::MAPPINGS,
    crate::azure::MAPPINGS,
    crate::gcp::MAPPINGS,
    crate::terraform::MAPPINGS,
];

/// Returns every row, by provider in the order of the tables; a row once for each of its dialects.
pub fn mappings() -> impl Iterator<Item = MappingInfo> {
    TABLES.iter().copied().flatten().flat_map(|row| {
        row.dialects.iter().map(|dialect| MappingInfo {
            dialect: *dialect,
            native_type: row.native_type,
            kind: row.kind,
            part_of: match row.role {
                Role::Part { of, .. } => Some(of),
                Role::Alone | Role::Whole => None,
            },
            sources: row.sources,
        })
    })
}

/// Returns the row for a native type in any case; `id` is only called where the type has rows by id.
pub(crate) fn find(dialect: Dialect, native_type: &str, mut id: impl FnMut() -> String) -> Option<&'static Mapping> {
    // Every document asks: the rows of a dialect by native type, those of one type in the order of the tables.
    static ROWS: LazyLock<BTreeMap<Dialect, Vec<&'static Mapping>>> = LazyLock::new(|| {
        let mut rows: BTreeMap<Dialect, Vec<&Mapping>> = BTreeMap::new();
        for row in TABLES.iter().copied().flatten() {
            for dialect in row.dialects {
                rows.entry(*dialect).or_default().push(row);
            }
        }
        for rows in rows.values_mut() {
            rows.sort_by(|a, b| cmp_ignore_case(a.native_type, b.native_type));
        }
        rows
    });
    let rows = ROWS.get(&dialect)?;
    let first = rows.partition_point(|row| cmp_ignore_case(row.native_type, native_type).is_lt());
    rows.iter()
        .skip(first)
        .take_while(|row| row.native_type.eq_ignore_ascii_case(native_type))
        .find(|row| row.for_id.is_none_or(|is_for| is_for(&id())))
        .copied()
}

fn cmp_ignore_case(a: &str, b: &str) -> Ordering {
    fn lower(text: &str) -> impl Iterator<Item = u8> {
        text.bytes().map(|byte| byte.to_ascii_lowercase())
    }
    lower(a).cmp(lower(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_of_inventories_are_grouped_by_the_key_of_their_whole() {
        // What waits on disk is joined group by group: a further name would lead into another group.
        let rows = TABLES.iter().copied().flatten();
        for row in rows.filter(|row| !row.dialects.contains(&Dialect::TerraformPlan)) {
            assert!(row.names.is_none(), "{}", row.native_type);
        }
    }

    #[test]
    fn every_row_can_be_found_and_names_a_kind() {
        for info in mappings() {
            assert!(
                nephoscope_model::Kind::named(info.kind).is_some(),
                "{}",
                info.native_type
            );
            let found = find(info.dialect, &info.native_type.to_uppercase(), String::new).unwrap();
            assert_eq!(found.native_type, info.native_type);
            let rows = TABLES.iter().copied().flatten().filter(|row| {
                row.dialects.contains(&info.dialect)
                    && row.native_type.eq_ignore_ascii_case(info.native_type)
                    && row.for_id.is_none()
            });
            assert_eq!(rows.count(), 1, "two rows for {}", info.native_type);
            for source in info.sources {
                assert!(
                    source.attribute.starts_with('/') && source.native.starts_with('/'),
                    "{source:?}"
                );
            }
        }
    }
}
