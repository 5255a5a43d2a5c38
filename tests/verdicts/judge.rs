//! Judges one document by a few policies.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use nephoscope::builtin;
use nephoscope::progress::Progress;
use nephoscope::runs::Budget;
use nephoscope::scan::Scan;
use nephoscope::select::Selection;
use nephoscope::totals::Counter;
use nephoscope_model::Outcome;
use nephoscope_policy::{Bundle, Options, Root};
use nephoscope_read::{Input, Limits};
use serde_json::{Map, Value};

/// Values of parameters by policy.
pub(crate) type Params = BTreeMap<String, Map<String, Value>>;

/// The shipped policies, to be loaded a few at a time.
pub(crate) struct Pack {
    root: Root,
    folders: BTreeMap<String, String>,
}

impl Pack {
    pub(crate) fn new() -> Pack {
        let root = builtin::root();
        let bundle = Bundle::load(std::slice::from_ref(&root), &Options::default()).unwrap();
        let folder = |file: &str| {
            file.rsplit_once('/')
                .map_or(String::new(), |(folder, _)| format!("{folder}/"))
        };
        let folders = bundle
            .policies()
            .iter()
            .map(|policy| (policy.info.id.0.clone(), folder(&policy.info.file)))
            .collect();
        Pack { root, folders }
    }

    /// Returns just the policies `ids`, with these parameters.
    pub(crate) fn load(&self, ids: &[&str], params: Params) -> Bundle {
        let wanted: Vec<&String> = ids
            .iter()
            .map(|id| {
                self.folders
                    .get(*id)
                    .unwrap_or_else(|| panic!("there is no policy {id}"))
            })
            .collect();
        let mut root = self.root.clone();
        root.files
            .retain(|file| wanted.iter().any(|folder| file.path.starts_with(folder.as_str())));
        let options = Options {
            params,
            ..Options::default()
        };
        Bundle::load(&[root], &options).unwrap()
    }
}

/// What all policies of a bundle together say of the resources of one document: the worst outcome; `None` when they judge none.
pub(crate) fn judge(bundle: &Bundle, document: &Value, folder: &Path) -> Option<Outcome> {
    let file = folder.join("document.json");
    std::fs::write(&file, document.to_string()).unwrap();
    let selection = Selection::default();
    let limits = Limits::default();
    let scan = Scan {
        bundle,
        selection: &selection,
        as_of: "2026-11-25T00:00:00Z".parse::<Timestamp>().unwrap(),
        include_pass: false,
        jobs: 1,
        limits: &limits,
        budget: Budget::default(),
        cache: None,
    };
    let input = Input {
        name: "document.json".to_owned(),
        path: Some(file),
        named: true,
    };
    let found = scan.run(&[input], &Progress::start(true)).unwrap();
    let mut counter = Counter::default();
    found
        .ledger
        .settle(|resource| {
            counter.add(resource.scope, resource.fate);
            Ok(())
        })
        .unwrap();
    let ids: Vec<_> = bundle.policies().iter().map(|policy| policy.info.id.clone()).collect();
    let tallies = counter.totals(&ids).tallies;
    // `Outcome::ALL` lists the worst first.
    Outcome::ALL
        .into_iter()
        .find(|outcome| tallies.iter().any(|tally| tally.count(*outcome) > 0))
}
