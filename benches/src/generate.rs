//! Inventories of any size, made of real configuration items.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use serde_json::{Value, json};

/// Which values resources have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mix {
    /// The same few, under different names.
    Copies,
    /// Values drawn from what the real items of a type hold at the same place, varied; a fourth of the resources have texts,
    /// numbers and ranges of their own.
    Estate,
    /// No two resources of a type are alike in what policies read.
    Distinct,
}

impl Mix {
    pub(crate) const ALL: [Mix; 3] = [Mix::Copies, Mix::Estate, Mix::Distinct];
}

/// Shares of types in an estate, in percent; what is left goes to every other type alike.
const SHARES: &[(&str, u64)] = &[
    ("AWS::EC2::SecurityGroup", 15),
    ("AWS::EC2::Instance", 15),
    ("AWS::EC2::Volume", 12),
    ("AWS::IAM::Role", 12),
    ("AWS::Lambda::Function", 10),
    ("AWS::S3::Bucket", 6),
    ("AWS::RDS::DBInstance", 4),
    ("AWS::IAM::User", 3),
];

/// One of so many resources of an estate has values of its own.
const OWN: u64 = 4;

const RANGES: &[&str] = &[
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.20.0.0/16",
    "10.20.30.0/24",
    "172.16.0.0/12",
    "192.168.1.0/24",
    "203.0.113.7/32",
    "198.51.100.0/24",
];

/// A small generator, the same numbers in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound.max(1)
    }

    fn of<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        let index = self.below(list.len() as u64);
        list.get(usize::try_from(index).unwrap_or_default())
    }
}

/// Real items by type, and what stands at each place of the items of a type.
struct Stock {
    items: BTreeMap<String, Vec<Value>>,
    seen: BTreeMap<(String, String), Vec<Value>>,
}

/// Writes a file of `resources` items, one a line.
///
/// # Errors
///
/// When the folder of real items cannot be read, or the file not be written.
pub(crate) fn file(mix: Mix, resources: u64, corpus: &Path, file: &Path) -> Result<()> {
    let created = File::create(file).with_context(|| format!("`{}`", file.display()))?;
    let mut out = BufWriter::new(created);
    write(mix, resources, corpus, &mut out)?;
    Ok(out.flush()?)
}

