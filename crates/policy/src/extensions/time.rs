//! `time.*`. Source: `v1/topdown/time.go` of OPA 1.22.2 and Go's package `time`, read 2026-11-26.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use regorus::Value;

use super::{Answer, Fault, arg, of_engine, text, whole};

const ZONE: Fault = Fault::Beyond("time zones other than UTC");

/// Whether the instant is given in UTC: a number, or a list with that zone.
fn is_utc(instant: &Value) -> bool {
    match instant {
        Value::Array(parts) => match parts.get(1) {
            Some(Value::String(zone)) => matches!(&**zone, "" | "UTC"),
            _ => true,
        },
        _ => true,
    }
}

/// Returns the nanoseconds of an instant.
fn nanoseconds(instant: &Value) -> Result<i64, Fault> {
    match instant {
        Value::Array(parts) => whole(&parts.to_vec(), 0),
        other => whole(std::slice::from_ref(other), 0),
    }
}

/// Adds years, months and days; a day past the end of its month falls into the next.
pub(super) fn add_date(args: &[Value]) -> Answer {
    let (years, months, days) = (whole(args, 1)?, whole(args, 2)?, whole(args, 3)?);
    let instant = arg(args, 0);
    if !is_utc(instant) {
        // The engine has days only; it takes the last of a month for one past it.
        return if years == 0 && months == 0 {
            of_engine("time.add_date", args)
        } else {
            Err(ZONE)
        };
    }
    let moved = || {
        let start = Timestamp::from_nanosecond(nanoseconds(instant).ok()?.into()).ok()?;
        let start = start.to_zoned_datetime(TimeZone::UTC).datetime();
        let month = i64::from(start.year())
            .checked_add(years)?
            .checked_mul(12)?
            .checked_add(i64::from(start.month()) - 1)?
            .checked_add(months)?;
        let year = i16::try_from(month.div_euclid(12)).ok()?;
        let first = Date::new(year, i8::try_from(month.rem_euclid(12) + 1).ok()?, 1).ok()?;
        let days = days.checked_add(i64::from(start.day()) - 1)?;
        let date = first.checked_add(Span::new().try_days(days).ok()?).ok()?;
        let moved = date.to_datetime(start.time()).to_zoned_datetime(TimeZone::UTC).ok()?;
        i64::try_from(moved.timestamp().as_nanosecond()).ok()
    };
    moved().map(Value::from).ok_or(Fault::Undefined)
}

pub(super) fn diff(args: &[Value]) -> Answer {
    if is_utc(arg(args, 0)) && is_utc(arg(args, 1)) {
        of_engine("time.diff", args)
    } else {
        Err(ZONE)
    }
}

/// Takes the zeros from the end of the fraction, where the layout writes none.
pub(super) fn format(args: &[Value]) -> Answer {
    let layout = match arg(args, 0) {
        Value::Array(parts) => match parts.get(2) {
            Some(Value::String(layout)) => Some(layout.to_string()),
            _ => None,
        },
        _ => None,
    };
    let formatted = of_engine("time.format", args)?;
    let (Value::String(text), None | Some("RFC3339Nano")) = (&formatted, layout.as_deref()) else {
        return Ok(formatted);
    };
    let Some((seconds, rest)) = text.split_once('.') else {
        return Ok(formatted);
    };
    let (fraction, zone) = rest.split_at(rest.find(|next: char| !next.is_ascii_digit()).unwrap_or(rest.len()));
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Ok(Value::from(format!("{seconds}{point}{fraction}{zone}")))
}

pub(super) fn parse(args: &[Value]) -> Answer {
    let (layout, value) = (text(args, 0)?, text(args, 1)?);
    if matches!(
        layout,
        "RFC3339" | "RFC3339Nano" | "2006-01-02T15:04:05Z07:00" | "2006-01-02T15:04:05.999999999Z07:00"
    ) {
        return parse_rfc3339(&[Value::from(value)]);
    }
    if layout == "2006-01-02" && value.len() != layout.len() {
        return Err(Fault::Undefined);
    }
    let abbreviated = layout.contains("MST") || matches!(layout, "UnixDate" | "RFC822" | "RFC850" | "RFC1123");
    if abbreviated && !value.contains("UTC") {
        // Go takes the letters for a zone without a shift.
        return Err(Fault::Beyond("abbreviations of time zones"));
    }
    // The engine knows fewer layouts, and drops what follows a time: only a text that comes back the same is one for both.
    match of_engine("time.parse_ns", args) {
        Err(Fault::Undefined) | Ok(Value::Undefined) if layout == "2006-01-02" => Err(Fault::Undefined),
        Ok(time) if written(&time, layout) == Ok(Value::from(value)) => Ok(time),
        _ => Err(Fault::Beyond("whether a text in that layout is a time")),
    }
}

