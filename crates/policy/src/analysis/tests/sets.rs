//! Read sets of single constructs, and the traps that a read-set analysis falls into.

use serde_json::{Value, json};

use super::{effect, modules, read_set};

fn deny(body: &str) -> String {
    format!("deny contains f if {{\n{body}\n\tf := {{\"message\": \"m\"}}\n}}")
}

fn paths(rules: &str) -> Vec<String> {
    read_set(rules).paths()
}

#[track_caller]
fn expect(rules: &str, cases: &[(&str, Value, &str)]) {
    for (unknown, input, wanted) in cases {
        let got = effect(rules, unknown, input);
        assert_eq!(
            got,
            *wanted,
            "{unknown} unknown in {input}\n{rules}\n{:#?}",
            read_set(rules)
        );
    }
}

#[test]
fn a_condition_can_only_add() {
    let rules = deny("\tinput.a.b == \"x\"");
    assert_eq!(paths(&rules), ["/a/b"]);
    expect(
        &rules,
        &[
            ("/a/b", json!({"a": {}}), "+"),
            ("/a", json!({}), "+"),
            ("/a/c", json!({"a": {"b": "x"}}), ""),
            ("/z", json!({"a": {}}), ""),
        ],
    );
}

#[test]
fn not_inverts_and_twice_is_back() {
    expect(&deny("\tnot input.a.b"), &[("/a/b", json!({"a": {}}), "-")]);
    expect(&deny("\tnot input.a.b == true"), &[("/a/b", json!({"a": {}}), "-")]);
    let twice = format!("{}\nsafe if not input.a.b", deny("\tnot safe"));
    expect(&twice, &[("/a/b", json!({"a": {}}), "+")]);
}

#[test]
fn an_absent_operand_under_not_goes_either_way() {
    // The engines disagree about it.
    expect(&deny("\tnot startswith(input.a, \"x\")"), &[("/a", json!({}), "±")]);
    expect(
        &deny("\tp := input.a\n\tnot startswith(p, \"x\")"),
        &[("/a", json!({}), "+")],
    );
    expect(&deny("\tnot input.a > 1"), &[("/a", json!({}), "±")]);
}

#[test]
fn a_list_known_in_part_can_add_elements() {
    let rules = deny("\tsome g in input.gs\n\tg.open == true");
    assert_eq!(paths(&rules), ["/gs", "/gs/*", "/gs/*/open"]);
    expect(
        &rules,
        &[
            ("/gs", json!({"gs": [{"open": true}]}), "+"),
            ("/gs", json!({}), "+"),
            ("/gs/0/open", json!({"gs": [{}]}), "+"),
            ("/gs/0/name", json!({"gs": [{}]}), ""),
        ],
    );
    expect(&deny("\tinput.gs[0].open"), &[("/gs", json!({"gs": []}), "±")]);
}

#[test]
fn every_turns_the_domain() {
    let rules = deny("\tevery g in input.gs { g.closed == true }");
    expect(
        &rules,
        &[
            ("/gs", json!({}), "+"),
            ("/gs", json!({"gs": [{"closed": true}]}), "±"),
            ("/gs/0/closed", json!({"gs": [{}]}), "+"),
        ],
    );
}

#[test]
fn counts_know_their_direction() {
    let list = json!({"gs": [1]});
    expect(
        &deny("\tcount(input.gs) > 0"),
        &[("/gs", list.clone(), "+"), ("/gs", json!({}), "+")],
    );
    expect(
        &deny("\tcount(input.gs) == 0"),
        &[("/gs", list.clone(), "-"), ("/gs", json!({}), "+")],
    );
    expect(&deny("\t3 > count(input.gs)"), &[("/gs", list.clone(), "-")]);
    expect(&deny("\tcount(input.gs) == 2"), &[("/gs", list.clone(), "±")]);
    expect(
        &deny("\tbad := [g | some g in input.gs; g.x]\n\tcount(bad) == 0"),
        &[("/gs/0/x", json!({"gs": [{}]}), "-"), ("/gs", list, "-")],
    );
}

#[test]
fn adding_a_key_changes_the_value_of_every_ancestor() {
    let rules = deny("\tinput.a == {\"b\": {\"c\": 1}}");
    expect(
        &rules,
        &[
            ("/a/b/d", json!({"a": {"b": {"c": 1}}}), "±"),
            ("/a/b/c", json!({"a": {"b": {}}}), "±"),
        ],
    );
    // Compared with a constant that has no parts, nothing that grows makes a difference.
    expect(&deny("\tinput.a == \"x\""), &[("/a/b", json!({"a": {}}), "")]);
}

