//! How a report is written; every choice has a default that suits a pipeline.

use std::fmt;
use std::str::FromStr;

/// An enumeration whose members have a name in options: `ALL`, `as_str`, `Display` and `FromStr`.
macro_rules! named {
    ($(#[$doc:meta])* $kind:ident, $what:literal { $($(#[$member_doc:meta])* $member:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub enum $kind { $($(#[$member_doc])* $member,)+ }

        impl $kind {
            /// Every member, in the order of help texts.
            pub const ALL: &[$kind] = &[$($kind::$member),+];

            /// Returns the name used in options.
            pub fn as_str(self) -> &'static str {
                match self { $($kind::$member => $name,)+ }
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $kind {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|member| member.as_str() == text).ok_or_else(|| {
                    let names: Vec<_> = Self::ALL.iter().map(|member| member.as_str()).collect();
                    format!(concat!("`{}` is no ", $what, "; use one of {}"), text, names.join(", "))
                })
            }
        }
    };
}

named! {
    /// What JUnit says of resources without a fault.
    JunitPass, "choice for passes" {
        /// One case for each pass that the assessment holds, one for the rest of a policy and account.
        All = "all",
        /// One case for each policy and account.
        #[default]
        Summary = "summary",
        /// Nothing.
        None = "none",
    }
}

named! {
    /// Which dialect of JUnit is written.
    JunitFlavor, "flavor of JUnit" {
        /// Valid against the schema of the Jenkins xUnit plugin (`junit-10.xsd`).
        #[default]
        Strict = "strict",
        /// With the properties, `file` and `line` of each case, which many readers show and that schema does not allow.
        Rich = "rich",
    }
}

named! {
    /// For whom SARIF is written.
    SarifProfile, "profile of SARIF" {
        /// Code scanning: no accepted findings (it would show them as open), at most 5,000 results in a run.
        #[default]
        Github = "github",
        /// Readers of the whole standard: also accepted findings with their terms, baseline states, evidence; no limit.
        Full = "full",
    }
}

/// How a report is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Whether the human report is colored.
    pub color: bool,
    /// Columns of the terminal; text is wrapped to it.
    pub width: usize,
    /// -1: one line for each policy; 0; 1: everything, no list cut.
    pub verbosity: i8,
    /// Whether `unknown` outcomes count as errors (`--unknown fail`).
    pub unknown_fails: bool,
    /// Whether the human report lists what is unknown; it is counted in any case.
    pub unknown_listed: bool,
    /// What JUnit says of passes.
    pub junit_pass: JunitPass,
    /// Which dialect of JUnit.
    pub junit_flavor: JunitFlavor,
    /// For whom SARIF is written.
    pub sarif_profile: SarifProfile,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            color: false,
            width: 100,
            verbosity: 0,
            unknown_fails: false,
            unknown_listed: true,
            junit_pass: JunitPass::default(),
            junit_flavor: JunitFlavor::default(),
            sarif_profile: SarifProfile::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_name_the_choices() {
        for flavor in JunitFlavor::ALL {
            assert_eq!(flavor.to_string().parse(), Ok(*flavor));
        }
        let problem = "loose".parse::<JunitFlavor>().unwrap_err();
        assert_eq!(problem, "`loose` is no flavor of JUnit; use one of strict, rich");
    }
}