fn write(mix: Mix, resources: u64, corpus: &Path, out: &mut dyn Write) -> Result<()> {
    let stock = Stock::read(corpus)?;
    let mut chance = Chance(2026);
    for number in 0..resources {
        let native_type = stock.draw(&mut chance);
        let Some(template) = stock.items.get(native_type).and_then(|items| chance.of(items)) else {
            continue;
        };
        let mut item = template.clone();
        name(&mut item, number);
        let own_values = mix == Mix::Distinct || (mix == Mix::Estate && chance.below(OWN) == 0);
        for section in ["configuration", "supplementaryConfiguration"] {
            if let Some(section_value) = item.get_mut(section) {
                if mix == Mix::Estate {
                    let place = &mut format!("/{section}");
                    vary(section_value, place, native_type, &stock, &mut chance);
                }
                if own_values {
                    part(section_value, number);
                }
            }
        }
        serde_json::to_writer(&mut *out, &item)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

impl Stock {
    fn read(corpus: &Path) -> Result<Stock> {
        let folder = corpus.join("aws/config/items");
        let mut stock = Stock {
            items: BTreeMap::new(),
            seen: BTreeMap::new(),
        };
        let entries = std::fs::read_dir(&folder).with_context(|| format!("`{}`", folder.display()))?;
        let mut files: Vec<_> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.sort();
        for file in files {
            let Ok(value) = serde_json::from_slice::<Value>(&std::fs::read(&file)?) else {
                continue;
            };
            let list = value.get("configurationItems").unwrap_or(&value);
            let items = list.as_array().cloned().unwrap_or_else(|| vec![list.clone()]);
            for mut item in items {
                let Some(native_type) = item.get("resourceType").and_then(Value::as_str).map(str::to_owned) else {
                    continue;
                };
                unwrap(&mut item);
                for section in ["configuration", "supplementaryConfiguration"] {
                    if let Some(value) = item.get(section) {
                        stock.note(&native_type, &mut format!("/{section}"), value);
                    }
                }
                stock.items.entry(native_type).or_default().push(item);
            }
        }
        ensure!(!stock.items.is_empty(), "no items under `{}`", folder.display());
        Ok(stock)
    }

    fn note(&mut self, native_type: &str, place: &mut String, value: &Value) {
        match value {
            Value::Object(map) => {
                for (key, child) in map {
                    within(place, key, |place| self.note(native_type, place, child));
                }
            }
            Value::Array(list) => {
                for child in list {
                    within(place, "*", |place| self.note(native_type, place, child));
                }
            }
            leaf => {
                let seen = self.seen.entry((native_type.to_owned(), place.clone())).or_default();
                if !seen.contains(leaf) {
                    seen.push(leaf.clone());
                }
            }
        }
    }

    fn draw(&self, chance: &mut Chance) -> &str {
        let mut left = chance.below(100);
        for (native_type, share) in SHARES {
            if left < *share {
                if let Some((name, _)) = self.items.get_key_value(*native_type) {
                    return name;
                }
                break;
            }
            left -= share;
        }
        let names: Vec<&String> = self.items.keys().collect();
        chance.of(&names).map_or("", |name| name.as_str())
    }
}

/// Some files hold sections, or what is in them, as text; here they are objects, so that values in them can vary.
fn unwrap(item: &mut Value) {
    for section in ["configuration", "supplementaryConfiguration"] {
        let Some(section) = item.get_mut(section) else { continue };
        decode(section);
        if let Some(map) = section.as_object_mut() {
            map.values_mut().for_each(decode);
        }
    }
}

fn decode(value: &mut Value) {
    // Twice, as AWS Config writes access control lists.
    for _ in 0..2 {
        if let Value::String(text) = value
            && let Ok(inner @ (Value::Object(_) | Value::Array(_) | Value::String(_))) = serde_json::from_str(text)
        {
            *value = inner;
        }
    }
}

fn name(item: &mut Value, number: u64) {
    let Some(map) = item.as_object_mut() else { return };
    for key in ["resourceId", "resourceName", "arn", "ARN"] {
        if let Some(Value::String(text)) = map.get_mut(key) {
            text.push_str(&format!("-{number}"));
        }
    }
    map.insert(
        "awsAccountId".to_owned(),
        json!(format!("{:012}", 111_122_223_333 + number % 7)),
    );
    map.insert("configurationItemStatus".to_owned(), json!("OK"));
}

/// Changes some leaves into what real items have there, flips some switches, and moves some addresses.
fn vary(value: &mut Value, place: &mut String, native_type: &str, stock: &Stock, chance: &mut Chance) {
    match value {
        Value::Object(map) => {
            for (key, child) in map.iter_mut() {
                within(place, key, |place| vary(child, place, native_type, stock, chance));
            }
        }
        Value::Array(list) => {
            for child in list {
                within(place, "*", |place| vary(child, place, native_type, stock, chance));
            }
        }
        Value::Bool(flag) if chance.below(4) == 0 => *flag = !*flag,
        Value::Number(number) if chance.below(4) == 0 => {
            if let Some(integer) = number.as_u64() {
                *value = json!(integer.saturating_add(chance.below(8)));
            }
        }
        Value::String(text) if text.contains('/') && text.parse::<std::net::IpAddr>().is_err() && is_range(text) => {
            // Half of the ranges are few and everywhere, half are an office's or a subnet's own.
            match chance.below(2) {
                0 => *text = format!("10.{}.{}.0/24", chance.below(256), chance.below(256)),
                _ => chance.of(RANGES).copied().unwrap_or_default().clone_into(text),
            }
        }
        leaf if chance.below(4) == 0 => {
            let seen = stock.seen.get(&(native_type.to_owned(), place.clone()));
            if let Some(other) = seen.and_then(|seen| chance.of(seen)) {
                leaf.clone_from(other);
            }
        }
        _ => {}
    }
}

fn is_range(text: &str) -> bool {
    text.split_once('/')
        .is_some_and(|(address, length)| address.parse::<std::net::IpAddr>().is_ok() && length.parse::<u8>().is_ok())
}

/// Makes every text and number of a section its own.
fn part(value: &mut Value, number: u64) {
    match value {
        Value::Object(map) => map.values_mut().for_each(|child| part(child, number)),
        Value::Array(list) => list.iter_mut().for_each(|child| part(child, number)),
        Value::String(text) if is_range(text) => {
            *text = format!("10.{}.{}.{}/32", number >> 16 & 255, number >> 8 & 255, number & 255)
        }
        Value::String(text) if text.contains(':') || text.contains('-') => text.push_str(&format!("-{number}")),
        Value::Number(integer) if integer.is_u64() => *value = json!(number % 65_000),
        _ => {}
    }
}

fn within<R>(place: &mut String, token: &str, body: impl FnOnce(&mut String) -> R) -> R {
    let length = place.len();
    place.push('/');
    place.push_str(token);
    let result = body(place);
    place.truncate(length);
    result
}
