//! What is refused, and where it is said to be.

use serde_json::json;

use super::{codes, modules, parse};

fn deny(body: &str) -> String {
    format!("deny contains f if {{\n{body}\n\tf := {{\"message\": \"m\"}}\n}}")
}

fn unsafe_codes(rules: &str) -> Vec<&'static str> {
    codes(&modules(rules).problems())
}

#[test]
fn spans_of_clauses_end_with_the_last_token() {
    let rules = "deny contains \"a\" if input.x == \"y\"\n\n# of the next\ndeny contains `b` if {\n\tinput.z\n}\n\nother := \"c\"\n# end\n";
    let text = super::policy(rules);
    let spans: Vec<String> = modules(rules)
        .deny_clauses("p")
        .iter()
        .map(|clause| format!("{} {}", clause.line, text.get(clause.span.clone()).unwrap()))
        .collect();
    assert_eq!(
        spans,
        [
            "5 deny contains \"a\" if input.x == \"y\"",
            "8 deny contains `b` if {\n\tinput.z\n}"
        ]
    );
}

#[test]
fn syntax_errors_have_a_place() {
    let problems = parse("p.rego", "package p\n\nx := [1,\n").unwrap_err();
    assert_eq!((problems[0].code, problems[0].file.as_str()), ("syntax", "p.rego"));
    assert!(problems[0].line >= 3, "{problems:?}");
    assert!(!problems[0].message.contains("-->"), "{problems:?}");
    assert!(parse("p.rego", "package p\nf(x) if { x.a }\n{ x.b }").is_err());
    assert!(parse("p.rego", "").is_err());
}

#[test]
fn recursion_is_found_in_rules_functions_and_documents() {
    assert_eq!(unsafe_codes("f(x) if f(x)"), ["recursion"]);
    assert_eq!(unsafe_codes("a := b\nb := a"), ["recursion"]);
    assert_eq!(
        unsafe_codes("a if { some x in data.p[\"b\"]; x }\nb contains 1 if a"),
        ["recursion"]
    );
    assert_eq!(unsafe_codes("a if { some k; data.p[k] }"), ["recursion"]);
    assert!(unsafe_codes("f(x) := 1 if g(x)\ng(x) if x.f").is_empty());
    let chain: String = (0..230).map(|n| format!("f{n}(x) if f{}(x)\n", n + 1)).collect();
    assert_eq!(unsafe_codes(&format!("{chain}f230(x) if x.a")), ["recursion"]);
    // A local with the name of its own rule is no recursion.
    assert!(unsafe_codes("x if { some x in input.xs; x }").is_empty());
}

#[test]
fn builtins_that_reach_outside_are_refused() {
    for call in [
        "http.send({})",
        "net.lookup_ip_addr(\"a\")",
        "opa.runtime()",
        "time.now_ns()",
        "rand.intn(\"a\", 3)",
        "uuid.rfc4122(\"a\")",
        "rego.parse_module(\"a\", \"b\")",
        "walk(input.a)",
        "json.match_schema(input.a, input.b)",
        "json.match_schema(input.a, {\"$ref\": \"http://x\"})",
    ] {
        assert_eq!(unsafe_codes(&deny(&format!("\t_ := {call}"))), ["builtin"], "{call}");
    }
    assert!(
        unsafe_codes(&deny(
            "\tprint(\"a\")\n\ttrace(\"b\")\n\tjson.match_schema(input.a, {\"type\": \"object\"})"
        ))
        .is_empty()
    );
}

#[test]
fn unknown_functions_and_imports_are_refused() {
    assert_eq!(unsafe_codes(&deny("\tstartwith(input.a, \"b\")")), ["function"]);
    assert_eq!(
        unsafe_codes(&deny("\tgraphql.is_valid(input.a, input.b)")),
        ["function"]
    );
    assert_eq!(unsafe_codes(&deny("\tlib.opem(input.a)")), ["function"]);
    assert_eq!(unsafe_codes(&deny("\tstartswith(input.a)")), ["function"]);
    let lonely = parse("q.rego", "package q\nimport data.nowhere\nx := 1").unwrap();
    assert_eq!(codes(&super::Modules::new(vec![lonely]).problems()), ["import"]);
}

