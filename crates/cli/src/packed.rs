//! Findings as bytes: written once, where they are found, and handed on without being read again.
//!
//! They are MessagePack, which costs a third of what JSON does; who wants JSON makes it of those that are reported.

use std::io;

use nephoscope_model::{BaselineState, Finding, Location, Outcome, Severity, Unknown, sort_key};
use nephoscope_read::Found;
use nephoscope_report::compact;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::runs::damaged;

/// A finding as bytes, with what is asked of it on its way to the report.
#[derive(Debug, Clone, Copy)]
pub struct Packed<'b> {
    /// What came of it.
    pub outcome: Outcome,
    /// How bad.
    pub severity: Severity,
    /// Whether it was there before.
    pub baseline: Option<BaselineState>,
    /// Of a fault that is to be looked up yet: those of a file are in order by it, and together. Else empty.
    pub place: &'b [u8],
    /// Findings are in the order of reports by it: policy, resource key, fault key, path.
    pub order: &'b [u8],
    /// The finding up to its location, which is its last member.
    pub head: &'b [u8],
    /// The location.
    pub location: &'b [u8],
}

/// What is read of a finding to tell why it is not known.
#[derive(Deserialize)]
struct Open {
    #[serde(default)]
    unknown: Vec<Unknown>,
}

/// Returns the place of a fault that is to be looked up yet, nothing of any other finding; see [`Packed::place`].
pub fn place(outcome: Outcome, location: &Location) -> Vec<u8> {
    if location.line.is_some() || !matches!(outcome, Outcome::Fail | Outcome::Waived) {
        return Vec::new();
    }
    let mut place = sort_key([location.origin.file.as_ref()]);
    place.extend(location.origin.offset.to_be_bytes());
    place
}

/// Returns a location as [`Packed::location`] holds it.
///
/// # Errors
///
/// Never: it is texts and numbers.
pub fn location(location: &Location) -> io::Result<Vec<u8>> {
    encode(location)
}

/// Writes a finding to the end of `bytes`.
///
/// # Errors
///
/// When a value cannot be written.
pub fn pack(finding: &Finding, bytes: &mut Vec<u8>) -> io::Result<()> {
    let parts = [&finding.policy.0, &finding.resource.key.0, &finding.key, &finding.path];
    let whole = encode(finding)?;
    let location = encode(&finding.location)?;
    let head = whole.strip_suffix(location.as_slice()).ok_or_else(damaged)?;
    let packed = Packed {
        outcome: finding.outcome,
        severity: finding.severity,
        baseline: finding.baseline,
        place: &place(finding.outcome, &finding.location),
        order: &sort_key(parts.map(String::as_str)),
        head,
        location: &location,
    };
    packed.write(bytes);
    Ok(())
}

fn encode(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(512);
    // Members by name, since those that say nothing are left out.
    let mut serializer = rmp_serde::Serializer::new(&mut bytes).with_struct_map();
    value.serialize(&mut serializer).map_err(io::Error::other)?;
    Ok(bytes)
}

impl<'b> Packed<'b> {
    /// Writes it to the end of `bytes`.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        let baseline = match self.baseline {
            None => 0,
            Some(BaselineState::New) => 1,
            Some(BaselineState::Unchanged) => 2,
        };
        bytes.extend([
            position(&Outcome::ALL, self.outcome),
            position(&Severity::ALL, self.severity),
            baseline,
        ]);
        for part in [self.place, self.order, self.head, self.location] {
            // What is told of a finding is far below 4 GiB, since a document is.
            bytes.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
            bytes.extend_from_slice(part);
        }
    }

    /// Writes it to the end of `bytes` without its order, and returns that: what is sorted by it keeps it already.
    pub fn write_rest(&self, bytes: &mut Vec<u8>) -> &'b [u8] {
        Packed { order: &[], ..*self }.write(bytes);
        self.order
    }

    /// Reads the first finding of `bytes` and moves behind it.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn read(bytes: &mut &'b [u8]) -> io::Result<Packed<'b>> {
        let (&[outcome, severity, baseline], rest) = bytes.split_first_chunk().ok_or_else(damaged)?;
        *bytes = rest;
        Ok(Packed {
            outcome: *Outcome::ALL.get(usize::from(outcome)).ok_or_else(damaged)?,
            severity: *Severity::ALL.get(usize::from(severity)).ok_or_else(damaged)?,
            baseline: match baseline {
                1 => Some(BaselineState::New),
                2 => Some(BaselineState::Unchanged),
                _ => None,
            },
            place: part(bytes)?,
            order: part(bytes)?,
            head: part(bytes)?,
            location: part(bytes)?,
        })
    }

    /// Returns the finding.
    ///
    /// # Errors
    ///
    /// When the bytes are none.
    pub fn finding(&self) -> io::Result<Finding> {
        self.decode()
    }

    /// Returns what is not known and decides it.
    ///
    /// # Errors
    ///
    /// When the bytes are no finding.
    pub fn unknown(&self) -> io::Result<Vec<Unknown>> {
        Ok(self.decode::<Open>()?.unknown)
    }

    /// Returns it as a report shows it, in JSON on one line.
    ///
    /// # Errors
    ///
    /// When the bytes are no finding.
    pub fn json(&self) -> io::Result<String> {
        Ok(compact(&self.finding()?)?)
    }

    /// Returns where it stands.
    ///
    /// # Errors
    ///
    /// When the bytes are no finding.
    pub fn location(&self) -> io::Result<Location> {
        rmp_serde::from_slice(self.location).map_err(|_| damaged())
    }

    fn decode<T: DeserializeOwned>(&self) -> io::Result<T> {
        rmp_serde::from_slice(&[self.head, self.location].concat()).map_err(|_| damaged())
    }

    /// Gives it, with where it was found again, to `take`.
    ///
    /// # Errors
    ///
    /// What `take` returns.
    pub fn shown<T>(self, found: Option<Found>, take: impl FnOnce(Packed<'_>) -> io::Result<T>) -> io::Result<T> {
        let Some(found) = found else { return take(self) };
        let mut location = self.location()?;
        found.note(&mut location);
        take(Packed {
            location: &encode(&location)?,
            ..self
        })
    }
}

