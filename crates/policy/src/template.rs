//! A new policy to start from.

use nephoscope_model::Kind;

use crate::source::SourceFile;

const POLICY: &str = r#"# METADATA
# scope: package
# title: What is wrong, in one line
# description: >-
#   Why it is wrong, and what can come of it.
# schemas:
#   - input: schema.{schema}
# related_resources:
#   - ref: https://example.com/where-to-read-more
# custom:
#   id: {id}
#   severity: medium
#   kinds: [{kind}]
#   remediation: What to do, for each cloud.
#   controls: {}
package {package}

# A finding says where it stands and what is wrong; a `key` tells several findings of one resource apart.
deny contains finding if {
	input.resource.tags.example == "wrong"
	finding := {
		"path": "/tags/example",
		"message": "the tag `example` is wrong",
	}
}
"#;

const TEST: &str = r#"package {package}_test

import data.{package} as policy

test_deny_wrong_tag if {
	findings := policy.deny with input.resource.tags as {"example": "wrong"}
	findings == {{"path": "/tags/example", "message": "the tag `example` is wrong"}}
}

test_allow_right_tag if {
	findings := policy.deny with input.resource.tags as {"example": "right"}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {}
	findings == set()
}
"#;

const README: &str = "# {id}

1. Write what is wrong into the METADATA of `{name}.rego`, and the condition into `deny`.
   `nephoscope schema {kind}` lists the attributes of `{kind}`.
2. Test positively (`== false`, not `not …`): an attribute that was not read is left out, and must not become a finding.
3. Cover each cloud's shape in `{name}_test.rego`, and add native documents as `examples/*.fail.json`, `*.pass.json`
   and `*.unknown.json`; several documents are a folder `*.fail`.
4. Run `nephoscope policy check` and `nephoscope policy test`.
";

/// Returns a policy, its test and a README of what to do next, under the folders of its package.
pub fn template(id: &str, package: &str, kind: Kind) -> Vec<SourceFile> {
    let name = package.rsplit('.').next().unwrap_or(package);
    let folder = package.replace('.', "/");
    let fill = |text: &str| {
        text.replace("{id}", id)
            .replace("{package}", package)
            .replace("{name}", name)
            .replace("{kind}", kind.as_str())
            .replace("{schema}", &kind.info().schema_name())
    };
    let file = |file: String, text: &str| SourceFile {
        path: format!("{folder}/{file}"),
        text: fill(text),
    };
    vec![
        file("README.md".into(), README),
        file(format!("{name}.rego"), POLICY),
        file(format!("{name}_test.rego"), TEST),
    ]
}

#[cfg(test)]
mod tests {
    use nephoscope_model::kinds;

    use super::*;
    use crate::support::root;
    use crate::{Bundle, Options, check, run_tests};

    #[test]
    fn the_template_loads_and_passes_its_tests_for_every_kind() {
        for info in kinds() {
            let kind = Kind::named(info.name).unwrap();
            let mut files = template("ACME-1", "acme.storage.example", kind);
            assert_eq!(files.remove(0).path, "acme/storage/example/README.md");
            let mut roots = [root(files)];
            roots[0].trusted = true;
            assert_eq!(check(&roots, true, None), [], "{}", info.name);
            let bundle = Bundle::load(&roots, &Options::default()).unwrap();
            assert_eq!(bundle.policies()[0].info.id.0, "ACME-1");
            let results = run_tests(&roots, None).unwrap();
            assert_eq!(results.len(), 3);
            assert!(results.iter().all(|result| result.passed), "{results:#?}");
        }
    }
}
