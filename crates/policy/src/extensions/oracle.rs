//! Every extension gives what OPA gives, on calls drawn by chance from texts and values that have told the two apart.

use std::fmt::Write;
use std::process::Command;

use regorus::Value as Rego;
use serde_json::{Value, json};

use super::{EXTENSIONS, Extension, Fault};
use crate::support::opa;

/// Calls of each extension.
const CALLS: usize = 250;

const TEXTS: &[&str] = &[
    "",
    "a",
    "abc",
    "aaaa",
    "äöü",
    "a/b/c",
    "a.b.c",
    "  x\t",
    "éé",
    "aXbXc",
    "😀x😀",
    "x\ny",
    "bbab",
    "ab,cd,,",
    "ß İ",
    "-/-",
    "a{,2}",
    "a1 b2",
    "٣",
    "[a",
    "b~",
    "&a",
    "_<",
    "<b>&",
    "a=b&c=d",
    "%zz",
    "a+b%20c",
    "YQ==",
    "w6k",
    "61",
    "{\"a\":1}",
    "{",
    "a: 1",
    "- 1\n- b",
    "v1.2.3-rc.1",
    "1.2.3",
    "1.2",
    "1.10.0+b",
];
const AMOUNTS: &[&str] = &[
    "10K", "1.5Gi", "5m", "100MiB", "1.6", "1h", "-1k", "1e3", "1Zi", ".5", "1h30m", "2d", "1.5w", "1d2", "3y1us",
    "0.29kb", "x",
];
const PARTS: &[&str] = &[
    "a",
    "b",
    ".",
    r"\d",
    r"\w",
    r"\s",
    r"\W",
    r"\b",
    "^",
    "$",
    "[a-c]",
    "[^a]",
    r"[\w.-]",
    "[[:alpha:]]",
    "(a)",
    "(?:b|c)",
    "x?",
    "é",
    r"\.",
    "{",
    "}",
    "{2}",
    "{,2}",
    "*",
    "+",
    "?",
    "|",
    "[]a]",
    "[&&a]",
    r"\Qa.\E",
    r"\x41",
    r"\pL",
    "(?i)A",
    "(",
    "[",
    "**",
    r"\y",
    "{a,b}",
    "!",
    "-",
    ",",
    "[!a]",
    "/",
];
const NETWORKS: &[&str] = &[
    "10.0.0.0/8",
    "10.1.0.0/16",
    "10.128.0.0/9",
    "0.0.0.0/0",
    "2001:db8::/32",
    "2001:db8:8000::/33",
    "::1/128",
    "192.168.0.0/24",
    "192.168.1.0/24",
    "10.1.2.3",
    "x",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "192.168.1.6/30",
];
const TIMES: &[&str] = &[
    "2020-01-02T03:04:05Z",
    "2020-01-02T03:04:05,5+02:00",
    "2020-01-02 03:04:05Z",
    "2020-02-30",
    "2006-01-02",
    "RFC3339",
];
const FORMATS: &[&str] = &[
    "%s", "%d", "%v|", "%5.1f", "%-8s|", "%q", "%x %s", "%t", "%", "%%", "%+d", "%05d %v", "%e", "%g", "%z", "x",
    "%c%o", "%s %s %s",
];

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn list(&mut self, item: impl Fn(&mut Self) -> Value) -> Value {
        let count = self.below(4);
        (0..count).map(|_| item(self)).collect()
    }

    fn whole(&mut self) -> Value {
        let all = [
            0,
            1,
            2,
            -1,
            3,
            9,
            100,
            1_709_164_800_000_000_000_i64,
            1_706_659_200_000_000_000,
        ];
        all[self.below(all.len())].into()
    }

    fn value(&mut self) -> Value {
        match self.below(9) {
            0 => Value::Null,
            1 => true.into(),
            2 => self.whole(),
            3 => [1.5, 0.1, -2.5, 1e-5, 123_456_789.5][self.below(5)].into(),
            4 => self.list(Random::value),
            5 => json!({"a": self.list(Random::whole), "b": {"c": self.of(TEXTS)}}),
            _ => self.of(TEXTS).into(),
        }
    }

    /// Returns an argument of a type that the builtin takes, and now and then another.
    fn argument(&mut self, name: &str, index: usize) -> Value {
        if self.below(12) == 0 && !name.starts_with("bits.") && name != "numbers.range_step" {
            return self.value();
        }
        match (name, index) {
            ("sprintf", 0) => self.of(FORMATS).into(),
            ("sprintf", _) => self.list(Random::value),
            ("regex.template_match", 2) => "{".into(),
            ("regex.template_match", _) if index == 3 => "}".into(),
            ("regex.replace", 1) | ("glob.match" | "glob.quote_meta", 0) => self.pattern(),
            (name, 0) if name.starts_with("regex.") && name != "regex.replace" => self.pattern(),
            ("glob.match", 1) => [Value::Null, json!([]), json!(["."]), json!(["/", ":"])][self.below(4)].clone(),
            // OPA itself ends on a merge of networks that begin with a zero.
            ("net.cidr_merge", _) => {
                self.list(|random| random.of(NETWORKS).replace("::1/128", "2001:db9::1/128").into())
            }
            ("net.cidr_contains_matches", _) if self.below(2) == 0 => self.list(|random| random.of(NETWORKS).into()),
            ("net.cidr_expand", _) => self.of(&["192.168.1.6/30", "::1/126", "10.0.0.1/32", "x"]).into(),
            (name, _) if name.starts_with("net.") => self.of(NETWORKS).into(),
            (name, _) if name.starts_with("units.") || name == "time.parse_duration_ns" => self.of(AMOUNTS).into(),
            ("time.parse_ns" | "time.parse_rfc3339_ns", _) => self.of(TIMES).into(),
            ("to_number", _) => self.of(&["1", "-1.5", " 1", "1e3", "x", "", "1e"]).into(),
            ("substring" | "regex.find_n" | "regex.find_all_string_submatch_n" | "strings.split_n", 2) => self.whole(),
            ("substring", 1) => self.whole(),
            (name, _) if name.starts_with("time.") => self.whole(),
            // OPA itself ends on a far shift, and lists any range.
            (name, _) if name.starts_with("bits.") => [0, 1, -3, 7, 64, 200][self.below(6)].into(),
            ("numbers.range_step", _) => [0, 1, -3, 7, 20][self.below(5)].into(),
            ("strings.replace_n", 0) => json!({self.of(TEXTS): "x", self.of(&["a", "b", "ab", ""]): self.of(TEXTS)}),
            ("json.filter" | "json.remove" | "object.subset", 0) => json!({"a": {"b": [1, {"c": 2}]}, "c": "x"}),
            ("json.filter" | "json.remove", _) => {
                self.list(|random| random.of(&["a", "/a", "a/b/0", "a/b/1/c", "c/x", "", "d"]).into())
            }
            ("graph.reachable_paths", 0) => json!({"a": ["b", "c"], "b": ["c"], "c": []}),
            ("graph.reachable_paths", _) => self.list(|random| random.of(&["a", "b", "x"]).into()),
            ("json.marshal_with_options", 1) => json!({"indent": "  "}),
            ("array.flatten", _) => self.list(|random| random.list(Random::value)),
            ("count" | "json.marshal" | "json.marshal_with_options", _) => self.value(),
            _ => self.of(TEXTS).into(),
        }
    }

    fn pattern(&mut self) -> Value {
        let count = 1 + self.below(4);
        (0..count).map(|_| self.of(PARTS)).collect::<String>().into()
    }
}