#[test]
fn divergences_from_opa_are_named() {
    let all = |rules: &str| codes(&modules(rules).divergences("p"));
    assert_eq!(
        all("deny contains {\"message\": g.p} if { some g in input.gs; g.x }"),
        ["head"]
    );
    assert_eq!(
        all("bad contains g.p if some g in input.gs\ndeny contains f if { some f in bad }"),
        ["head"]
    );
    for operand in [
        "startswith(input.a, \"x\")",
        "lib.open(input.a)",
        "\"x\" in input.a",
        "lib.flagged[input.a]",
        "count(input.a) > 0",
        "input.a > 1",
    ] {
        let found = all(&deny(&format!("\tnot {operand}")));
        if operand.starts_with("lib.flagged") {
            continue;
        }
        assert_eq!(found, ["negation"], "{operand}");
    }
    assert_eq!(all(&deny("\tnot input.xs[_].a")), ["negation"]);
    assert_eq!(all(&deny("\tx := \"a\" in input.xs\n\tx == false")), ["membership"]);
    assert_eq!(all(&deny("\t{\"b\": x} = input.a\n\tx")), ["pattern"]);
    assert_eq!(all(&deny("\tstartswith(input.a, y)\n\ty := input.b")), ["order"]);
    assert_eq!(all(&deny("\tprint(input.xs[_])")), ["print"]);
    assert_eq!(all(&deny("\t\"k\", input.a in input.m")), ["membership"]);
    assert_eq!(all(&deny("\t\"k\", \"k\" in {\"k\"}")), ["membership"]);
    assert_eq!(all(&deny("\t\"k\", \"k\" in lib.flagged")), ["membership"]);
    assert!(all(&deny("\t\"k\", \"v\" in input.m\n\t0, \"v\" in [\"v\"]")).is_empty());
    for fine in [
        "\tnot input.a.b",
        "\tnot input.a == \"c\"",
        "\tp := input.a\n\tnot startswith(p, \"x\")",
        "\tp := input.a\n\tnot p in {\"x\", \"y\"}",
        "\tp := input.a\n\tnot p in lib.flagged",
        "\t\"a\" in input.xs",
    ] {
        assert!(all(&deny(fine)).is_empty(), "{fine}");
    }
}

#[test]
fn documents_that_come_out_otherwise_are_named() {
    let all = |rules: &str| codes(&modules(rules).divergences("p"));
    // A library with functions loses their names, its rules are there.
    assert_eq!(all(&deny("\tcount(lib) == 0")), ["document"]);
    assert_eq!(all(&deny("\tlib[input.a]")), ["document"]);
    assert!(all(&deny("\tcount(lib.flagged) == 0\n\tlib.open(input.x)")).is_empty());
    assert_eq!(all(&deny("\tcount(data) == 0")), ["document"]);
    assert!(all(&deny("\tcount(data.table) == 0")).is_empty());
    // Heads with keys are not looked at where a part is named.
    let heads = "r[k] := 1 if { some k in input.ks }\nr.b.c := 2\n";
    assert_eq!(all(&format!("{heads}{}", deny("\tr.b == 1"))), ["document"]);
    assert!(all(&format!("{heads}{}", deny("\tcount(r) == 1"))).is_empty());
    let empty = parse("q.rego", "package q.r\n\nx := count(data.none.a)").unwrap();
    let none = parse("none.rego", "package none.a").unwrap();
    let found = super::Modules::new(vec![empty, none]).divergences("q.r");
    assert_eq!(codes(&found), ["document"]);
}

#[test]
fn keywords_that_the_parser_does_not_know_are_refused() {
    for import in ["future.keywords.not", "future.keywords.or"] {
        let found = parse("q.rego", &format!("package q\nimport {import}\nx := 1")).unwrap_err();
        assert!(found[0].message.contains(import), "{found:?}");
    }
    for import in ["rego.v1", "future.keywords", "future.keywords.in"] {
        assert!(
            parse("q.rego", &format!("package q\nimport {import}\nx := 1")).is_ok(),
            "{import}"
        );
    }
}

