use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use super::*;
use crate::analysis::{Modules, parse};
use crate::convert::rego;
use crate::program::{Failure, Local, Seat, Text};

const LIMIT: Duration = Duration::from_secs(5);

/// One clause, to be run in both ways.
struct Clause {
    local: Local,
    seat: Seat,
    interpreted: Local,
    interpreter: Seat,
}

fn local(text: &str) -> Local {
    let texts = vec![Text {
        file: "p.rego".into(),
        text: text.into(),
    }];
    Local::new(texts, Value::new_object(), "data.p.deny".into(), LIMIT)
}

impl Clause {
    fn of(rules: &str) -> Clause {
        let text = format!("package p\n{rules}");
        Clause {
            local: local(&text).on_vm(true),
            seat: Seat::default(),
            interpreted: local(&text),
            interpreter: Seat::default(),
        }
    }

    /// What the VM says, if it says anything, and what the interpreter says.
    fn both(&mut self, input: &serde_json::Value) -> (Option<Value>, Result<Value, Failure>) {
        let input = rego(input);
        let vm = self.seat.on_vm(&self.local, &input, LIMIT).unwrap();
        (vm, self.interpreter.value(&self.interpreted, input, LIMIT))
    }
}

fn is_of_fragment(rules: &str) -> bool {
    Modules::new(vec![parse("p.rego", &format!("package p\n{rules}")).unwrap()]).on_vm("p", 0)
}

#[test]
fn what_the_vm_gets_wrong_is_refused() {
    let cases = [
        ("deny contains f if { x := input.a; f := {\"m\": 1} }", json!({})),
        (
            "deny contains f if { f := {\"m\": c} }\nc := 1 if input.a\nc := 2 if input.b",
            json!({"a": true, "b": true}),
        ),
    ];
    for (rules, input) in cases {
        assert!(!is_of_fragment(rules), "{rules}");
        let (vm, interpreter) = Clause::of(rules).both(&input);
        // What it leaves to the interpreter is not wrong. A newer engine that gives the same here may have a larger fragment.
        assert_ne!(Ok(vm.unwrap()), interpreter, "{rules}");
    }
}

#[test]
fn only_what_is_listed_is_let_through() {
    let ok = "deny contains f if {\n\tsome i, g in input.resource.attributes.grants\n\tg.admin == true\n\tinput.resource.attributes.kind in {\"a\", \"b\"}\n\tinput.resource.attributes.on\n\twho := object.get(g, \"who\", \"all\")\n\tf := {\"key\": sprintf(\"%s\", [who]), \"path\": sprintf(\"/%d\", [i]), \"message\": g.name}\n}";
    assert!(is_of_fragment(ok));
    for (from, to) in [
        // A name for the element that is taken already, and a pattern.
        ("some i, g in", "some g, g in"),
        ("some i, g in", "some i, {\"b\": g} in"),
        // Elements of what is no place, and steps that are not constant.
        ("input.resource.attributes.grants", "[1, 2]"),
        (
            "input.resource.attributes.grants",
            "input.resource.attributes[input.name]",
        ),
        ("g.admin == true", "g[_] == true"),
        ("g.admin == true", "not g.admin"),
        ("g.admin == true", "g.admin + 1 == 2"),
        ("g.admin == true", "startswith(g.admin, \"x\")"),
        ("g.admin == true", "some g.admin"),
        ("g.admin == true", "every x in g.xs { x.admin }"),
        ("g.admin == true", "g.admin == true with input as {}"),
        ("g.admin == true", "data.p.other"),
        ("g.admin == true", "other"),
        ("{\"a\", \"b\"}", "input.resource.attributes.kinds"),
        // What is assigned is no part of the finding, so that nobody would see that it is absent.
        ("[who]", "[\"x\"]"),
        ("object.get(g, \"who\", \"all\")", "{x | some x in g.who}"),
        ("object.get(g, \"who\", \"all\")", "upper(g.who)"),
        ("\"all\")", "\"all\", x)"),
        ("who :=", "i :="),
        ("f := {", "f = {"),
        ("\"message\": g.name", "\"message\": other"),
        ("\"message\": g.name", "g.name: g.name"),
        ("contains f if", "contains \"x\" if"),
        ("deny contains f if", "deny contains f.x if"),
    ] {
        let rules = ok.replacen(from, to, 1);
        assert_ne!(rules, ok, "{from}");
        let parsed = parse("p.rego", &format!("package p\n{rules}\nother := 1 if input.a"));
        if let Ok(module) = parsed {
            assert!(!Modules::new(vec![module]).on_vm("p", 0), "{rules}");
        }
    }
    // A function or an import that has the name of a builtin is another thing.
    for beside in ["sprintf(_, _) := 1", "object.get(_, _, _) := 1"] {
        let module = parse("p.rego", &format!("package p\n{ok}\n{beside}")).unwrap();
        assert!(!Modules::new(vec![module]).on_vm("p", 0), "{beside}");
    }
    let module = parse("p.rego", &format!("package p\nimport data.q.object\n{ok}")).unwrap();
    assert!(!Modules::new(vec![module]).on_vm("p", 0));
}

