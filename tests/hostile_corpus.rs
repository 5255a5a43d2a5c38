//! Policies and inputs made to take the machine: each goes through the whole program, which stays within 3 seconds of
//! processor time and 600 MB with its worker, never dies, and judges everything else.
//!
//! Linux only: what processes cost is read from `/proc`.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nephoscope_tests::{nephoscope, root};
use serde_json::Value;

use crate::hostile_policies::policy;

/// 3 s of a program as it is shipped, which `tests/run` names; one that is not optimized may take twice as long.
fn most_cpu() -> Duration {
    let shipped = std::env::var_os("NEPHOSCOPE_BINARY").is_some();
    Duration::from_secs(if shipped { 3 } else { 6 })
}

const MEMORY_KIB: u64 = 600_000;

/// What stands in the environment of the scan, and must come out nowhere.
const CANARY: &str = "canary-5f0c";

/// What may come of a hostile policy.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ends {
    /// It is refused when it is loaded: exit code 2.
    Refused,
    /// It is outcome `error`; all others are judged.
    Error,
    /// Any of these, or a verdict: what counts is that it ends.
    Somehow,
}
use Ends::{Error, Refused, Somehow};

#[test]
fn hostile_policies_end_within_their_limits() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let cases = policies(port);
    let names: BTreeMap<&str, ()> = cases.iter().map(|(name, ..)| (name.as_str(), ())).collect();
    assert_eq!(names.len(), cases.len(), "two cases have one name");
    let faults: Vec<String> = cases
        .iter()
        .filter_map(|(name, ends, text)| fault_of(*ends, text).err().map(|fault| format!("{name}: {fault}")))
        .collect();
    assert!(
        faults.is_empty(),
        "{} of {}:\n{}",
        faults.len(),
        cases.len(),
        faults.join("\n")
    );
    assert!(listener.accept().is_err(), "a policy reached the network");
}

