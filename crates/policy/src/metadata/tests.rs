use super::*;
use crate::support::{metadata, source};

fn read_text(text: &str) -> Result<Option<Metadata>, Vec<Problem>> {
    read("p.rego", &source("p.rego", text))
}

#[test]
fn a_whole_block_is_read() {
    let more = "needs: [account]\nnative_types: [AWS::S3::Bucket]\noptional: [/attributes/tls/min_version]\n\
                aliases: [OLD-1]\ndeprecated: use T-2\nmodel: 1\nparams:\n  days:\n    type: number\n    default: 7\n    description: in days\n  \
                names:\n    type: array\n    items: string\n    description: names";
    let text = format!("# Copyright somebody\n\n{}package t\n", metadata("T-1", more));
    let read = read_text(&text).unwrap().unwrap();
    assert_eq!((read.id.as_str(), read.severity), ("T-1", Severity::High));
    assert_eq!(read.kinds, [Kind::named("storage.bucket").unwrap()]);
    assert_eq!(read.needs, ["account"]);
    assert_eq!(read.native_types, ["AWS::S3::Bucket"]);
    assert_eq!(read.optional, ["/attributes/tls/min_version"]);
    assert_eq!(read.aliases, ["OLD-1"]);
    assert_eq!(read.deprecated.as_deref(), Some("use T-2"));
    assert_eq!(read.model.as_deref(), Some("1"));
    assert_eq!(read.params["days"].default, Some(Value::from(7)));
    assert_eq!(read.params["days"].line, 23);
    assert_eq!(read.params["names"].items, Some(ParamType::String));
}

#[test]
fn a_policy_of_the_envelope_is_for_every_kind_with_attributes() {
    let text = format!("{}package t\n", metadata("T-1", ""))
        .replace("[storage.bucket]", "[\"*\"]")
        .replace("schema.storage_bucket", "schema.other");
    let kinds = read_text(&text).unwrap().unwrap().kinds;
    assert!(kinds.len() > 1 && !kinds.contains(&Kind::OTHER), "{kinds:?}");
    let beside = text.replace("[\"*\"]", "[\"*\", storage.bucket]");
    let problems = read_text(&beside).unwrap_err();
    assert!(
        problems[0].to_string().contains("beside other kinds"),
        "{}",
        problems[0]
    );
}

#[test]
fn a_file_without_block_has_none() {
    assert_eq!(
        read_text("package t\n\n# METADATA\n# title: of a rule\nx := 1\n"),
        Ok(None)
    );
    // A blank line ends a block; the comments after it are no part.
    assert_eq!(read_text("# a\npackage t\n"), Ok(None));
}

#[test]
fn every_error_names_its_line() {
    let good = metadata("T-1", "");
    assert!(read_text(&format!("{good}package t\n")).is_ok());
    let cases: &[(&str, &str, u32, &str)] = &[
        ("# scope: package", "# scope: rule", 1, "`scope`"),
        ("# scope: package\n", "", 1, "`scope`"),
        ("# title: T\n", "", 1, "`title` is missing"),
        ("# title: T", "# title: ''", 3, "`title` is empty"),
        ("# title: T", "# titel: T", 3, "unknown field `titel`"),
        ("# description: D\n", "", 1, "`description` is missing"),
        (
            "schema.storage_bucket",
            "schema.network_firewall",
            6,
            "is no schema of a kind",
        ),
        ("- input:", "- input.resource:", 6, "is no schema of a kind"),
        (
            "# schemas:\n#   - input: schema.storage_bucket\n",
            "",
            1,
            "`schemas` does not name",
        ),
        ("#   id: T-1\n", "", 1, "`custom.id` is missing"),
        ("id: T-1", "id: T 1", 8, "`T 1` is no policy id"),
        ("severity: high", "severity: bad", 9, "`bad` is no severity"),
        ("#   severity: high\n", "", 1, "`custom.severity` is missing"),
        (
            "[storage.bucket]",
            "[storage.bukket]",
            10,
            "`storage.bukket` is no kind",
        ),
        ("[storage.bucket]", "[]", 10, "`custom.kinds` is empty"),
        (
            "[storage.bucket]",
            "[storage.bucket, storage.bucket]",
            10,
            "named twice",
        ),
        ("#   kinds: [storage.bucket]\n", "", 1, "`custom.kinds` is missing"),
        ("#   remediation: R\n", "", 1, "`custom.remediation` is missing"),
        ("#   controls: {}\n", "", 1, "`custom.controls` is missing"),
        ("controls: {}", "controls: []", 12, "map"),
        (
            "controls: {}",
            "controls: {}\n#   extra: 1",
            13,
            "unknown field `extra`",
        ),
        ("controls: {}", "controls: {}\n#   id: T-2", 13, "duplicate"),
        (
            "controls: {}",
            "controls: {}\n#   needs: [Account]",
            13,
            "`Account` is no name of a relation",
        ),
        (
            "controls: {}",
            "controls: {}\n#   optional: [tls]",
            13,
            "`tls` is no path of an attribute",
        ),
        (
            "controls: {}",
            "controls: {}\n#   params:\n#     a: {type: text, description: x}",
            14,
            "text",
        ),
        (
            "controls: {}",
            "controls: {}\n#   params:\n#     a: {type: number, default: x, description: x}",
            14,
            "expected number, found string",
        ),
        (
            "controls: {}",
            "controls: {}\n#   params:\n#     a: {type: number, default: 1}",
            14,
            "has no description",
        ),
        (
            "controls: {}",
            "controls: {}\n#   params:\n#     a: {type: string, items: string, description: x}",
            14,
            "only a list has `items`",
        ),
        (
            "# custom:",
            "# related_resources:\n#   - ref: javascript:alert(1)\n# custom:",
            8,
            "is no web address",
        ),
        ("# title: T", "# title: [", 0, ""),
    ];
    for (from, to, line, expected) in cases {
        assert!(good.contains(from), "{from}");
        let text = format!("{}package t\n", good.replacen(from, to, 1));
        let problems = read_text(&text).unwrap_err();
        let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let fits = |problem: &Problem| (problem.line == *line || *line == 0) && problem.message.contains(expected);
        assert!(problems.iter().any(fits), "wanted {line}: {expected}, got {shown:#?}");
        for problem in &problems {
            assert!(!problem.message.contains('\n'), "{shown:#?}");
            assert!(problem.line >= 1 && problem.line <= 15, "{shown:#?}");
        }
    }
}

#[test]
fn every_problem_of_a_block_is_said() {
    let text = "# METADATA\n# scope: package\n# custom:\n#   id: ''\n#   severity: no\npackage t\n";
    assert_eq!(read_text(text).unwrap_err().len(), 7);
}
