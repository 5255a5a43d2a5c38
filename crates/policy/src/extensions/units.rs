//! `units.*`. Source: `v1/topdown/parse_units.go` and `parse_bytes.go` of OPA 1.22.2, read 2026-11-26.

use regorus::Value;

use super::{Answer, Fault, text};

const LARGE: Fault = Fault::Beyond("amounts of that size");

/// An amount without its unit: `digits` divided by ten to the power of `places`.
struct Amount {
    digits: i128,
    places: i32,
}

/// Splits an amount from its unit, at the first character that belongs to no number.
fn split(text: &str) -> Result<(&str, &str), Fault> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' | b'.' | b'+' | b'-' => at += 1,
            b'e' | b'E' => {
                let sign = matches!(bytes.get(at + 1), Some(b'+' | b'-'));
                if !sign && !digit(at + 1) {
                    break;
                }
                at += 1 + usize::from(sign);
                let start = at;
                while digit(at) {
                    at += 1;
                }
                if at - start > 6 {
                    return Err(Fault::Undefined);
                }
            }
            _ => break,
        }
    }
    text.split_at_checked(at).ok_or(Fault::Undefined)
}

fn amount(text: &str) -> Result<Amount, Fault> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| Fault::Undefined)?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let unsigned = whole.strip_prefix(['+', '-']).unwrap_or(whole);
    let digits = format!("{unsigned}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Undefined);
    }
    let digits: i128 = digits.parse().map_err(|_| LARGE)?;
    let places = i32::try_from(fraction.len()).map_err(|_| LARGE)? - exponent;
    Ok(Amount {
        digits: if whole.starts_with('-') { -digits } else { digits },
        places,
    })
}

impl Amount {
    /// Returns the amount times `unit`, as a quotient of whole numbers.
    fn times(&self, unit: i128) -> Result<(i128, i128), Fault> {
        let ten = |power: i32| 10_i128.checked_pow(power.unsigned_abs()).ok_or(LARGE);
        let product = self.digits.checked_mul(unit).ok_or(LARGE)?;
        if self.places > 0 {
            Ok((product, ten(self.places)?))
        } else {
            Ok((product.checked_mul(ten(self.places)?).ok_or(LARGE)?, 1))
        }
    }
}

fn number(text: &str) -> Answer {
    Value::from_numeric_string(text).map_err(|_| Fault::Undefined)
}

fn decimal_unit(power: u32) -> i128 {
    1000_i128.pow(power)
}

fn binary_unit(power: u32) -> i128 {
    1024_i128.pow(power)
}

/// Returns the text without quotes, unless there are spaces in it.
fn cleaned(text: &str) -> Result<String, Fault> {
    let cleaned = text.replace('"', "");
    if cleaned.contains(' ') {
        Err(Fault::Undefined)
    } else {
        Ok(cleaned)
    }
}

pub(super) fn parse(args: &[Value]) -> Answer {
    let text = cleaned(text(args, 0)?)?;
    let (mantissa, unit) = split(&text)?;
    let mut unit = unit.to_owned();
    // `m` and `M` differ, so that the first letter keeps its case.
    if let Some((at, _)) = unit.char_indices().nth(1) {
        let rest = unit.split_off(at);
        unit.push_str(&rest.to_lowercase());
    }
    let (unit, part) = match unit.as_str() {
        "m" => (1, 1000),
        "" => (1, 1),
        "k" | "K" => (decimal_unit(1), 1),
        "M" => (decimal_unit(2), 1),
        "g" | "G" => (decimal_unit(3), 1),
        "t" | "T" => (decimal_unit(4), 1),
        "p" | "P" => (decimal_unit(5), 1),
        "e" | "E" => (decimal_unit(6), 1),
        "ki" | "Ki" => (binary_unit(1), 1),
        "mi" | "Mi" => (binary_unit(2), 1),
        "gi" | "Gi" => (binary_unit(3), 1),
        "ti" | "Ti" => (binary_unit(4), 1),
        "pi" | "Pi" => (binary_unit(5), 1),
        "ei" | "Ei" => (binary_unit(6), 1),
        _ => return Err(Fault::Undefined),
    };
    let (above, below) = amount(mantissa)?.times(unit)?;
    let below = below.checked_mul(part).ok_or(LARGE)?;
    if above % below == 0 {
        return number(&(above / below).to_string());
    }
    // Ten places, halves away from zero.
    let scaled = above.checked_mul(20_000_000_000).ok_or(LARGE)? / below;
    let rounded = (scaled + scaled.signum()) / 2;
    let sign = if rounded < 0 { "-" } else { "" };
    let rounded = rounded.unsigned_abs();
    number(&format!(
        "{sign}{}.{:010}",
        rounded / 10_000_000_000,
        rounded % 10_000_000_000
    ))
}

pub(super) fn parse_bytes(args: &[Value]) -> Answer {
    let text = cleaned(text(args, 0)?)?.to_lowercase();
    let (mantissa, unit) = split(&text)?;
    let unit = match unit {
        "" => 1,
        "kb" | "k" => decimal_unit(1),
        "mb" | "m" => decimal_unit(2),
        "gb" | "g" => decimal_unit(3),
        "tb" | "t" => decimal_unit(4),
        "pb" | "p" => decimal_unit(5),
        "eb" | "e" => decimal_unit(6),
        "kib" | "ki" => binary_unit(1),
        "mib" | "mi" => binary_unit(2),
        "gib" | "gi" => binary_unit(3),
        "tib" | "ti" => binary_unit(4),
        "pib" | "pi" => binary_unit(5),
        "eib" | "ei" => binary_unit(6),
        _ => return Err(Fault::Undefined),
    };
    let (above, below) = amount(mantissa)?.times(unit)?;
    number(&(above / below).to_string())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, value};
    use super::*;

    // The results are OPA's: `opa eval 'units.parse(…)'`.
    #[test]
    fn amounts_are_read_as_opa_reads_them() {
        let cases = [
            ("units.parse", "10K", "10000"),
            ("units.parse", "10KI", "10240"),
            ("units.parse", "100m", "0.1"),
            ("units.parse", "3m", "0.003"),
            ("units.parse", "1.5M", "1500000"),
            ("units.parse", "-1.5Gi", "-1610612736"),
            ("units.parse", "1e3", "1000"),
            ("units.parse", "1e3k", "1000000"),
            ("units.parse", ".5", "0.5"),
            ("units.parse", "0.00000000016", "0.0000000002"),
            ("units.parse_bytes", "1.6", "1"),
            ("units.parse_bytes", "0.29kb", "290"),
            ("units.parse_bytes", "100MiB", "104857600"),
            ("units.parse_bytes", "1e", "1000000000000000000"),
        ];
        for (name, text, expected) in cases {
            let found = call(name, &format!("[\"{text}\"]")).unwrap();
            assert_eq!(found, Value::from_json_str(expected).unwrap(), "{text}");
        }
        assert_eq!(value("units.parse_bytes", r#"["\"1kb\""]"#), "1000");
    }

    #[test]
    fn what_opa_does_not_know_is_undefined() {
        for text in ["", "K", "1h", "1Zi", "1 K", "1..2", "1e1000000", "--1", "1e", "x"] {
            let found = call("units.parse", &format!("[\"{text}\"]"));
            if text == "1e" {
                assert!(found.is_ok());
            } else {
                assert_eq!(found, Err(Fault::Undefined), "{text}");
            }
        }
        assert_eq!(call("units.parse_bytes", r#"["1q"]"#), Err(Fault::Undefined));
        assert_eq!(call("units.parse", r#"["1e999"]"#), Err(LARGE));
    }
}