#[test]
fn hostile_inputs_end_within_their_limits() {
    let world = std::fs::read_to_string(root().join("tests/worlds/firewall_failing/aws_config.json")).unwrap();
    let wide: String = (0..200_000).map(|n| format!("\"k{n}\": {n}, ")).collect();
    // The engine is given all of the resource.
    let walks = denies("walk(input.resource, [p, v])\n\tcount(p) > 100000", "");
    let cases = [
        ("a huge exponent", "1e1000000000".to_owned()),
        ("a number of a million digits", "9".repeat(1_000_000)),
        ("10,000 nested arrays", nested(10_000, "[", "]")),
        ("120 nested objects", nested(100, "{\"a\": ", "}")),
        ("an object of 200,000 keys", format!("{{{wide}\"last\": 1}}")),
        (
            "an array of a million numbers",
            format!("[{}1]", "1,".repeat(1_000_000)),
        ),
        ("a text of 20 MB", format!("\"{}\"", "x".repeat(20 << 20))),
        (
            "a text of escapes",
            format!("\"{}\"", "\\ud83d\\ude00\\u0000".repeat(10_000)),
        ),
    ];
    let mut faults = Vec::new();
    for (name, value) in &cases {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("policies/acme/one")).unwrap();
        std::fs::write(folder.path().join("policies/acme/one/one.rego"), &walks).unwrap();
        let inputs = folder.path().join("inputs");
        std::fs::create_dir_all(&inputs).unwrap();
        std::fs::write(inputs.join("good.json"), &world).unwrap();
        let other = world.replace("\"description\": \"app\"", &format!("\"description\": {value}"));
        assert_ne!(other, world);
        std::fs::write(inputs.join("hostile.json"), other.replace("sg-", "sg-f")).unwrap();
        let ended = scan(&folder.path().join("policies"), inputs.to_str().unwrap());
        if let Err(fault) = within(&ended) {
            faults.push(format!("{name}: {fault}"));
        }
        let good = ended.out.contains("\"NEPH-NETWORK-001\"") && matches!(ended.code, Some(1));
        if !good {
            faults.push(format!(
                "{name}: {:?} {} {}",
                ended.code,
                short(&ended.err),
                short(&ended.out)
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What one run of the program came to.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
    cpu: Duration,
    peak_kib: u64,
}

fn fault_of(ends: Ends, text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme/one/one.rego");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
    let ended = scan(folder.path(), "tests/worlds/firewall_failing/aws_config.json");
    within(&ended)?;
    let told = || format!("{:?}: {} {}", ended.code, short(&ended.err), short(&ended.out));
    match ended.code {
        Some(2) if ends != Error => match ended.err.contains("one.rego") {
            true => Ok(()),
            false => Err(format!("no file is named: {}", told())),
        },
        Some(0 | 1 | 3) if ends != Refused => {
            let report: Value = serde_json::from_str(&ended.out).map_err(|error| format!("{error}: {}", told()))?;
            let findings = report["findings"].as_array().cloned().unwrap_or_default();
            let of = |id: &str, outcome: &str| {
                let mut found = findings.iter();
                found.any(|finding| finding["policy"] == id && finding["outcome"] == outcome)
            };
            if !of("NEPH-NETWORK-001", "fail") {
                return Err(format!("another policy's finding is lost: {}", told()));
            }
            if ends == Error && !of("ACME-1", "error") {
                return Err(format!("it is no error: {}", told()));
            }
            Ok(())
        }
        _ => Err(format!("expected {ends:?}: {}", told())),
    }
}

pub(crate) fn within(ended: &Ended) -> Result<(), String> {
    if ended.cpu > most_cpu() {
        return Err(format!("took {:?} of processor time", ended.cpu));
    }
    if ended.peak_kib > MEMORY_KIB {
        return Err(format!("took {} KiB of memory", ended.peak_kib));
    }
    if ended.out.contains(CANARY) || ended.err.contains(CANARY) {
        return Err("a value of the environment came out".to_owned());
    }
    Ok(())
}

pub(crate) fn short(text: &str) -> String {
    text.chars().take(300).collect()
}

/// Scans a world by the built-in pack and a folder.
fn scan(policies: &Path, input: &str) -> Ended {
    let mut command = nephoscope(["scan", input, "-q", "-p", "builtin", "-f", "json", "-p"]);
    command.arg(policies);
    measured(command)
}

/// Runs the program and measures it with all its children.
pub(crate) fn measured(mut command: Command) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let (out, err) = (folder.path().join("out"), folder.path().join("err"));
    command.env("NEPHOSCOPE_TEST_CANARY", CANARY);
    command.stdin(Stdio::null());
    command.stdout(std::fs::File::create(&out).unwrap());
    command.stderr(std::fs::File::create(&err).unwrap());
    let mut child = command.spawn().unwrap();
    let (started, mut peaks) = (Instant::now(), BTreeMap::new());
    let cpu = loop {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        // Its own and that of children that it waited for, in ticks of 10 ms: proc_pid_stat(5).
        let ticks: u64 = fields[11..15].iter().map(|field| field.parse::<u64>().unwrap()).sum();
        // It has ended, and still tells what it took until it is waited for.
        if fields[0] == "Z" {
            break Duration::from_millis(ticks * 10);
        }
        for process in std::iter::once(child.id()).chain(children(child.id())) {
            let peak = peaks.entry(process).or_insert(0);
            *peak = high_water_kib(process).unwrap_or_default().max(*peak);
        }
        if started.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let code = child.wait().unwrap().code();
    let own = peaks.remove(&child.id()).unwrap_or_default();
    Ended {
        code,
        out: String::from_utf8_lossy(&std::fs::read(out).unwrap()).into_owned(),
        err: String::from_utf8_lossy(&std::fs::read(err).unwrap()).into_owned(),
        cpu,
        // Workers come one after the other.
        peak_kib: own + peaks.values().max().copied().unwrap_or_default(),
    }
}

fn children(process: u32) -> Vec<u32> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task"))
        .into_iter()
        .flatten()
        .flatten();
    let lists = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|id| id.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}

fn high_water_kib(process: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// A policy that denies where the lines of `condition` hold, with rules beside it.
fn denies(condition: &str, rules: &str) -> String {
    policy(&format!(
        "deny contains finding if {{\n\t{condition}\n\tfinding := {{\"path\": \"/attributes\", \"message\": \"m\"}}\n}}\n\n{rules}"
    ))
}

/// Lines that each make a value of the one before it, `#` and `@` being the new and the old variable.
fn doubled(first: &str, step: &str, times: usize, last: &str) -> String {
    let mut text = format!("x0 := {first}\n\t");
    for number in 0..times {
        let line = step
            .replace('#', &format!("x{}", number + 1))
            .replace('@', &format!("x{number}"));
        let _written = write!(text, "{line}\n\t");
    }
    text + &last.replace('@', &format!("x{times}"))
}

fn nested(depth: usize, open: &str, close: &str) -> String {
    format!("{}1{}", open.repeat(depth), close.repeat(depth))
}

fn numbered(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().join("\n\n")
}

fn graph(nodes: usize) -> String {
    let all: Vec<String> = (0..nodes).map(|node| format!("\"{node}\"")).collect();
    let lists = all.iter().map(|from| format!("{from}: [{}]", all.join(",")));
    format!("{{{}}}", lists.collect::<Vec<_>>().join(","))
}

/// Every hostile policy: its name, how it ends, its text. `port` is one on which nobody may knock.
fn policies(port: u16) -> Vec<(String, Ends, String)> {
    let many = "numbers.range(1, 100000)";
    let long = "a".repeat(900);
    let mut cases: Vec<(String, Ends, String)> = Vec::new();
    let mut case = |name: &str, ends: Ends, text: String| cases.push((name.to_owned(), ends, text));

    // What recurses.
    case("function calls itself", Refused, denies("f(1) == 1", "f(a) := f(a)"));
    case(
        "functions call each other",
        Refused,
        denies("f(1) == 1", "f(a) := g(a)\n\ng(a) := f(a)"),
    );
    case("rules need each other", Refused, denies("a == 1", "a := b\n\nb := a"));
    case("deny needs itself", Refused, denies("count(deny) == 0", ""));
    case(
        "recursion through data",
        Refused,
        denies("f(1) == 1", "f(a) := data.acme.one.f(a)"),
    );
    case(
        "recursion by a name at run time",
        Refused,
        denies("a == 1", "a := data.acme[input.resource.name].a"),
    );
    case(
        "recursion in a comprehension",
        Refused,
        denies("a == 1", "a := count([x | x := a])"),
    );
    case(
        "recursion through with",
        Refused,
        denies("a == 1", "a := b with input as {}\n\nb := a"),
    );

    // What is deep or long.
    case(
        "30 nested arrays",
        Refused,
        denies(&format!("{} == 1", nested(30, "[", "]")), ""),
    );
    case(
        "30 nested objects",
        Refused,
        denies(&format!("{} == 1", nested(30, "{\"a\": ", "}")), ""),
    );
    case(
        "30 nested sets",
        Refused,
        denies(&format!("{} == 1", nested(30, "{", "}")), ""),
    );
    case(
        "3,000 parentheses",
        Refused,
        denies(&format!("{} == 1", nested(3_000, "(", ")")), ""),
    );
    case(
        "3,000 nested every",
        Refused,
        denies(
            &("every x in [1] {\n".repeat(3_000) + "true" + &"\n}".repeat(3_000)),
            "",
        ),
    );
    case(
        "30 nested comprehensions",
        Refused,
        denies(&format!("{} == 1", nested(30, "[x | x := ", "]")), ""),
    );
    case(
        "15,000 terms",
        Refused,
        denies(&format!("{} == 1", vec!["1"; 15_000].join("\n\t+ ")), ""),
    );
    case(
        "3,000 minus signs",
        Refused,
        denies(&format!("{}1 == 1", "-".repeat(3_000)), ""),
    );
    case(
        "3,000 nots",
        Refused,
        denies(&format!("{}true", "not ".repeat(3_000)), ""),
    );
    case(
        "5,000 chained functions",
        Refused,
        denies(
            "f0(1) == 1",
            &(numbered(5_000, |n| format!("f{n}(x) := f{}(x)", n + 1)) + "\n\nf5000(x) := x"),
        ),
    );
    case(
        "9,000 chained rules",
        Refused,
        denies(
            "r0 == 1",
            &(numbered(9_000, |n| format!("r{n} := r{}", n + 1)) + "\n\nr9000 := 1"),
        ),
    );
    case(
        "9,000 else branches",
        Refused,
        denies(
            "a == 1",
            &format!(
                "a := 0 if {{\n\tinput.resource.name == \"\"\n}}{}",
                (0..9_000).fold(String::new(), |text, n| text
                    + &format!(" else := {n} if {{\n\tinput.resource.name == \"{n}\"\n}}"))
            ),
        ),
    );
    case(
        "a reference of 3,000 steps",
        Refused,
        denies(&format!("input{}", ".a".repeat(3_000)), ""),
    );
    case(
        "2 MB of policy",
        Refused,
        denies("x == 1", &format!("x := `{}`", "a".repeat(2 << 20))),
    );
    case(
        "30,000 lines",
        Refused,
        denies("x == 1", &("\n".repeat(30_000) + "x := 1")),
    );
    case(
        "a literal of 100,000 elements",
        Somehow,
        denies(&format!("count([{}]) < 0", "1,\n".repeat(15_000)), ""),
    );
    case(
        "5,000 clauses",
        Somehow,
        denies("f(1) == 1", &numbered(5_000, |n| format!("f({n}) := {n}"))),
    );
    case(
        "200 functions, each called twice",
        Somehow,
        denies(
            "f0(input.resource.name) == 1",
            &(numbered(100, |n| format!("f{n}(x) := f{m}(x) + f{m}(x)", m = n + 1)) + "\n\nf100(x) := count(x)"),
        ),
    );
    case("no text ends", Refused, denies("x == \"", ""));
    case("no package", Refused, String::from("deny contains 1"));
    case("nothing but brackets", Refused, "[".repeat(10_000));
    case("bytes that are no words", Refused, policy("\u{0}\u{1}\u{7f} \u{202e}"));

    // Numbers.
    case("a huge exponent", Refused, denies("1e1000000000 > 0", ""));
    case(
        "a literal of 100,000 digits",
        Somehow,
        denies(&format!("{} > 0", "9".repeat(4_000)), ""),
    );
    case(
        "a huge exponent in text",
        Error,
        denies("to_number(\"1e1000000000\") > 0", ""),
    );
    case("units.parse", Somehow, denies("units.parse(\"1e999999999\") > 0", ""));
    case(
        "units.parse_bytes",
        Somehow,
        denies("units.parse_bytes(\"1e999999999\") > 0", ""),
    );
    case("bits.lsh by 1e9", Error, denies("bits.lsh(1, 1000000000) > 0", ""));
    case("bits.lsh by 1e11", Error, denies("bits.lsh(1, 100000000000) > 0", ""));
    case(
        "bits.lsh of itself",
        Somehow,
        denies(&doubled("1", "# := bits.lsh(@, 4000)", 200, "@ > 0"), ""),
    );
    case(
        "squares",
        Error,
        denies(&doubled("123456789", "# := @ * @", 40, "@ > 0"), ""),
    );
    case(
        "division by nothing",
        Somehow,
        denies("1 / (input.as_of == \"\") > 0", ""),
    );
    case(
        "format_int of a huge number",
        Somehow,
        denies(
            &doubled("99999999999", "# := @ * @", 16, "format_int(@, 2) == \"\""),
            "",
        ),
    );
    case(
        "sprintf width",
        Error,
        denies("sprintf(\"%1000000000d\", [1]) != \"\"", ""),
    );
    case(
        "sprintf precision",
        Error,
        denies("sprintf(\"%.1000000000f\", [1.5]) != \"\"", ""),
    );

    // What grows.
    case(
        "numbers.range",
        Error,
        denies("count(numbers.range(1, 1000000000)) > 0", ""),
    );
    case(
        "numbers.range_step",
        Error,
        denies("count(numbers.range_step(1, 1000000000, 2)) > 0", ""),
    );
    case(
        "net.cidr_expand",
        Error,
        denies("count(net.cidr_expand(\"10.0.0.0/8\")) > 0", ""),
    );
    case(
        "net.cidr_expand of IPv6",
        Error,
        denies("count(net.cidr_expand(\"::/0\")) > 0", ""),
    );
    case(
        "arrays doubled",
        Error,
        denies(&doubled("[1]", "# := array.concat(@, @)", 60, "count(@) > 0"), ""),
    );
    case(
        "texts doubled by sprintf",
        Error,
        denies(&doubled("\"x\"", "# := sprintf(\"%s%s\", [@, @])", 60, "@ != \"\""), ""),
    );
    case(
        "texts doubled by concat",
        Error,
        denies(
            &doubled("\"xxxxxxxx\"", "# := concat(\"\", [@, @])", 60, "@ != \"\""),
            "",
        ),
    );
    case(
        "texts doubled by replace",
        Error,
        denies(
            &doubled("\"xxxxxxxx\"", "# := replace(@, \"x\", \"xx\")", 60, "@ != \"\""),
            "",
        ),
    );
    case(
        "texts doubled by replace_n",
        Error,
        denies(
            &doubled(
                "\"xxxxxxxx\"",
                "# := strings.replace_n({\"x\": \"xxxxxxxxxxxxxxxx\"}, @)",
                60,
                "@ != \"\"",
            ),
            "",
        ),
    );
    case(
        "texts doubled by base64",
        Somehow,
        denies(
            &doubled(&format!("\"{long}\""), "# := base64.encode(@)", 60, "@ != \"\""),
            "",
        ),
    );
    case(
        "texts doubled by hex",
        Somehow,
        denies(&doubled("\"xxxxxxxx\"", "# := hex.encode(@)", 60, "@ != \"\""), ""),
    );
    case(
        "texts tripled by urlquery",
        Somehow,
        denies(&doubled("\"%%%%%%%%\"", "# := urlquery.encode(@)", 60, "@ != \"\""), ""),
    );
    case(
        "texts doubled by json.marshal",
        Somehow,
        denies(
            &doubled("\"\\\\\\\"\"", "# := json.marshal([@, @])", 60, "@ != \"\""),
            "",
        ),
    );
    case(
        "objects doubled",
        Somehow,
        denies(
            &doubled(
                "{\"a\": 1}",
                "# := {\"l\": @, \"r\": @}",
                40,
                "count(json.marshal(@)) > 0",
            ),
            "",
        ),
    );
    case(
        "arrays nested and doubled",
        Somehow,
        denies(
            &doubled("[input.resource]", "# := [@, @]", 18, "count(json.marshal(@)) > 0"),
            "",
        ),
    );
    case(
        "object.union chain",
        Somehow,
        denies(
            &doubled(
                "{\"a\": {\"b\": 1}}",
                "# := object.union(@, {\"k\": @})",
                40,
                "count(json.marshal(@)) < 0",
            ),
            "",
        ),
    );
    case(
        "object.union_n",
        Somehow,
        denies(
            &format!(
                "count(object.union_n([{{sprintf(\"%d\", [x]): numbers.range(1, 1000)}} | some x in {many}])) < 0"
            ),
            "",
        ),
    );
    case(
        "texts kept",
        Error,
        denies(
            &format!(
                "x0 := sprintf(\"%0900d\", [1])\n\tx1 := replace(x0, \"0\", x0)\n\tc := [concat(\",\", [x1, sprintf(\"%d\", [y])]) | some y in {many}]\n\tcount(c) < 0"
            ),
            "",
        ),
    );
    case(
        "arrays kept",
        Error,
        denies(
            &format!("c := [numbers.range(y, y + 90000) | some y in {many}]\n\tcount(c) < 0"),
            "",
        ),
    );
    case(
        "sets kept",
        Error,
        denies(
            &format!("c := {{[x, y] | some x in {many}; some y in {many}}}\n\tcount(c) < 0"),
            "",
        ),
    );
    case(
        "a million findings",
        Somehow,
        policy(&format!(
            "deny contains finding if {{\n\tsome a in {many}\n\tsome b in numbers.range(1, 10)\n\tfinding := {{\"path\": \"\", \"message\": \"m\", \"key\": sprintf(\"%d %d\", [a, b])}}\n}}"
        )),
    );
    case(
        "a finding of 16 MB",
        Somehow,
        policy(
            "deny contains finding if {\n\tx0 := sprintf(\"%0900d\", [1])\n\tx1 := replace(x0, \"0\", x0)\n\tmessage := concat(\"\", [x1, x1, x1, x1, x1, x1, x1, x1, x1, x1, x1, x1, x1, x1, x1, x1, x1, x1])\n\tfinding := {\"path\": \"\", \"message\": message}\n}",
        ),
    );

    // What loops.
    case(
        "a triple loop",
        Error,
        denies(&format!("some a in {many}\n\tsome b in {many}\n\ta * b < 0"), ""),
    );
    case(
        "nested comprehensions",
        Error,
        denies(
            &format!("count([1 | some a in {many}; some b in {many}; a + b == 0]) > 0"),
            "",
        ),
    );
    case(
        "nested every",
        Error,
        denies(
            &format!("every a in {many} {{\n\tevery b in {many} {{\n\ta + b > 0\n}}\n}}"),
            "",
        ),
    );
    case(
        "an error in a function",
        Error,
        denies(
            "f(1) == 1",
            &format!(
                "f(_) := 1 if count([1 | some a in {many}; some b in {many}; a + b == 0]) > 0\n\nf(x) := 2 if x == 1"
            ),
        ),
    );
    case(
        "mocks in a loop",
        Error,
        denies(
            &format!("some a in {many}\n\tsome b in {many}\n\tg(a) < 0 with input.resource.name as b"),
            "g(a) := a + count(input.resource.name)",
        ),
    );
    case(
        "sorts in a loop",
        Error,
        denies(&format!("some a in {many}\n\tcount(sort({many})) < a - 200000"), ""),
    );
    case(
        "walks in a loop",
        Error,
        denies(
            &format!("some a in {many}\n\tsome b in {many}\n\twalk(input.resource, [p, v])\n\tcount(p) > a + b + 1000"),
            "",
        ),
    );
    case(
        "reachable_paths",
        Error,
        denies(&format!("count(graph.reachable_paths({}, [\"0\"])) > 0", graph(14)), ""),
    );
    case(
        "reachable in a loop",
        Somehow,
        denies(
            &format!(
                "some a in {many}\n\tcount(graph.reachable({}, [\"0\"])) > a + 1000",
                graph(14)
            ),
            "",
        ),
    );
    case(
        "regex in a loop",
        Somehow,
        denies(
            &format!("some a in {many}\n\tregex.match(sprintf(\"^(a+)+%d$\", [a]), \"{long}\")"),
            "",
        ),
    );
    case(
        "glob in a loop",
        Somehow,
        denies(
            &format!(
                "some a in {many}\n\tglob.match(sprintf(\"*%d*\", [a]), [\".\"], \"{}\")",
                "x".repeat(900)
            ),
            "",
        ),
    );
    case(
        "print flood",
        Error,
        denies(
            &format!("every x in {many} {{\n\tevery y in {many} {{\n\tprint(\"flood\", x, y, input)\n}}\n}}"),
            "",
        ),
    );

    // Patterns.
    case(
        "regex that backtracks",
        Somehow,
        denies(&format!("regex.match(\"^(a+)+$\", \"{long}b\")"), ""),
    );
    case(
        "regex with alternatives",
        Somehow,
        denies(&format!("regex.match(\"(a|aa)+$\", \"{long}b\")"), ""),
    );
    case(
        "regex with counts",
        Somehow,
        denies("regex.match(\"a{1000}{1000}{1000}\", input.resource.name)", ""),
    );
    case(
        "regex of 900 parentheses",
        Somehow,
        denies(&format!("regex.match(\"{}\", \"a\")", nested(400, "(", ")*")), ""),
    );
    case(
        "glob with braces",
        Somehow,
        denies(
            &format!("glob.match(\"{}\", [\".\"], input.resource.name)", "{a,b}".repeat(100)),
            "",
        ),
    );
    case(
        "regex.replace that grows",
        Somehow,
        denies(
            &doubled(
                &format!("\"{long}\""),
                "# := regex.replace(@, \"a\", \"aaaa\")",
                30,
                "@ == \"\"",
            ),
            "",
        ),
    );
    case(
        "regex.split",
        Somehow,
        denies(&format!("count(regex.split(\"\", \"{long}\")) < 0"), ""),
    );
    case(
        "strings.count of nothing",
        Somehow,
        denies("strings.count(input.resource.name, \"\") == 1", ""),
    );
    case(
        "split by nothing",
        Somehow,
        denies(
            &doubled("\"xxxxxxxx\"", "# := concat(\"xx\", split(@, \"\"))", 30, "@ == \"\""),
            "",
        ),
    );

    // Documents in texts.
    case(
        "json.unmarshal, deep",
        Somehow,
        denies(
            &doubled("\"[\"", "# := concat(\"\", [@, @])", 18, "is_array(json.unmarshal(@))"),
            "",
        ),
    );
    case(
        "yaml.unmarshal, deep",
        Somehow,
        denies(
            &doubled("\"[\"", "# := concat(\"\", [@, @])", 18, "is_array(yaml.unmarshal(@))"),
            "",
        ),
    );
    case(
        "yaml.unmarshal, aliases",
        Somehow,
        denies(
            "y := yaml.unmarshal(\"a: &a [x,x,x,x,x,x,x,x,x]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\\nh: [*g,*g,*g,*g,*g,*g,*g,*g,*g]\")\n\tcount(json.marshal(y)) < 0",
            "",
        ),
    );
    case(
        "json.unmarshal, a huge number",
        Somehow,
        denies("json.unmarshal(\"1e1000000000\") > 0", ""),
    );
    case(
        "json.match_schema, itself",
        Refused,
        denies("json.match_schema({\"a\": 1}, {\"$ref\": \"#\"})[0]", ""),
    );
    case(
        "json.match_schema, a pattern",
        Somehow,
        denies(
            &format!("json.match_schema(\"{long}b\", {{\"pattern\": \"^(a+)+$\"}})[0]"),
            "",
        ),
    );
    case(
        "json.patch in a loop",
        Somehow,
        denies(
            &doubled(
                "{\"a\": {}}",
                "# := json.patch(@, [{\"op\": \"copy\", \"from\": \"/a\", \"path\": \"/a/b\"}])",
                60,
                "count(json.marshal(@)) < 0",
            ),
            "",
        ),
    );
    case(
        "semver of digits",
        Somehow,
        denies(
            &format!("semver.compare(\"{}.0.0\", \"1.0.0\") > 0", "9".repeat(900)),
            "",
        ),
    );
    case(
        "times at the edge",
        Somehow,
        denies("time.add_date(9223372036854775807, 2147483647, 12, 31) > 0", ""),
    );
    case(
        "a duration too long",
        Somehow,
        denies("time.parse_duration_ns(\"99999999999999999999h\") > 0", ""),
    );
    case(
        "substring far out",
        Somehow,
        denies("substring(input.resource.name, 0, 9223372036854775807) == \"x\"", ""),
    );
    case(
        "indexof_n of nothing",
        Somehow,
        denies("count(indexof_n(input.resource.name, \"\")) > 0", ""),
    );

    // What reaches outside.
    case(
        "http.send",
        Refused,
        denies(
            &format!("http.send({{\"method\": \"get\", \"url\": \"http://127.0.0.1:{port}/\"}}).status_code == 200"),
            "",
        ),
    );
    case(
        "not http.send",
        Refused,
        denies(
            &format!("not http.send({{\"method\": \"get\", \"url\": \"http://127.0.0.1:{port}/\"}})"),
            "",
        ),
    );
    case(
        "http.send as a mock",
        Somehow,
        denies("count([1]) == 1 with http.send as 1", ""),
    );
    case(
        "http.send in place of another",
        Somehow,
        denies(
            &format!(
                "count({{\"method\": \"get\", \"url\": \"http://127.0.0.1:{port}/\"}}) == 1 with count as http.send"
            ),
            "",
        ),
    );
    case(
        "a schema over the network",
        Refused,
        denies(
            &format!("json.match_schema({{}}, {{\"$ref\": \"http://127.0.0.1:{port}/\"}})[0]"),
            "",
        ),
    );
    case(
        "a schema in a file",
        Refused,
        denies("json.match_schema({}, {\"$ref\": \"file:///etc/passwd\"})[0]", ""),
    );
    case(
        "a name looked up",
        Refused,
        denies("net.lookup_ip_addr(\"localhost\")", ""),
    );
    case(
        "opa.runtime",
        Refused,
        denies("opa.runtime().env.NEPHOSCOPE_TEST_CANARY != \"\"", ""),
    );
    case(
        "opa.runtime in place of another",
        Somehow,
        denies("count(1).env != {} with count as opa.runtime", ""),
    );
    case("time.now_ns", Refused, denies("time.now_ns() > 0", ""));
    case("rand.intn", Refused, denies("rand.intn(\"x\", 10) > 1", ""));
    case("uuid.rfc4122", Refused, denies("uuid.rfc4122(\"x\") != \"\"", ""));
    case(
        "rego.parse_module",
        Refused,
        denies("rego.parse_module(\"x\", \"package x\")", ""),
    );
    case("no such function", Refused, denies("does.not.exist(1)", ""));
    cases
}
