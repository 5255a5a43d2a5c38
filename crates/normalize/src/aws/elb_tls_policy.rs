//! The predefined TLS policies of Elastic Load Balancing.
//!
//! Source: Elastic Load Balancing User Guides "Security policies for your Application Load Balancer", the same of Network
//! Load Balancers, "Predefined SSL security policies for Classic Load Balancers", read 2026-11-25. Those of RFC 9151 are left out.

use nephoscope_model::kinds::TlsVersion;

/// What every name begins with.
const PREFIX: &str = "ELBSecurityPolicy-";

/// The rest of the name, and the oldest version of TLS that the policy accepts.
const POLICIES: &[(&str, TlsVersion)] = &[
    // SSL 3.0 as well.
    ("2011-08", TlsVersion::Tls10),
    ("2014-01", TlsVersion::Tls10),
    ("2014-10", TlsVersion::Tls10),
    ("2015-02", TlsVersion::Tls10),
    ("2015-03", TlsVersion::Tls10),
    ("2015-05", TlsVersion::Tls10),
    ("2016-08", TlsVersion::Tls10),
    ("FS-1-1-2019-08", TlsVersion::Tls11),
    ("FS-1-2-2019-08", TlsVersion::Tls12),
    ("FS-1-2-Res-2019-08", TlsVersion::Tls12),
    ("FS-1-2-Res-2020-10", TlsVersion::Tls12),
    ("FS-2018-06", TlsVersion::Tls10),
    ("TLS-1-0-2015-04", TlsVersion::Tls10),
    ("TLS-1-1-2017-01", TlsVersion::Tls11),
    ("TLS-1-2-2017-01", TlsVersion::Tls12),
    ("TLS-1-2-Ext-2018-06", TlsVersion::Tls12),
    ("TLS13-1-0-2021-06", TlsVersion::Tls10),
    ("TLS13-1-0-FIPS-2023-04", TlsVersion::Tls10),
    ("TLS13-1-0-FIPS-PQ-2025-09", TlsVersion::Tls10),
    ("TLS13-1-0-PQ-2025-09", TlsVersion::Tls10),
    ("TLS13-1-1-2021-06", TlsVersion::Tls11),
    ("TLS13-1-1-FIPS-2023-04", TlsVersion::Tls11),
    ("TLS13-1-2-2021-06", TlsVersion::Tls12),
    ("TLS13-1-2-Ext0-FIPS-2023-04", TlsVersion::Tls12),
    ("TLS13-1-2-Ext0-FIPS-PQ-2025-09", TlsVersion::Tls12),
    ("TLS13-1-2-Ext1-2021-06", TlsVersion::Tls12),
    ("TLS13-1-2-Ext1-FIPS-2023-04", TlsVersion::Tls12),
    ("TLS13-1-2-Ext1-FIPS-PQ-2025-09", TlsVersion::Tls12),
    ("TLS13-1-2-Ext1-PQ-2025-09", TlsVersion::Tls12),
    ("TLS13-1-2-Ext2-2021-06", TlsVersion::Tls12),
    ("TLS13-1-2-Ext2-FIPS-2023-04", TlsVersion::Tls12),
    ("TLS13-1-2-Ext2-FIPS-PQ-2025-09", TlsVersion::Tls12),
    ("TLS13-1-2-Ext2-PQ-2025-09", TlsVersion::Tls12),
    ("TLS13-1-2-FIPS-2023-04", TlsVersion::Tls12),
    ("TLS13-1-2-FIPS-PQ-2025-09", TlsVersion::Tls12),
    ("TLS13-1-2-PQ-2025-09", TlsVersion::Tls12),
    ("TLS13-1-2-Res-2021-06", TlsVersion::Tls12),
    ("TLS13-1-2-Res-FIPS-2023-04", TlsVersion::Tls12),
    ("TLS13-1-2-Res-FIPS-PQ-2025-09", TlsVersion::Tls12),
    ("TLS13-1-2-Res-PQ-2025-09", TlsVersion::Tls12),
    ("TLS13-1-3-2021-06", TlsVersion::Tls13),
    ("TLS13-1-3-FIPS-2023-04", TlsVersion::Tls13),
    ("TLS13-1-3-FIPS-PQ-2025-09", TlsVersion::Tls13),
    ("TLS13-1-3-PQ-2025-09", TlsVersion::Tls13),
];

/// Returns the oldest version of TLS that the predefined policy `name` accepts; `None` of names that the table lacks.
pub(crate) fn min_version(name: &str) -> Option<TlsVersion> {
    let rest = name.strip_prefix(PREFIX)?;
    POLICIES
        .iter()
        .find(|(policy, _)| *policy == rest)
        .map(|(_, version)| *version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_policies_are_known() {
        assert_eq!(min_version("ELBSecurityPolicy-2016-08"), Some(TlsVersion::Tls10));
        assert_eq!(
            min_version("ELBSecurityPolicy-TLS13-1-3-2021-06"),
            Some(TlsVersion::Tls13)
        );
        assert_eq!(min_version("ELBSecurityPolicy-TLS13-1-2-2099-01"), None);
        assert_eq!(min_version("TLS13-1-3-2021-06"), None);
    }

    #[test]
    fn a_name_with_a_version_means_that_version() {
        for (name, version) in POLICIES {
            let by_name = [
                ("-1-0-", TlsVersion::Tls10),
                ("-1-1-", TlsVersion::Tls11),
                ("-1-2-", TlsVersion::Tls12),
                ("-1-3-", TlsVersion::Tls13),
            ];
            if let Some((_, expected)) = by_name.iter().find(|(part, _)| name.contains(part)) {
                assert_eq!(version, expected, "{name}");
            }
        }
    }
}