/// Places and elements of which random clauses ask.
const PLACES: [&str; 6] = ["input.a.b", "input.a.c", "input.d", "g.x", "g.y", "g.z.w"];

fn place() -> impl Strategy<Value = String> {
    select(PLACES.to_vec()).prop_map(str::to_owned)
}

fn constant() -> impl Strategy<Value = String> {
    select(vec![
        "true", "false", "null", "0", "1", "2.5", "\"a\"", "\"b\"", "\"\"", "[]", "{}", "[1]",
    ])
    .prop_map(str::to_owned)
}

fn operand() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => place(),
        2 => constant(),
        1 => place().prop_map(|place| format!("count({place})")),
        1 => place().prop_map(|place| format!("lower({place})")),
        1 => (place(), constant()).prop_map(|(place, otherwise)| format!("object.get({place}, \"x\", {otherwise})")),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    let compare = select(vec!["==", "!=", "<", "<=", ">", ">="]);
    prop_oneof![
        2 => place(),
        4 => (operand(), compare, operand()).prop_map(|(left, op, right)| format!("{left} {op} {right}")),
        1 => operand().prop_map(|value| format!("{value} in {{\"a\", true, 1}}")),
        1 => operand().prop_map(|value| format!("{value} in [\"a\", null]")),
    ]
}

/// A clause of the fragment.
fn clause() -> impl Strategy<Value = String> {
    let assigned = vec(operand(), 0..3);
    (vec(condition(), 0..4), assigned, vec(operand(), 1..3)).prop_map(|(conditions, assigned, told)| {
        let mut lines = vec!["some i, g in input.gs".to_owned()];
        lines.extend(conditions);
        let names: Vec<String> = (0..assigned.len()).map(|number| format!("v{number}")).collect();
        lines.extend(names.iter().zip(&assigned).map(|(name, value)| format!("{name} := {value}")));
        let all = names.into_iter().chain(told).collect::<Vec<_>>().join(", ");
        lines.push(format!(
            "f := {{\"path\": sprintf(\"/%d\", [i]), \"message\": sprintf(\"%v %v %v\", [{all}]), \"evidence\": {{\"a\": [{all}]}}}}"
        ));
        format!("deny contains f if {{\n\t{}\n}}", lines.join("\n\t"))
    })
}

fn scalar() -> BoxedStrategy<serde_json::Value> {
    select(vec![
        json!(true),
        json!(false),
        json!(null),
        json!(0),
        json!(1),
        json!(2.5),
        json!("a"),
        json!("b"),
        json!(""),
        json!([]),
        json!({}),
        json!([1]),
        json!({"x": "a"}),
        json!({"w": 1}),
        json!({"w": "a"}),
    ])
    .boxed()
}

fn object(names: &'static [&'static str]) -> BoxedStrategy<serde_json::Value> {
    let members: Vec<_> = (names.iter())
        .map(|name| prop::option::weighted(0.7, scalar()).prop_map(move |value| Some(((*name).to_owned(), value?))))
        .collect();
    members
        .prop_map(|members| serde_json::Value::Object(members.into_iter().flatten().collect()))
        .boxed()
}

fn input() -> impl Strategy<Value = serde_json::Value> {
    let element = prop_oneof![5 => object(&["x", "y", "z"]), 1 => scalar()];
    (vec(element, 0..4), object(&["b", "c"]), prop::option::of(scalar())).prop_map(|(gs, a, d)| match d {
        Some(d) => json!({"gs": gs, "a": a, "d": d}),
        None => json!({"gs": gs, "a": a}),
    })
}

#[test]
fn random_clauses_of_the_fragment_give_what_the_interpreter_gives() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (mut pairs, mut answered, mut found) = (0, 0, 0);
    for _ in 0..300 {
        let rules = clause().new_tree(&mut runner).unwrap().current();
        assert!(is_of_fragment(&rules), "{rules}");
        let mut clause = Clause::of(&rules);
        for _ in 0..40 {
            let input = input().new_tree(&mut runner).unwrap().current();
            let (vm, interpreter) = clause.both(&input);
            pairs += 1;
            let Some(vm) = vm else { continue };
            answered += 1;
            found += usize::from(vm.as_set().is_ok_and(|set| !set.is_empty()));
            assert_eq!(Ok(vm), interpreter, "{rules}\n{input}");
        }
    }
    // What the VM leaves to the interpreter proves nothing, and what finds nothing little.
    assert!(answered * 10 > pairs * 6, "{answered} of {pairs}");
    assert!(found * 20 > pairs, "{found} of {pairs}");
}
