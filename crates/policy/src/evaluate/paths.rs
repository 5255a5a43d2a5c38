//! Paths at which something is not known, looked at once: every resource of a kind comes with the same.

use std::collections::HashMap;

use ahash::RandomState;
use nephoscope_model::pointer;

use crate::bundle::Policy;

/// So many paths are remembered; those into long lists are hardly ever met twice.
const MOST: usize = 4096;

/// Paths of one thread, by number.
#[derive(Default)]
pub(crate) struct Paths {
    numbers: HashMap<String, usize, RandomState>,
    list: Vec<Path>,
}

struct Path {
    /// From the input on.
    tokens: Vec<String>,
    /// Whether a policy looks at what appears there, by how many tokens lead to something and its index.
    touched: HashMap<(usize, usize), bool, RandomState>,
}

impl Paths {
    /// Forgets all where they are too many. Numbers given before are void then.
    pub(super) fn tidy(&mut self) {
        if self.list.len() >= MOST {
            self.numbers.clear();
            self.list.clear();
        }
    }

    /// Returns the number of a path into a resource.
    pub(super) fn number(&mut self, path: &str) -> usize {
        if let Some(number) = self.numbers.get(path) {
            return *number;
        }
        let number = self.list.len();
        self.list.push(Path {
            tokens: std::iter::once("resource".to_owned())
                .chain(pointer::tokens(path))
                .collect(),
            touched: HashMap::default(),
        });
        self.numbers.insert(path.to_owned(), number);
        number
    }

    /// Returns the tokens of a path, from the input on.
    pub(super) fn tokens(&self, number: usize) -> &[String] {
        self.list.get(number).map_or(&[], |path| &path.tokens)
    }

    /// Returns whether a clause of a policy looks at what may appear at a path of which the first `there` tokens lead to something.
    pub(crate) fn touches(&mut self, number: usize, there: usize, index: usize, policy: &Policy) -> bool {
        let Some(Path { tokens, touched }) = self.list.get_mut(number) else {
            return true;
        };
        *(touched.entry((there, index))).or_insert_with(|| policy.touches(tokens, there))
    }
}
