//! Random policies over attributes of few values.

use crate::buckets::Leaf;
use crate::random::Random;

pub(crate) struct Policy {
    /// Rego without its package.
    pub text: String,
    /// Indexes of the attributes that it reads.
    pub reads: Vec<usize>,
}

const ALL: &str = "input.resource.attributes";

/// Returns a policy of one to three clauses, each of one to three conditions, over two to four attributes.
pub(crate) fn policy(random: &mut Random, leaves: &[Leaf]) -> Policy {
    let mut writer = Writer {
        reads: (0..2 + random.below(3)).map(|_| random.below(leaves.len())).collect(),
        random,
        leaves,
        helpers: Vec::new(),
        names: 0,
    };
    let clauses: Vec<String> = (0..1 + writer.random.below(3))
        .map(|index| writer.clause(index))
        .collect();
    let text = clauses.into_iter().chain(writer.helpers).collect();
    let reads = writer.reads;
    Policy { text, reads }
}

struct Writer<'a> {
    random: &'a mut Random,
    leaves: &'a [Leaf],
    reads: Vec<usize>,
    helpers: Vec<String>,
    names: usize,
}

impl Writer<'_> {
    fn clause(&mut self, index: usize) -> String {
        let mut lines: Vec<String> = (0..1 + self.random.below(3))
            .flat_map(|_| self.condition(ALL, true))
            .collect();
        let mut path = "\"/attributes\"".to_owned();
        let shares = self.random.percent(33);
        let mut key = if shares {
            "\"k\"".to_owned()
        } else {
            format!("\"k{index}\"")
        };
        if self.random.percent(15) {
            lines.push(format!("some i, grant in {ALL}.public_access.grants"));
            lines.push(self.random.one_of(&GRANT).to_string());
            path = "sprintf(\"/attributes/public_access/grants/%d\", [i])".to_owned();
            key = format!("sprintf(\"g{index} %d\", [i])");
        }
        let message = match self.random.below(5) {
            // Clauses that share a key find one fault: where they tell it otherwise the policy is wrong, and is said to be,
            // which no read set foresees.
            0 if !shares => {
                let leaf = self.leaf();
                format!(
                    "sprintf(\"%v\", [object.get({ALL}, [\"{}\", \"{}\"], \"?\")])",
                    leaf.group, leaf.name
                )
            }
            _ => "\"m\"".to_owned(),
        };
        lines.push(format!(
            "finding := {{\"path\": {path}, \"message\": {message}, \"key\": {key}}}"
        ));
        format!("\ndeny contains finding if {{\n\t{}\n}}\n", lines.join("\n\t"))
    }

    fn leaf(&mut self) -> &Leaf {
        let index = *self.random.one_of(&self.reads);
        &self.leaves[index]
    }

    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    /// Returns the lines of a condition on attributes `of` an expression; helpers only where it `may_call`.
    fn condition(&mut self, of: &str, may_call: bool) -> Vec<String> {
        let index = *self.random.one_of(&self.reads);
        let leaf = &self.leaves[index];
        let at = format!("{of}.{}.{}", leaf.group, leaf.name);
        let value = self.random.one_of(&leaf.domain).to_string();
        let other = self.random.one_of(&leaf.domain).to_string();
        let member = format!("object.get({of}.{}, \"{}\", {other})", leaf.group, leaf.name);
        let nested = format!("object.get({of}, [\"{}\", \"{}\"], {other})", leaf.group, leaf.name);
        let group = format!("{of}.{}", leaf.group);
        match self.random.below(if may_call { 20 } else { 13 }) {
            0 | 1 => vec![format!("{at} == {value}")],
            2 => vec![format!("{at} != {value}")],
            3 | 4 => vec![format!("not {at} == {value}")],
            5 => vec![format!("{at} in {{{value}, {other}}}")],
            6 => {
                let name = self.name("v");
                vec![format!("{name} := {at}"), format!("not {name} in {{{value}, {other}}}")]
            }
            7 => vec![format!("{member} == {value}")],
            8 => vec![format!("{nested} != {value}")],
            9 => {
                let name = self.name("v");
                vec![format!("{name} := {nested}"), format!("not {name} == {value}")]
            }
            10 => vec![format!("not {at}")],
            // More than one attribute at a time.
            11 => vec![format!("count({group}) {} 1", self.random.one_of(&["==", ">", "<"]))],
            12 => vec![format!("{group} == {{\"{}\": {value}}}", leaf.name)],
            13 => {
                let (name, on) = (self.name("part"), self.random.percent(50));
                vec![format!("some {name} in {ALL}"), format!("{name}.enabled == {on}")]
            }
            14 => {
                let (name, grant) = (self.name("grant"), *self.random.one_of(&GRANT));
                let grant = grant.replace("grant.", &format!("{name}."));
                vec![format!("some {name} in {ALL}.public_access.grants"), grant]
            }
            _ => self.call(),
        }
    }

    /// Returns the call of a helper, which is written to `helpers`.
    fn call(&mut self) -> Vec<String> {
        let name = self.name("_h");
        let form = self.random.below(5);
        let of = if form < 2 { "a" } else { ALL };
        let bodies: Vec<String> = (0..1 + self.random.below(2))
            .map(|_| {
                let lines: Vec<String> = (0..1 + self.random.below(2))
                    .flat_map(|_| self.condition(of, false))
                    .collect();
                lines.join("\n\t")
            })
            .collect();
        let (helper, call) = match form {
            0 => {
                let rules = bodies.iter().map(|body| format!("\n{name}(a) if {{\n\t{body}\n}}\n"));
                (rules.collect(), format!("{name}({ALL})"))
            }
            1 => {
                let branches: Vec<String> = { bodies.iter().enumerate() }
                    .map(|(level, body)| format!(":= {level} if {{\n\t{body}\n}}"))
                    .collect();
                let branches = branches.join(" else ");
                let level = self.random.below(3);
                (
                    format!("\n{name}(a) {branches} else := 2\n"),
                    format!("{name}({ALL}) == {level}"),
                )
            }
            2 => {
                let rules: String = bodies
                    .iter()
                    .map(|body| format!("\n{name} if {{\n\t{body}\n}}\n"))
                    .collect();
                (format!("\ndefault {name} := false\n{rules}"), name.clone())
            }
            3 => {
                let rules = bodies
                    .iter()
                    .map(|body| format!("\n{name} contains 1 if {{\n\t{body}\n}}\n"));
                (rules.collect(), format!("count({name}) == 1"))
            }
            _ => {
                let rules = bodies.iter().map(|body| format!("\n{name} if {{\n\t{body}\n}}\n"));
                (rules.collect(), name.clone())
            }
        };
        self.helpers.push(helper);
        // A call under `not` is refused where its argument may be absent.
        let negated = matches!(form, 2 | 4) && self.random.percent(60);
        vec![if negated { format!("not {call}") } else { call }]
    }
}

const GRANT: [&str; 3] = [
    "grant.effective == true",
    "grant.access == \"write\"",
    "not grant.effective == false",
];
