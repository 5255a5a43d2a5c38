//! Which files of a folder are a Config Validator library.

use crate::source::SourceFile;

/// Folder of templates and constraints, where a library has it.
const POLICIES: &str = "policies/";
/// Folder of helpers.
const LIB: &str = "lib/";

/// Files of a library.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Library {
    /// YAML with templates and constraints.
    pub(crate) documents: Vec<SourceFile>,
    /// Helpers in Rego v0, without tests.
    pub(crate) helpers: Vec<SourceFile>,
}

/// The target of templates whose input is an asset; there are others, which have nothing to do with a cloud.
pub(super) const TARGET: &str = "validation.gcp.forsetisecurity.org";

/// Returns whether a file holds a template over assets, by which a folder is known for a library.
pub(crate) fn holds(path: &str, text: &[u8]) -> bool {
    is_yaml(path) && names_template(text) && String::from_utf8_lossy(text).contains(TARGET)
}

/// Returns whether a line says that a document is a template.
fn names_template(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n');
    lines.any(|line| {
        let line = String::from_utf8_lossy(line);
        let line = line.trim().trim_start_matches("- ").replace(['"', '\'', ',', ' '], "");
        line == "kind:ConstraintTemplate"
    })
}

/// Returns the files of a library among those of a folder.
///
/// Where there are templates below `policies/`, that is the library and `lib/` holds its helpers, as the tools of Config
/// Validator have it: what lies beside are tests and samples. Else every YAML file counts, and helpers lie in folders `lib`.
///
/// # Errors
///
/// The path of a policy of our own kind among them, which would be left out unseen.
pub(crate) fn take(files: Vec<SourceFile>) -> Result<Library, String> {
    let whole = (files.iter()).any(|file| file.path.starts_with(POLICIES) && holds(&file.path, file.text.as_bytes()));
    let mut library = Library::default();
    for file in files {
        let in_lib = file.path.starts_with(LIB) || (!whole && file.path.contains("/lib/"));
        if is_yaml(&file.path) {
            if !whole || file.path.starts_with(POLICIES) {
                library.documents.push(file);
            }
        } else if file.path.ends_with(".rego") {
            if in_lib && !file.is_test() {
                library.helpers.push(file);
            } else if file.text.lines().any(|line| line.trim() == "# METADATA") && !file.is_test() {
                return Err(file.path);
            }
        }
    }
    library.documents.sort();
    library.helpers.sort();
    Ok(library)
}

pub(crate) fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "apiVersion: templates.gatekeeper.sh/v1alpha1\nkind: ConstraintTemplate\nspec:\n  targets:\n    \
                            validation.gcp.forsetisecurity.org: {}\n";

    fn paths(files: &[(&str, &str)]) -> Result<(Vec<String>, Vec<String>), String> {
        let files = files.iter().map(|(path, text)| SourceFile {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        });
        let library = take(files.collect())?;
        let names = |files: Vec<SourceFile>| files.into_iter().map(|file| file.path).collect();
        Ok((names(library.documents), names(library.helpers)))
    }

    #[test]
    fn a_library_has_its_policies_and_helpers_in_folders() {
        let (documents, helpers) = paths(&[
            ("cloudbuild.yaml", "steps: []"),
            ("lib/util.rego", ""),
            ("lib/util_test.rego", ""),
            ("policies/templates/a.yaml", TEMPLATE),
            ("policies/constraints/b.yaml", ""),
            ("samples/c.yaml", ""),
            ("validator/a.rego", ""),
        ])
        .unwrap();
        assert_eq!(documents, ["policies/constraints/b.yaml", "policies/templates/a.yaml"]);
        assert_eq!(helpers, ["lib/util.rego"]);
    }

    #[test]
    fn any_other_folder_counts_as_a_whole() {
        let (documents, helpers) = paths(&[("a.yml", TEMPLATE), ("x/b.yaml", ""), ("x/lib/u.rego", "")]).unwrap();
        assert_eq!(documents, ["a.yml", "x/b.yaml"]);
        assert_eq!(helpers, ["x/lib/u.rego"]);
    }

    #[test]
    fn templates_of_another_target_make_no_library() {
        let other = TEMPLATE.replace(TARGET, "admission.k8s.gatekeeper.sh");
        assert!(holds("a.yaml", TEMPLATE.as_bytes()));
        assert!(!holds("a.yaml", other.as_bytes()));
        assert!(!holds("a.json", TEMPLATE.as_bytes()));
    }

    #[test]
    fn a_policy_of_another_kind_is_not_left_out_unseen() {
        let found = paths(&[("a.yaml", TEMPLATE), ("own.rego", "# METADATA\n# scope: package\n")]);
        assert_eq!(found, Err("own.rego".to_owned()));
    }
}
