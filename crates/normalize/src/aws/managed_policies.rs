//! Policies that AWS itself keeps in every account, by their ARN: the account in it is `aws`.
//!
//! Nobody else can write or change them, and no item of AWS Config holds them, so that what they allow is known from
//! their documents alone. AdministratorAccess is the one that "grants all actions for all AWS services and for all
//! resources". PowerUserAccess leaves out `iam:*`, `organizations:*` and `account:*`; IAMFullAccess allows `iam:*` and
//! nothing else that changes anything, so that it is the right to become an administrator but not administration. Of the
//! 1,388 documents that were published until February 2025, no other one allows every action or has `NotAction`.
//!
//! Source: AWS Managed Policy Reference `AdministratorAccess`, `PowerUserAccess`, `IAMFullAccess`; IAM User Guide "AWS
//! managed policies", "AWS managed policies for job functions"; read 2026-11-25. The documents:
//! github.com/z0ph/MAMIP, as of 2025-02-22.

/// Names of those that allow everything on everything, without condition.
const FULL: &[&str] = &["AdministratorAccess"];

/// Returns whether the AWS managed policy with this ARN allows everything; `None` for a policy of anybody else.
pub(crate) fn full_admin(arn: &str) -> Option<bool> {
    let (partition, name) = arn.strip_prefix("arn:")?.split_once(":iam::aws:policy/")?;
    partition.starts_with("aws").then(|| FULL.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_administrator_access_of_aws_itself_allows_everything() {
        for (arn, full) in [
            ("arn:aws:iam::aws:policy/AdministratorAccess", Some(true)),
            ("arn:aws-cn:iam::aws:policy/AdministratorAccess", Some(true)),
            ("arn:aws-us-gov:iam::aws:policy/AdministratorAccess", Some(true)),
            ("arn:aws:iam::aws:policy/AdministratorAccess-Amplify", Some(false)),
            ("arn:aws:iam::aws:policy/PowerUserAccess", Some(false)),
            ("arn:aws:iam::aws:policy/IAMFullAccess", Some(false)),
            ("arn:aws:iam::aws:policy/job-function/SystemAdministrator", Some(false)),
            ("arn:aws:iam::111122223333:policy/AdministratorAccess", None),
            ("AdministratorAccess", None),
            ("", None),
        ] {
            assert_eq!(full_admin(arn), full, "{arn}");
        }
    }
}