#[test]
fn object_get_goes_either_way_unless_the_default_tells() {
    expect(
        &deny("\tobject.get(input.a, \"b\", \"x\") == \"x\""),
        &[("/a/b", json!({"a": {}}), "±")],
    );
    expect(
        &deny("\tobject.get(input.a, \"b\", \"y\") == \"x\""),
        &[("/a/b", json!({"a": {}}), "+")],
    );
    expect(
        &deny("\tobject.get(input.a, [\"b\", \"c\"], false)"),
        &[("/a/b/c", json!({"a": {"b": {}}}), "+")],
    );
    expect(
        &deny("\tsome x in object.get(input, \"xs\", [])\n\tx.bad"),
        &[("/xs", json!({}), "+"), ("/xs/0/bad", json!({"xs": [{}]}), "+")],
    );
    // A key known only at run time may be a path.
    let rules = deny("\tk := input.key\n\tobject.get(input.a, k, 1) == 1");
    expect(&rules, &[("/a/b/c", json!({"a": {"b": {}}}), "±")]);
}

#[test]
fn else_and_default_go_either_way() {
    let rules = format!(
        "{}\nlevel := 1 if input.a.x else := 2 if input.a.y",
        deny("\tlevel == 2")
    );
    expect(
        &rules,
        &[("/a/x", json!({"a": {}}), "±"), ("/a/y", json!({"a": {}}), "±")],
    );
    let rules = format!("{}\ndefault level := 0\nlevel := 1 if input.a.x", deny("\tlevel == 1"));
    expect(&rules, &[("/a/x", json!({"a": {}}), "±")]);
}

#[test]
fn a_default_of_false_is_as_without() {
    let flag = "default bad := false\nbad if input.a.x";
    expect(
        &format!("{}\n{flag}", deny("\tbad")),
        &[("/a/x", json!({"a": {}}), "+")],
    );
    expect(
        &format!("{}\n{flag}", deny("\tnot bad")),
        &[("/a/x", json!({"a": {}}), "-")],
    );
    expect(
        &format!("{}\n{flag}", deny("\tbad == false")),
        &[("/a/x", json!({"a": {}}), "-")],
    );
}

#[test]
fn a_rule_used_for_existence_still_fails_by_conflict() {
    let rules = format!("{}\nx := 1 if input.a.p\nx := 2 if input.a.q", deny("\tx"));
    expect(&rules, &[("/a/q", json!({"a": {"p": true}}), "±")]);
}

#[test]
fn an_undefined_head_loses_what_was_found() {
    let rules = "deny contains {\"message\": g.p} if {\n\tsome g in input.gs\n\tg.x\n}";
    expect(rules, &[("/gs/1/x", json!({"gs": [{"x": 1, "p": "a"}, {}]}), "±")]);
    let helper = format!(
        "{}\nports contains g.port if some g in input.gs",
        deny("\tsome p in ports\n\tp == 1")
    );
    expect(&helper, &[("/gs", json!({"gs": [{"port": 1}]}), "±")]);
    let bound = "deny contains f if {\n\tsome g in input.gs\n\tg.x\n\tf := {\"message\": g.p}\n}";
    expect(bound, &[("/gs/1/x", json!({"gs": [{"x": 1, "p": "a"}, {}]}), "+")]);
}

#[test]
fn a_set_of_keys_that_are_used_again_is_no_set_of_keys() {
    let rules = deny("\tks := {k | some k, _ in input.t; some j, _ in input.t; k != j}\n\tcount(ks) > 1");
    expect(&rules, &[("/t/b", json!({"t": {"a": 1}}), "+")]);
}

#[test]
fn missing_builtins_are_functions_of_their_arguments() {
    let rules = deny("\tcrypto.md5(input.a) == \"x\"");
    assert_eq!(paths(&rules), ["/a"]);
    assert!(read_set(&deny("\tno.such.function(input.a)")).whole_input);
}

#[test]
fn a_comprehension_is_always_defined() {
    let rules = deny("\txs := {g | some g in input.gs}\n\tnot \"a\" in xs");
    expect(&rules, &[("/gs", json!({}), "-"), ("/gs", json!({"gs": ["b"]}), "-")]);
    let rules = deny("\tn := count([g | some g in input.gs])\n\tn < 3");
    expect(&rules, &[("/gs", json!({}), "±")]);
}

