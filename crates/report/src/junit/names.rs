//! Names that no two cases of a suite share.

use std::collections::BTreeMap;

use crate::digest;

/// The names given so far in one suite, as digests: a suite may have millions of cases.
///
/// To each belongs the last number that was put behind it to make another name.
#[derive(Default)]
pub(super) struct Names(BTreeMap<u128, u32>);

impl Names {
    /// Returns `name`, with a number where another case has it already.
    pub(super) fn unique(&mut self, name: String) -> String {
        let key = digest::of(&name);
        let Some(last) = self.0.get(&key) else {
            self.0.insert(key, 1);
            return name;
        };
        let mut number = *last;
        loop {
            number += 1;
            let numbered = format!("{name} #{number}");
            let own = digest::of(&numbered);
            if !self.0.contains_key(&own) {
                self.0.insert(own, 1);
                self.0.insert(key, number);
                return numbered;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn a_number_that_is_a_name_already_is_left_out() {
        let mut names = Names::default();
        let given = ["a", "a #2", "a", "a", "a #2", "b"].map(|name| names.unique(name.to_owned()));
        assert_eq!(given, ["a", "a #2", "a #3", "a #4", "a #2 #2", "b"]);
    }
}
