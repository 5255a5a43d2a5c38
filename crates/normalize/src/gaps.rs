//! What assembling could not do: gaps about whole resources.

use std::collections::BTreeSet;
use std::sync::Arc;

use nephoscope_model::{CoverageGap, Gap, GapScope, Reason};

use crate::group::Piece;

/// Two plans say nothing of which comes later, and one address may stand for two things.
pub(crate) fn replanned(piece: &Piece, files: &BTreeSet<Arc<str>>) -> CoverageGap {
    let resource = &piece.resource;
    let files = files
        .iter()
        .map(|file| format!("`{file}`"))
        .collect::<Vec<_>>()
        .join(" and ");
    let message = format!(
        "`{}` is planned in {files}, and only one of them was taken: judge the plans one by one",
        resource.id
    );
    let scope = GapScope {
        native_type: Some(resource.native_type.clone()),
        resource: Some(resource.id.clone()),
        ..GapScope::default()
    };
    not_read(
        Some(piece),
        scope,
        format!("one of the plans of {}", resource.id),
        message,
    )
}

/// Which of them is the newer nobody can tell, so one of them may hide what the other shows.
pub(crate) fn contradicted(piece: &Piece, documents: usize) -> CoverageGap {
    let resource = &piece.resource;
    let message = format!(
        "{documents} documents differ about `{}` and none says when it was read: only one of them was judged",
        resource.id
    );
    let scope = GapScope {
        region: Some(resource.region.clone()).filter(|region| !region.is_empty()),
        native_type: Some(resource.native_type.clone()),
        resource: Some(resource.id.clone()),
        ..GapScope::default()
    };
    let detail = format!("which of {documents} documents of {} is the newest", resource.id);
    not_read(Some(piece), scope, detail, message)
}

/// Parts whose whole, of type `of` and called `name`, was not read or may be another.
pub(crate) fn orphaned(of: &str, name: &str, parts: &[&Piece], why: &str) -> CoverageGap {
    let first = parts.iter().copied().min_by_key(|piece| piece.origin());
    let part = first.map(|piece| piece.resource.id.as_str()).unwrap_or_default();
    let message = match parts.len() {
        1 => format!("`{part}` is part of {of} `{name}`, {why}"),
        count => format!("`{part}` and {} more are parts of {of} `{name}`, {why}", count - 1),
    };
    let scope = GapScope {
        native_type: Some(of.to_owned()),
        resource: Some(name.to_owned()),
        ..GapScope::default()
    };
    not_read(first, scope, format!("{of} of {name}"), message)
}

/// Returns the gap with what every one of them has from the piece that shows it: input, provider, account and offset.
fn not_read(piece: Option<&Piece>, scope: GapScope, detail: String, message: String) -> CoverageGap {
    let origin = piece.and_then(|piece| piece.origin());
    let resource = piece.map(|piece| &piece.resource);
    CoverageGap {
        scope: GapScope {
            input: origin.map(|origin| origin.file.to_string()),
            provider: resource.map(|resource| resource.provider),
            account: resource
                .map(|resource| resource.account.clone())
                .filter(|account| !account.is_empty()),
            ..scope
        },
        gap: Gap::with(Reason::NotRead, detail),
        message,
        line: None,
        offset: origin.map(|origin| origin.offset),
        incomplete: true,
        accepted_by: None,
    }
}