#[test]
fn patterns_read_length_and_keys() {
    expect(
        &deny("\t[a, b] := input.xs\n\ta == b"),
        &[("/xs", json!({"xs": [1, 1]}), "±")],
    );
    expect(
        &deny("\t{\"a\": x} = input.m\n\tx == 1"),
        &[("/m/b", json!({"m": {"a": 1}}), "±")],
    );
    expect(
        &deny("\tsome {\"a\": x} in input.ms\n\tx == 1"),
        &[("/ms/0/b", json!({"ms": [{"a": 1}]}), "±")],
    );
}

#[test]
fn an_index_bound_elsewhere_still_reads_keys() {
    let rules = deny("\tsome i in input.ids\n\tinput.xs[i]");
    expect(
        &rules,
        &[
            ("/xs", json!({"xs": [], "ids": [0]}), "+"),
            ("/ids", json!({"ids": []}), "+"),
        ],
    );
}

#[test]
fn locals_hide_rules_and_imports_through_the_whole_body() {
    let rules = format!("x := input.rule\n{}", deny("\tx == 1\n\tx := input.local"));
    assert_eq!(paths(&rules), ["/local"]);
    let rules = format!("x := input.rule\nh(x) if x.y\n{}", deny("\th(input.arg)"));
    assert_eq!(paths(&rules), ["/arg", "/arg/y"]);
    let rules = deny("\tlib := input.local\n\tlib.flagged");
    assert_eq!(paths(&rules), ["/local", "/local/flagged"]);
}

#[test]
fn a_comprehension_may_capture_what_is_bound_later() {
    let rules = deny("\txs := [x | x := input.m[k]]\n\tcount(xs) > 0\n\tk := input.key");
    assert_eq!(paths(&rules), ["/key", "/m", "/m/*"]);
    assert!(!read_set(&rules).whole_input);
}

#[test]
fn a_users_count_hides_the_builtin() {
    let rules = format!("count(x) := 1 if x.deep.y\n{}", deny("\tcount(input.a) > 0"));
    assert_eq!(paths(&rules), ["/a", "/a/deep/y"]);
}

#[test]
fn false_is_not_undefined() {
    let rules = deny("\tx := \"a\" in input.xs\n\tx == false");
    expect(&rules, &[("/xs", json!({"xs": []}), "±"), ("/xs", json!({}), "±")]);
}

#[test]
fn filters_and_prints_read_their_arguments() {
    let rules = deny("\tjson.filter(input.a, [\"0/b\"]) == {}");
    expect(&rules, &[("/a/b/c", json!({"a": {"b": {}}}), "±")]);
    assert_eq!(paths(&deny("\tprint(input.xs[_])")), ["/xs", "/xs/*"]);
}

#[test]
fn constants_lead_through_sets() {
    let rules = deny("\tsome k in [\"a\", \"b\"]\n\tinput.r[k].bad");
    assert_eq!(paths(&rules), ["/r/a/bad", "/r/b/bad"]);
    let rules = format!(
        "keys := {{\"a\", \"b\"}}\n{}",
        deny("\tsome k in keys\n\tinput.r[k].bad")
    );
    assert_eq!(paths(&rules), ["/r/a/bad", "/r/b/bad"]);
    assert_eq!(paths(&deny("\tinput.r[input.k].bad")), ["/k", "/r", "/r/*", "/r/*/bad"]);
}

#[test]
fn helpers_are_followed_through_packages() {
    assert_eq!(paths(&deny("\tlib.open(input.a)")), ["/a", "/a/open"]);
    assert_eq!(
        paths(&deny("\tsome k in lib.flagged\n\tinput.r[k]")),
        ["/r", "/r/*", "/tags", "/tags/*"]
    );
    let rules = deny("\tsome k in data.lib[\"flagged\"]\n\tk == \"x\"");
    assert_eq!(paths(&rules), ["/tags", "/tags/*"]);
    expect(&deny("\tdata.lib[input.k]"), &[("/tags/a", json!({"tags": {}}), "±")]);
}

#[test]
fn what_parameters_switch_off_is_not_read() {
    let rules = "deny contains f if {\n\tinput.a.c\n\tnot exempt\n\tf := {\"message\": \"m\"}\n}\nexempt if input.key in input.params.exempt";
    let paths = |params: &Value| modules(rules).read_set_with("p", 0, Some(params)).paths();
    assert_eq!(paths(&json!({"exempt": []})), ["/a/c"]);
    assert!(paths(&json!({"exempt": ["x"]})).contains(&"/key".to_owned()));
    assert!(modules(rules).read_set("p", 0).paths().contains(&"/key".to_owned()));
}

