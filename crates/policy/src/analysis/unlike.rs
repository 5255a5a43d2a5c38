//! What makes every verdict one of its own: then none can be used for another resource, and each is judged anew.

use super::Problem;
use super::eval::read_set;
use super::reads::{Step, text};
use super::safety::problem;
use super::scope::Program;

/// What no two resources have in common.
const OWN: [&str; 3] = ["id", "key", "name"];

/// Returns the clauses whose findings name the resource.
pub(super) fn problems(program: &Program, package: &str) -> Vec<Problem> {
    let mut found = Vec::new();
    for id in program.deny_rules(package) {
        let reads = read_set(program, id, None);
        let told = reads.reads.iter().filter(|read| !read.condition);
        for read in told {
            let [Step::Key(root), Step::Key(name)] = read.path.as_slice() else {
                continue;
            };
            if root == "resource" && OWN.contains(&name.as_str()) {
                let message = format!(
                    "`{}` stands in the finding, so that no verdict serves for another resource like it",
                    text(&read.path)
                );
                let help = "leave it out: reports show beside every finding which resource it is about";
                let at = program.rule(id).at;
                found.push(problem(program, id.module, at, "unlike", message, help));
            }
        }
    }
    found.dedup();
    found
}