#[test]
fn the_pack_is_held_to_more() {
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["a"], "properties": {
        "a": {"type": "object", "additionalProperties": false, "required": ["id"], "properties": {
            "id": {"type": "string"},
            "name": {"type": "string"},
            "gs": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["p"],
                "properties": {"p": {"type": "string"}, "q": {"type": "string"}, "n": {"type": "integer"}}}},
        }},
    }});
    let all = |rules: &str| codes(&modules(rules).strict_problems("p", &schema));
    let finding = |message: &str| {
        format!(
            "deny contains f if {{\n\tsome g in input.a.gs\n\tq := g.q\n\tf := {{\"message\": {message}, \"q\": q}}\n}}"
        )
    };
    assert!(all(&finding("sprintf(\"%s %s\", [g.p, input.a.id])")).is_empty());
    assert!(all(&finding("object.get(g, \"q\", \"?\")")).is_empty());
    assert_eq!(all(&finding("sprintf(\"%s\", [g.q])")), ["evidence"]);
    assert_eq!(all(&finding("input.a.name")), ["evidence"]);
    assert_eq!(
        all("deny contains {\"message\": \"m\"} if input.a.id == \"x\""),
        ["head"]
    );
    assert_eq!(all(&deny("\tnot count(input.a.gs) > 0")), ["negation", "negation"]);
    assert_eq!(
        all(&deny("\tx := input.a.name\n\ty := x in [\"a\"]\n\ty")),
        ["membership"]
    );
    assert_eq!(all(&deny("\tsome c in input.a.id\n\tc")), ["iteration"]);
    assert_eq!(
        all(&deny("\tinput.a == {}\n\tlib.open(input) with input as {}")),
        ["with", "whole_input"]
    );
    assert_eq!(all("deny := true"), ["head"]);
}

#[test]
fn misspelt_paths_are_named_with_what_is_near() {
    let schema = json!({"type": "object", "additionalProperties": false, "properties": {
        "resource": {"type": "object", "additionalProperties": false, "properties": {
            "tags": {"type": "object", "additionalProperties": {"type": "string"}},
            "attributes": {"type": "object", "additionalProperties": false, "properties": {
                "versioning": {"type": "object", "additionalProperties": false, "properties": {"enabled": {"type": "boolean"}}},
                "grants": {"type": "array", "items": {"type": "object", "additionalProperties": false, "properties": {"who": {"type": "string"}}}},
            }},
        }},
        "params": {"type": "object"},
    }});
    let all = |rules: &str| {
        let problems = modules(rules).unknown_paths("p", &schema);
        problems
            .into_iter()
            .map(|p| (p.line, p.message, p.help.unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    let found = all(&deny(
        "\tinput.params.x == input.resource.tags.team\n\tinput.resource.attributes.versionning.enabled",
    ));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, 7);
    assert!(found[0].1.contains("/resource/attributes/versionning"), "{found:?}");
    assert_eq!(found[0].2, "did you mean `versioning`?");
    let found = all(&deny(
        "\tsome g in input.resource.attributes.grants\n\tobject.get(g, \"woh\", \"\") == \"all\"",
    ));
    assert!(found[0].1.contains("/resource/attributes/grants/*/woh"), "{found:?}");
    assert!(
        all(&deny(
            "\tsome g in input.resource.attributes.grants\n\tg.who == \"all\""
        ))
        .is_empty()
    );
}

#[test]
fn a_finding_that_names_its_resource_is_told_of() {
    let rules = |part: &str| {
        format!(
            "deny contains f if {{\n\tinput.resource.tags.a == \"b\"\n\tnot input.resource.name in input.params.exempt\n\tf := {{\"path\": \"\", \"message\": sprintf(\"%s is bad\", [{part}])}}\n}}"
        )
    };
    let found = |part: &str| modules(&rules(part)).unlike("p");
    assert_eq!(codes(&found("input.resource.name")), ["unlike"]);
    assert_eq!(codes(&found("object.get(input.resource, \"id\", \"?\")")), ["unlike"]);
    assert!(found("input.resource.region").is_empty());
}