#[test]
fn what_only_feeds_the_message_is_no_condition() {
    let rules = "deny contains f if {\n\tsome g in input.gs\n\tg.bad == true\n\tf := {\n\t\t\"message\": sprintf(\"%s\", [object.get(g, \"name\", \"?\")]),\n\t\t\"key\": sprintf(\"%s\", [object.get(g, \"id\", \"?\")]),\n\t\t\"evidence\": {\"n\": g.n},\n\t}\n}";
    expect(
        rules,
        &[
            ("/gs/0/name", json!({"gs": [{}]}), ""),
            ("/gs/0/id", json!({"gs": [{}]}), "±"),
            ("/gs/0/n", json!({"gs": [{}]}), "+"),
            ("/gs/0/bad", json!({"gs": [{}]}), "+"),
        ],
    );
    assert!(paths(rules).contains(&"/gs/*/name".to_owned()));
}

#[test]
fn only_what_cannot_be_told_widens_to_the_whole_input() {
    assert!(read_set(&deny("\tlib.open({}) with input as {}")).whole_input);
    assert!(read_set(&deny("\tx := input\n\tx == {}")).whole_input);
    assert!(read_set(&format!("h(x) if h(x)\n{}", deny("\th(input.a)"))).whole_input);
    assert!(read_set(&deny("\tsome v\n\tv > 1")).whole_input);
    assert!(!read_set(&deny("\tx := input\n\tx.a == 1")).whole_input);
    assert!(!read_set(&deny("\tlib.open(input)")).whole_input);
}

#[test]
fn walk_reads_its_argument() {
    let rules = deny("\twalk(input.a, [_, v])\n\tv == \"bad\"");
    assert_eq!(paths(&rules), ["/a"]);
    expect(&rules, &[("/a/b/c", json!({"a": {"b": {}}}), "±")]);
}

#[test]
fn a_difference_of_sets_turns_its_right_side() {
    let rules = deny(
        "\twanted := {k | some k in input.wanted}\n\thas := {k | some k, _ in input.tags}\n\tcount(wanted - has) > 0",
    );
    let input = json!({"wanted": ["a"], "tags": {}});
    let got = effect(&rules, "/tags/a", &input);
    assert!(got.contains(['-', '±']), "{got}");
}

#[test]
fn two_values_of_one_rule_or_key_end_the_evaluation() {
    let part = json!({"gs": [{"open": true, "name": "x", "port": 1}]});
    let rules = "first := n if {\n\tsome g in input.gs\n\tg.open\n\tn := g.name\n}";
    expect(
        &format!("{}\n{rules}", deny("\tfirst == \"x\"")),
        &[("/gs", part.clone(), "±")],
    );
    let rules = deny("\tm := {n: p | some g in input.gs; n := g.name; p := g.port}\n\tm.x == 1");
    expect(&rules, &[("/gs", part, "±")]);
}

#[test]
fn a_comprehension_taken_whole_goes_either_way() {
    let rules = deny("\t[n | some g in input.gs; n := g.name] == [\"x\"]");
    expect(&rules, &[("/gs/1/name", json!({"gs": [{"name": "x"}, {}]}), "±")]);
}

/// Values that hold the one before twice, 40 times, from `first` on.
fn doubled(first: &str, wrap: fn(usize) -> String) -> String {
    let rules: String = (1..=40).map(|n| format!("x{n} := {}\n", wrap(n - 1))).collect();
    format!("x0 := {first}\n{rules}")
}

#[test]
fn values_that_double_are_told_in_less_detail_and_never_lose_a_read() {
    let wraps: [fn(usize) -> String; 4] = [
        |n| format!("{{\"a\": x{n}, \"b\": x{n}}}"),
        |n| format!("[x{n}, x{n}]"),
        |n| format!("{{k: v | some k in [x{n}, 1]; v := [x{n}, x{n}]}}"),
        |n| format!("object.get({{\"a\": x{n}}}, input.k, x{n})"),
    ];
    for wrap in wraps {
        let rules = doubled("input.deep.a", wrap);
        let compared = format!("{}\n{rules}", deny("\tx40 != 1"));
        assert!(paths(&compared).contains(&"/deep/a".to_owned()), "{compared}");
        let got = effect(&compared, "/deep/a", &json!({"deep": {"a": {}}}));
        assert_eq!(got, "±", "{compared}");
        // A finding whose key is such a value depends on it.
        let key = format!("deny contains f if {{\n\tf := {{\"message\": \"m\", \"key\": x40}}\n}}\n{rules}");
        assert_eq!(effect(&key, "/deep/a", &json!({"deep": {"a": {}}})), "±", "{key}");
    }
}