fn written(time: &Value, layout: &str) -> Answer {
    let instant = vec![time.clone(), Value::from("UTC"), Value::from(layout)];
    of_engine("time.format", &[Value::from(instant)])
}

pub(super) fn parse_rfc3339(args: &[Value]) -> Answer {
    let value = text(args, 0)?;
    // The engine takes other letters between date and time, and leap seconds.
    let shape: Vec<u8> = value
        .bytes()
        .take(19)
        .map(|byte| if byte.is_ascii_digit() { b'0' } else { byte })
        .collect();
    if shape != b"0000-00-00T00:00:00" || value.get(17..19) == Some("60") || value.contains('z') {
        return Err(Fault::Undefined);
    }
    of_engine("time.parse_rfc3339_ns", &[Value::from(value.replacen(',', ".", 1))])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, value};
    use super::*;

    // The results are OPA's.
    #[test]
    fn days_past_the_end_of_a_month_fall_into_the_next() {
        // 2024-02-29 and 2024-01-31.
        assert_eq!(
            value("time.add_date", "[1709164800000000000, 1, 0, 0]"),
            "1740787200000000000"
        );
        assert_eq!(
            value("time.add_date", "[1706659200000000000, 0, 1, 0]"),
            "1709337600000000000"
        );
        assert_eq!(
            value("time.add_date", "[[1706659200000000000, \"UTC\"], -1, -13, -400]"),
            "1606348800000000000"
        );
        assert_eq!(call("time.add_date", "[[0, \"Europe/Berlin\"], 0, 1, 0]"), Err(ZONE));
        assert_eq!(call("time.add_date", "[0, 9000, 0, 0]"), Err(Fault::Undefined));
        assert_eq!(call("time.add_date", "[0, 1.5, 0, 0]"), Err(Fault::Undefined));
    }

    #[test]
    fn times_are_read_as_go_reads_them() {
        assert_eq!(
            value("time.parse_rfc3339_ns", r#"["1970-01-01T00:00:01,5Z"]"#),
            "1500000000"
        );
        for text in [
            "1970-01-01 00:00:01Z",
            "1970-01-01t00:00:01Z",
            "1970-01-01T00:00:60Z",
            "1970-01-01T00:00:01z",
            "x",
        ] {
            assert_eq!(
                call("time.parse_rfc3339_ns", &format!("[\"{text}\"]")),
                Err(Fault::Undefined),
                "{text}"
            );
        }
        assert_eq!(value("time.format", "[10]"), r#""1970-01-01T00:00:00.00000001Z""#);
        assert_eq!(value("time.format", "[1000000000]"), r#""1970-01-01T00:00:01Z""#);
        assert_eq!(
            value("time.parse_ns", r#"["2006-01-02", "1970-01-02"]"#),
            "86400000000000"
        );
        assert_eq!(
            value("time.parse_ns", r#"["2006-01-02 15:04:05", "1970-01-01 00:00:01"]"#),
            "1000000000"
        );
        assert!(matches!(
            call("time.parse_ns", r#"["RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"]"#),
            Err(Fault::Beyond(_))
        ));
        assert!(matches!(call("time.parse_ns", r#"["x", "y"]"#), Err(Fault::Beyond(_))));
        for text in ["x", "1970-01-02T00:00:00Z", "1970-02-30"] {
            let found = call("time.parse_ns", &format!("[\"2006-01-02\", \"{text}\"]"));
            assert_eq!(found, Err(Fault::Undefined), "{text}");
        }
        assert_eq!(call("time.diff", r#"[[0, "Europe/Berlin"], 0]"#), Err(ZONE));
    }
}
