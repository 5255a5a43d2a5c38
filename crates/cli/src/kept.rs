//! Documents that wait for the end of the input, as bytes.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use nephoscope_model::{Begin, Dialect, Document, Member, Origin, Provider, RawJson, State};
use serde::{Deserialize, Serialize};

use crate::runs::damaged;

/// All of a document but its body, which follows as it is.
#[derive(Serialize, Deserialize)]
struct Head<'a> {
    provider: Provider,
    #[serde(borrow)]
    native_type: Cow<'a, str>,
    dialect: Dialect,
    observed_at: Option<Timestamp>,
    state: State,
    #[serde(borrow)]
    file: Cow<'a, str>,
    offset: u64,
    length: u64,
    #[serde(borrow)]
    pointer: Cow<'a, str>,
    /// Line and column.
    begin: Option<(u64, u64)>,
    /// Where the members of the body stand: key and value of each.
    members: Vec<[u32; 4]>,
}

/// Returns the bytes from which [`document`] makes the same document.
///
/// # Errors
///
/// When a part of it has no form in JSON.
pub fn bytes(document: &Document) -> io::Result<Vec<u8>> {
    let Document {
        provider,
        native_type,
        dialect,
        observed_at,
        state,
        origin,
        begin,
        body,
    } = document;
    let head = Head {
        provider: *provider,
        native_type: native_type.into(),
        dialect: *dialect,
        observed_at: *observed_at,
        state: *state,
        file: origin.file.as_ref().into(),
        offset: origin.offset,
        length: origin.length,
        pointer: origin.pointer.as_str().into(),
        begin: begin.map(|begin| (begin.line, begin.column)),
        members: body.places().iter().map(Member::ends).collect(),
    };
    let mut bytes = serde_json::to_vec(&head)?;
    // No line break stands inside of compact JSON.
    bytes.push(b'\n');
    bytes.extend_from_slice(body.get().as_bytes());
    Ok(bytes)
}

/// Returns the document of [`bytes`].
///
/// # Errors
///
/// When they are no such bytes.
pub fn document(bytes: Vec<u8>) -> io::Result<Document> {
    let text = String::from_utf8(bytes).map_err(|_| damaged())?;
    let (head, body) = text.split_once('\n').ok_or_else(damaged)?;
    let head: Head<'_> = serde_json::from_str(head)?;
    Ok(Document {
        provider: head.provider,
        native_type: head.native_type.into_owned(),
        dialect: head.dialect,
        observed_at: head.observed_at,
        state: head.state,
        origin: Origin {
            file: Arc::from(head.file.as_ref()),
            offset: head.offset,
            length: head.length,
            pointer: head.pointer.into_owned(),
        },
        begin: head.begin.map(|(line, column)| Begin { line, column }),
        // It was valid when it was written.
        body: RawJson::parsed(
            body.to_owned(),
            head.members.into_iter().map(Member::from_ends).collect(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_comes_back_as_it_was() {
        let origin = Origin {
            file: "a \"b\"\n.json".into(),
            offset: 7,
            length: u64::MAX,
            pointer: "/Records/0".to_owned(),
        };
        let begins = [None, Some(Begin { line: 7, column: 0 })];
        for (observed_at, begin) in [None, Some("2026-01-02T03:04:05.123456Z".parse().unwrap())]
            .into_iter()
            .zip(begins)
        {
            let before = Document {
                provider: Provider::Azure,
                native_type: "Microsoft.Storage/\\".to_owned(),
                dialect: Dialect::AzureArm,
                observed_at,
                state: State::Deleted,
                origin: origin.clone(),
                begin,
                body: RawJson::parsed(
                    "{\"a\":\n [1.50, \"\\u0000\"]}".to_owned(),
                    vec![Member::from_ends([2, 3, 7, 23])],
                ),
            };
            let after = document(bytes(&before).unwrap()).unwrap();
            assert_eq!(format!("{before:?}"), format!("{after:?}"));
            assert_eq!(before.body, after.body);
        }
    }
}
