//! Who of the public reaches a bucket: grants against the guards of bucket and account.
//!
//! Source: Amazon S3 User Guide "Blocking public access to your Amazon S3 storage": of each setting the most
//! restrictive of bucket and account applies. Read 2026-11-23.

use nephoscope_model::Fact;
use nephoscope_model::kinds::{GrantAccess, GrantVia, Guard, PublicPrincipal, StorageGuards};

/// Returns the guards of bucket and account together.
pub(crate) fn either(bucket: &StorageGuards, account: &StorageGuards) -> StorageGuards {
    StorageGuards {
        block_public_acls: or(&bucket.block_public_acls, &account.block_public_acls),
        ignore_public_acls: or(&bucket.ignore_public_acls, &account.ignore_public_acls),
        block_public_policy: or(&bucket.block_public_policy, &account.block_public_policy),
        restrict_public_buckets: or(&bucket.restrict_public_buckets, &account.restrict_public_buckets),
    }
}

fn or(a: &Fact<bool>, b: &Fact<bool>) -> Fact<bool> {
    match (a, b) {
        (Fact::Known(true), _) | (_, Fact::Known(true)) => Fact::Known(true),
        (Fact::Unknown(gap), _) | (_, Fact::Unknown(gap)) => Fact::Unknown(gap.clone()),
        _ => Fact::Known(false),
    }
}

/// Returns the state of the switch: all four settings, none, or some.
pub(crate) fn guard(guards: &StorageGuards) -> Fact<Guard> {
    let settings = [
        &guards.block_public_acls,
        &guards.ignore_public_acls,
        &guards.block_public_policy,
        &guards.restrict_public_buckets,
    ];
    let on = settings.iter().any(|setting| **setting == Fact::Known(true));
    let off = settings
        .iter()
        .any(|setting| matches!(setting, Fact::Known(false) | Fact::Absent));
    let gap = settings.iter().find_map(|setting| setting.gap());
    match (on, off, gap) {
        // One on and one off is partial, whatever the others are.
        (true, true, _) => Fact::Known(Guard::Partial),
        (_, _, Some(gap)) => Fact::Unknown(gap.clone()),
        (true, false, None) => Fact::Known(Guard::On),
        (false, _, None) => Fact::Known(Guard::Off),
    }
}

/// Returns whether a grant by this mechanism takes effect under the guards of bucket and account together.
///
/// The two blocking settings only refuse new grants; what was granted before stays in effect.
pub(crate) fn effective(via: GrantVia, guards: &StorageGuards) -> Fact<bool> {
    let shut = match via {
        GrantVia::Acl => &guards.ignore_public_acls,
        GrantVia::Policy | GrantVia::Iam | GrantVia::Container => &guards.restrict_public_buckets,
    };
    shut.clone().or_default(false).map(|shut| !shut)
}

/// Returns the public that a grantee of an ACL is: by the names of the Java SDK (`AllUsers`) or by URI.
pub(crate) fn public_group(grantee: &str) -> Option<PublicPrincipal> {
    // Source: Amazon S3 User Guide "Access control list (ACL) overview", predefined groups.
    match grantee.rsplit('/').next()? {
        "AllUsers" => Some(PublicPrincipal::Everyone),
        "AuthenticatedUsers" => Some(PublicPrincipal::AnyAuthenticated),
        _ => None,
    }
}

/// Returns what a permission of a bucket's ACL allows: `FULL_CONTROL` or `FullControl`, and so on.
pub(crate) fn acl_access(permission: &str) -> GrantAccess {
    match permission.replace('_', "").to_ascii_uppercase().as_str() {
        "WRITE" => GrantAccess::Write,
        // On a bucket `READ` lists its objects.
        "READ" | "READACP" => GrantAccess::List,
        // `FULL_CONTROL` and `WRITE_ACP`; what is not known may be as strong.
        _ => GrantAccess::Admin,
    }
}

#[cfg(test)]
mod tests {
    use nephoscope_model::{Gap, Reason};

    use super::*;

    fn guards(settings: [Fact<bool>; 4]) -> StorageGuards {
        let [
            block_public_acls,
            ignore_public_acls,
            block_public_policy,
            restrict_public_buckets,
        ] = settings;
        StorageGuards {
            block_public_acls,
            ignore_public_acls,
            block_public_policy,
            restrict_public_buckets,
        }
    }

    #[test]
    fn an_unread_account_decides_only_where_the_bucket_does_not() {
        let unread = || Fact::Unknown(Gap::with(Reason::NotRead, "block"));
        let account = guards([unread(), unread(), unread(), unread()]);
        let on = || Fact::Known(true);
        let off = || Fact::Known(false);
        assert_eq!(
            guard(&either(&guards([on(), on(), on(), on()]), &account)),
            Fact::Known(Guard::On)
        );
        assert!(
            guard(&either(&guards([on(), off(), on(), on()]), &account))
                .gap()
                .is_some()
        );
        assert!(
            guard(&either(&guards([off(), off(), off(), off()]), &account))
                .gap()
                .is_some()
        );
        let known = guards([off(), off(), on(), on()]);
        let both = either(&guards([on(), on(), off(), off()]), &known);
        assert_eq!(guard(&both), Fact::Known(Guard::On));
        assert_eq!(guard(&known), Fact::Known(Guard::Partial));
        assert_eq!(effective(GrantVia::Acl, &known), Fact::Known(true));
        assert_eq!(effective(GrantVia::Policy, &known), Fact::Known(false));
        assert!(effective(GrantVia::Policy, &account).gap().is_some());
    }
}
