//! URIs of artifacts: relative references (RFC 3986) that stay below the root of the repository.

use super::Report;

pub(super) fn check(uri: &str, pointer: &str, report: &mut Report) {
    if let Some(bad) = uri.chars().find(|character| !is_allowed(*character)) {
        report.error(
            "uri-invalid",
            pointer,
            format!("`{}` may not stand in a URI", bad.escape_default()),
            "percent-encode every segment of the path",
        );
    } else if has_bad_percent(uri) {
        report.error(
            "uri-invalid",
            pointer,
            "a `%` without two hexadecimal digits",
            "percent-encode every segment of the path, `%` as `%25`",
        );
    }
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    let first = path.split('/').next().unwrap_or_default();
    if let Some((scheme, _)) = first.split_once(':') {
        if is_scheme(scheme) && scheme.eq_ignore_ascii_case("file") {
            report.warning(
                "uri-absolute",
                pointer,
                "an absolute `file:` URI is taken only below the folder of the checkout",
                "write URIs relative to the root of the repository",
            );
            return;
        }
        if is_scheme(scheme) {
            report.error(
                "uri-scheme",
                pointer,
                format!("`{scheme}:` is read as a scheme other than that of the checkout"),
                "write URIs relative to the root of the repository; an id such as an ARN is no place",
            );
        } else {
            report.error(
                "uri-colon",
                pointer,
                "a colon in the first segment of the path",
                "percent-encode it as `%3A`",
            );
        }
    } else if path.starts_with('/') {
        report.error(
            "uri-absolute",
            pointer,
            "the path is absolute",
            "write URIs relative to the root of the repository",
        );
    }
    if path.split('/').any(is_parent) {
        report.error(
            "uri-parent",
            pointer,
            "the path has a segment `..`",
            "write URIs relative to the root of the repository, below it",
        );
    }
}

/// A letter, then letters, digits, `+`, `-`, `.` (RFC 3986, section 3.1).
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "+-.".contains(character))
}

/// Unreserved, reserved, and `%` (RFC 3986, section 2).
fn is_allowed(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(character)
}

fn has_bad_percent(uri: &str) -> bool {
    uri.split('%').skip(1).any(|rest| {
        let digits: Vec<char> = rest.chars().take(2).collect();
        digits.len() < 2 || !digits.iter().all(char::is_ascii_hexdigit)
    })
}

fn is_parent(segment: &str) -> bool {
    segment.to_ascii_lowercase().replace("%2e", ".") == ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(uri: &str) -> Vec<&'static str> {
        let mut report = Report::default();
        check(uri, "", &mut report);
        report.0.into_iter().map(|problem| problem.rule).collect()
    }

    #[test]
    fn places_that_code_scanning_takes_or_refuses() {
        for (uri, expected) in [
            ("cloud/aws/1111/eu-west-1/AWS.EC2.SecurityGroup/sg%3A1", &[][..]),
            ("a/b:c", &[]),
            ("arn:aws:s3:::bucket", &["uri-scheme"]),
            ("https://example.com/x", &["uri-scheme"]),
            ("1:x/y", &["uri-colon"]),
            ("a b", &["uri-invalid"]),
            ("100%", &["uri-invalid"]),
            ("ü", &["uri-invalid"]),
            ("/etc/passwd", &["uri-absolute"]),
            ("file:///home/x", &["uri-absolute"]),
            ("a/%2E%2e/b", &["uri-parent"]),
            ("../x", &["uri-parent"]),
            ("a\\b", &["uri-invalid"]),
        ] {
            assert_eq!(rules(uri), expected, "{uri}");
        }
    }
}