/// Returns the position of `one` among all values of its type.
pub fn position<T: PartialEq>(all: &[T], one: T) -> u8 {
    // INVARIANT: `all` holds every value, of which there are a few.
    let position = all.iter().position(|other| *other == one).unwrap_or_default();
    u8::try_from(position).unwrap_or_default()
}

fn part<'b>(bytes: &mut &'b [u8]) -> io::Result<&'b [u8]> {
    let (length, rest) = bytes.split_first_chunk().ok_or_else(damaged)?;
    let (part, rest) = rest
        .split_at_checked(u32::from_le_bytes(*length) as usize)
        .ok_or_else(damaged)?;
    *bytes = rest;
    Ok(part)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use nephoscope_model::{
        FindingId, Gap, Origin, PolicyId, Provider, Reason, ResourceKey, ResourceSummary, State, WaiverNote,
    };

    use super::*;

    fn finding(key: &str) -> Finding {
        Finding {
            id: FindingId(key.to_owned()),
            policy: PolicyId("P".into()),
            outcome: Outcome::Waived,
            severity: Severity::Low,
            resource: Arc::new(ResourceSummary {
                id: "i".into(),
                key: ResourceKey("k".into()),
                provider: Provider::Azure,
                kind: "storage.bucket".into(),
                native_type: "T".into(),
                name: "n".into(),
                account: "a".into(),
                region: "r".into(),
                state: State::Live,
            }),
            key: key.to_owned(),
            path: "/attributes/x".to_owned(),
            message: "m".to_owned(),
            evidence: Some(serde_json::json!({"a": [1, -1, 0.1, u64::MAX, "\u{0}", null], "b": {}})),
            values: String::new(),
            unknown: vec![Unknown {
                path: "/attributes/y".to_owned(),
                gap: Gap::with(Reason::NotRead, "z"),
            }],
            waiver: Some(WaiverNote {
                id: "w".to_owned(),
                owner: "o".to_owned(),
                reason: "r".to_owned(),
                expires: "2026-12-31".parse().unwrap(),
            }),
            baseline: Some(BaselineState::Unchanged),
            location: Location {
                origin: Origin {
                    file: "f".into(),
                    offset: 258,
                    length: 1,
                    pointer: String::new(),
                },
                pointer: "/x".to_owned(),
                line: None,
                column: None,
                mark: None,
                snippet: Vec::new(),
            },
        }
    }

    #[test]
    fn findings_come_back_as_they_were_and_with_their_lines() {
        let mut bytes = Vec::new();
        for key in ["one", "two"] {
            pack(&finding(key), &mut bytes).unwrap();
        }
        let mut rest = bytes.as_slice();
        let first = Packed::read(&mut rest).unwrap();
        assert_eq!(first.finding().unwrap(), finding("one"));
        assert_eq!(first.unknown().unwrap(), finding("one").unknown);
        assert_eq!(first.json().unwrap(), compact(&finding("one")).unwrap());
        assert_eq!((first.outcome, first.severity), (Outcome::Waived, Severity::Low));
        assert_eq!(first.baseline, Some(BaselineState::Unchanged));
        assert_eq!(first.place, b"f\0\0\0\0\0\0\0\0\x01\x02");
        assert_eq!(first.location().unwrap(), finding("one").location);
        let found = Found {
            line: 3,
            column: 4,
            mark: 2,
            snippet: vec!["\"x\"".to_owned()],
        };
        let shown = Packed::read(&mut rest)
            .unwrap()
            .shown(Some(found), |packed| packed.finding())
            .unwrap();
        assert_eq!((shown.location.line, shown.location.mark), (Some(3), Some(2)));
        assert_eq!(shown.key, "two");
        assert!(rest.is_empty() && Packed::read(&mut rest).is_err());
        assert!(Packed::read(&mut bytes.get(..9).unwrap()).is_err());
    }
}
