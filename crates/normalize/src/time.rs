//! Times as the clouds write them.

use jiff::Timestamp;

/// Returns the instant that `text` names: RFC 3339 with any offset and up to nine fractional digits, the same
/// without zone (taken as UTC, as Azure's web apps write it), or seconds since 1970 (the AWS command line).
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    if let Ok(seconds) = text.parse::<f64>() {
        let millis = (seconds * 1000.0).round();
        // Beyond this the cast would lose digits; it is far outside of what a timestamp holds anyway.
        return (millis.abs() < 9.0e15)
            .then(|| Timestamp::from_millisecond(millis as i64).ok())
            .flatten();
    }
    format!("{text}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn every_spelling_seen_is_read() {
        for (text, expected) in [
            ("2019-02-12T07:29:16.288Z", "2019-02-12T07:29:16.288Z"),
            ("2017-02-04T06:10:33.880000-05:00", "2017-02-04T11:10:33.88Z"),
            ("2019-09-06T17:49:19.9470784Z", "2019-09-06T17:49:19.9470784Z"),
            ("2019-09-06T17:49:19.94", "2019-09-06T17:49:19.94Z"),
            ("1486206633.88", "2017-02-04T11:10:33.88Z"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), expected);
        }
        for text in ["", "Feb 21, 2022 6:36:34 PM", "nan", "1e300", "inf"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
