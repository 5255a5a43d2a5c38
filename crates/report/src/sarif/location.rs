//! Places: a line of a file of the repository where there is one, else a path made of what the resource is.
//!
//! Code scanning refuses a whole file if one result has no physical location, or one whose URI has a scheme, a colon in its first segment
//! or a blank; a logical location alone does not do. So a resource that stands in no file gets the path
//! `cloud/<provider>/<account>/<region>/<type>/<name>`, by which alerts can be filtered like files.

use nephoscope_model::{Finding, Outcome, ResourceSummary, sort_key};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_sarif::sarif::{ArtifactContent, ArtifactLocation, Location, LogicalLocation, PhysicalLocation, Region};

use crate::text::{self, NAME};

/// All but the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Returns one segment of a path: percent-encoded, never empty, never `.` or `..`, of a bearable length.
pub(super) fn segment(text: &str) -> String {
    let short = if text.chars().count() > NAME {
        // Cutting may make two names one; the digest keeps them apart, and is the same in the next scan.
        let head: String = text.chars().take(NAME - 33).collect();
        format!("{head}~{}", nephoscope_model::digest([text]))
    } else {
        text.to_owned()
    };
    match short.as_str() {
        "" => "-".to_owned(),
        // Encoded dots are dot segments too, to readers that follow the URL standard of WHATWG.
        "." | ".." => format!("_{short}"),
        _ => utf8_percent_encode(&short, ENCODED).to_string(),
    }
}

/// Returns the URI of a file below the working directory, or `None` for what is none: standard input, an absolute path, a path that
/// leaves the directory, an address.
pub(super) fn file_uri(path: &str) -> Option<String> {
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    if path.is_empty() || path == "-" || path.starts_with(['/', '\\']) || drive || path.contains("://") {
        return None;
    }
    let mut segments = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => return None,
            // A real file keeps its whole name, however long.
            name => segments.push(utf8_percent_encode(name, ENCODED).to_string()),
        }
    }
    (!segments.is_empty()).then(|| segments.join("/"))
}

/// Returns the path made of what a resource is.
fn virtual_uri(resource: &ResourceSummary) -> String {
    let native_type = resource.native_type.replace("::", ".").replace('/', ".");
    let name = if resource.name.is_empty() {
        &resource.id
    } else {
        &resource.name
    };
    format!(
        "cloud/{}/{}/{}/{}/{}",
        resource.provider,
        segment(&resource.account),
        segment(&resource.region),
        segment(&native_type),
        segment(name)
    )
}

/// Returns the location of a finding.
pub(super) fn of(finding: &Finding, full: bool) -> Location {
    let resource = &finding.resource;
    let (uri, region) = match file_uri(&finding.location.origin.file) {
        Some(uri) => (uri, region(finding, full)),
        None => (virtual_uri(resource), first_line()),
    };
    let name = if resource.name.is_empty() {
        &resource.id
    } else {
        &resource.name
    };
    Location {
        physical_location: Some(PhysicalLocation {
            artifact_location: Some(ArtifactLocation {
                uri: Some(uri),
                ..ArtifactLocation::default()
            }),
            region: Some(region),
            ..PhysicalLocation::default()
        }),
        logical_locations: Some(vec![LogicalLocation {
            name: Some(text::line(name, NAME)),
            fully_qualified_name: Some(text::line(&resource.id, 2 * NAME)),
            kind: Some("resource".to_owned()),
            ..LogicalLocation::default()
        }]),
        ..Location::default()
    }
}

fn first_line() -> Region {
    Region {
        start_line: Some(1),
        start_column: Some(1),
        end_line: Some(1),
        end_column: Some(1),
        ..Region::default()
    }
}

fn region(finding: &Finding, full: bool) -> Region {
    let location = &finding.location;
    let Some(line) = location.line.filter(|line| *line > 0) else {
        return first_line();
    };
    let column = i64::from(location.column.unwrap_or(1).max(1));
    // The end is known only where one line holds the value; elsewhere the region is the place where it begins.
    let length = match location.snippet.as_slice() {
        [only] => only.chars().count() as i64 + 1 - i64::from(location.mark.unwrap_or(1)),
        _ => 0,
    };
    Region {
        start_line: Some(i64::from(line)),
        start_column: Some(column),
        end_line: Some(i64::from(line)),
        end_column: Some(column + length.max(0)),
        snippet: (full && !location.snippet.is_empty()).then(|| {
            let lines: Vec<_> = location.snippet.iter().map(|line| text::visible(line)).collect();
            ArtifactContent {
                text: Some(lines.join("\n")),
                ..ArtifactContent::default()
            }
        }),
        ..Region::default()
    }
}

/// Returns bytes that stand for policy, file and line of a finding, where the uploading action can know it again by the text at its line,
/// so that a fingerprint of ours would only contradict it (it warns once for each such result).
///
/// It cannot where there is no file, where the line is not known, where the file is compressed, where the whole document is one line
/// (an inventory as the cloud delivers it), or where two findings have the same bytes: they would become one alert.
pub(super) fn line_key(finding: &Finding) -> Option<Vec<u8>> {
    if !matches!(finding.outcome, Outcome::Fail | Outcome::Waived) {
        return None;
    }
    let line = finding.location.line.filter(|line| *line > 1)?;
    let file = &finding.location.origin.file;
    if is_packed(file) || file_uri(file).is_none() {
        return None;
    }
    let mut key = sort_key([finding.policy.0.as_str(), file]);
    key.extend(line.to_be_bytes());
    Some(key)
}

fn is_packed(file: &str) -> bool {
    let file = file.to_ascii_lowercase();
    [".gz", ".zst", ".zip", ".tgz", ".tar"]
        .iter()
        .any(|end| file.ends_with(end) || file.contains(&format!("{end}/")) || file.contains(&format!("{end}!")))
}
