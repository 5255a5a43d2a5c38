//! The ways inventories write instants.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// Returns the instant that a text stands for; without a zone it is UTC.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse::<Timestamp>().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(local).ok()
    })
}

/// Returns the instant of a JSON value: a text, epoch seconds (milliseconds where seconds would lie beyond the
/// year 5138), or the parts of a recorded `datetime`.
pub(crate) fn of(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => parse(text),
        Value::Number(number) => {
            let seconds = number.as_f64()?;
            let seconds = if seconds.abs() > 1e11 {
                seconds / 1000.0
            } else {
                seconds
            };
            // A double holds the seconds of this century to the microsecond.
            #[expect(clippy::cast_possible_truncation, reason = "checked by Timestamp")]
            Timestamp::from_microsecond((seconds * 1e6).round() as i64).ok()
        }
        Value::Object(parts) => {
            let part = |name: &str| parts.get(name).map_or(Some(0), Value::as_i64);
            let date = DateTime::new(
                i16::try_from(parts.get("year")?.as_i64()?).ok()?,
                i8::try_from(parts.get("month")?.as_i64()?).ok()?,
                i8::try_from(parts.get("day")?.as_i64()?).ok()?,
                i8::try_from(part("hour")?).ok()?,
                i8::try_from(part("minute")?).ok()?,
                i8::try_from(part("second")?).ok()?,
                i32::try_from(part("microsecond")?).ok()?.checked_mul(1000)?,
            )
            .ok()?;
            TimeZone::UTC.to_timestamp(date).ok()
        }
        _ => None,
    }
}

/// Returns what stands where an instant should: `None` where it is one, and where nothing is stated.
pub(crate) fn unread(stated: Option<&Value>) -> Option<String> {
    let stated =
        stated.filter(|value| !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty()))?;
    of(stated).is_none().then(|| {
        let text = stated.as_str().map_or_else(|| stated.to_string(), str::to_owned);
        text.chars().take(80).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::{of, unread};
    use serde_json::json;

    #[test]
    fn quirk_8_and_22_every_way_of_writing_time() {
        for (value, expected) in [
            (json!("2017-03-01T10:20:30.123Z"), "2017-03-01T10:20:30.123Z"),
            (json!("2017-03-01T10:20:30.123456+00:00"), "2017-03-01T10:20:30.123456Z"),
            (json!("2021-08-11T18:06:05.9870886Z"), "2021-08-11T18:06:05.9870886Z"),
            (json!("2021-08-11T18:06:05.9866667"), "2021-08-11T18:06:05.9866667Z"),
            (json!("2021-04-23T08:01:13.062-07:00"), "2021-04-23T15:01:13.062Z"),
            (json!(1_481_477_124.25), "2016-12-11T17:25:24.25Z"),
            (json!(1_481_477_124_250_u64), "2016-12-11T17:25:24.25Z"),
            (
                json!({"__class__": "datetime", "year": 2021, "month": 3, "day": 8, "hour": 0, "minute": 57,
                    "second": 12, "microsecond": 720_000}),
                "2021-03-08T00:57:12.72Z",
            ),
        ] {
            assert_eq!(of(&value).unwrap().to_string(), expected, "{value}");
        }
        assert_eq!(of(&json!("not a time")), None);
        assert_eq!(of(&json!(null)), None);
        for nothing in [None, Some(&json!(null)), Some(&json!(" ")), Some(&json!(0))] {
            assert_eq!(unread(nothing), None);
        }
        assert_eq!(unread(Some(&json!("not a time"))).as_deref(), Some("not a time"));
        assert_eq!(unread(Some(&json!(["x"]))).as_deref(), Some("[\"x\"]"));
    }
}