/// Gives every number one spelling.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Number(number) => format!("{:?}", number.as_f64()).into(),
        Value::Array(items) => items.iter().map(canonical).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), canonical(value)))
            .collect(),
        other => other.clone(),
    }
}

/// Returns what the extension gives: nothing where it is undefined, `Err` where it says that it cannot tell.
fn ours(extension: &Extension, args: &[Value]) -> Result<Option<Value>, ()> {
    let args: Vec<Rego> = args.iter().cloned().map(Rego::from).collect();
    match (extension.call)(&args) {
        Ok(Rego::Undefined) | Err(Fault::Undefined) => Ok(None),
        Ok(value) => Ok(Some(serde_json::to_value(value).unwrap())),
        Err(Fault::Beyond(_)) => Err(()),
    }
}

#[test]
fn every_extension_gives_what_opa_gives() {
    let Some(opa) = opa() else { return };
    let mut random = Random(0x5eed_0000_c0ff_ee01);
    let (mut rules, mut calls) = (String::from("package t\n\n"), Vec::new());
    for extension in EXTENSIONS {
        for _ in 0..CALLS {
            let count = usize::from(extension.arity);
            let args: Vec<Value> = (0..count).map(|index| random.argument(extension.name, index)).collect();
            let at = calls.len();
            let written: Vec<String> = (0..count).map(|index| format!("input.calls[{at}][{index}]")).collect();
            writeln!(rules, "p{at} := {}({})", extension.name, written.join(", ")).unwrap();
            calls.push((extension, args));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let arguments: Vec<&Vec<Value>> = calls.iter().map(|(_, args)| args).collect();
    std::fs::write(at("t.rego"), rules).unwrap();
    std::fs::write(at("input.json"), json!({ "calls": arguments }).to_string()).unwrap();
    let output = Command::new(&opa)
        .args(["eval", "--format", "json", "data.t", "--data"])
        .arg(at("t.rego"))
        .arg("--input")
        .arg(at("input.json"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    let document: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}{said}"));
    let Some(wanted) = document.pointer("/result/0/expressions/0/value") else {
        panic!("{text}");
    };
    let (mut told, mut wrong) = (0, Vec::new());
    for (index, (extension, args)) in calls.iter().enumerate() {
        let Ok(found) = ours(extension, args) else { continue };
        told += 1;
        let wanted = wanted.get(format!("p{index}"));
        if found.as_ref().map(canonical) != wanted.map(canonical) {
            wrong.push(format!(
                "{}{} OPA {wanted:?}, here {found:?}",
                extension.name,
                json!(args)
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {told}\n{}", wrong.len(), wrong.join("\n"));
    assert!(told > calls.len() / 10 * 8, "{told} of {}", calls.len());
}
