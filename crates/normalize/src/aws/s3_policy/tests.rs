use nephoscope_model::Reason;

use super::*;

fn facts(statement: &str) -> PolicyFacts {
    read(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#), "b").unwrap()
}

fn allow(rest: &str) -> Option<GrantAccess> {
    let statement = format!(r#"{{"Effect":"Allow","Resource":"arn:aws:s3:::b/*",{rest}}}"#);
    facts(&statement).grants.first().map(|grant| grant.access)
}

#[test]
fn everyone_has_many_spellings() {
    for principal in [
        r#""Principal":"*""#,
        r#""Principal":{"AWS":"*"}"#,
        r#""Principal":{"AWS":["arn:aws:iam::111122223333:root","*"]}"#,
        r#""NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"}"#,
    ] {
        assert_eq!(
            allow(&format!(r#""Action":"s3:GetObject",{principal}"#)),
            Some(GrantAccess::Read),
            "{principal}"
        );
    }
    assert_eq!(allow(r#""Action":"s3:*","Principal":{"AWS":"111122223333"}"#), None);
    assert_eq!(allow(r#""Action":"s3:*","Principal":{"Service":"*"}"#), None);
}

#[test]
fn the_strongest_action_counts() {
    for (action, expected) in [
        (r#""s3:*""#, Some(GrantAccess::Admin)),
        (r#""*""#, Some(GrantAccess::Admin)),
        (r#"["s3:GetObject","s3:PutBucketAcl"]"#, Some(GrantAccess::Admin)),
        (r#""s3:Put*""#, Some(GrantAccess::Admin)),
        (r#""s3:PutObject""#, Some(GrantAccess::Write)),
        (r#""s3:DeleteObject*""#, Some(GrantAccess::Write)),
        (r#""s3:Get*""#, Some(GrantAccess::Read)),
        (r#""S3:getobject""#, Some(GrantAccess::Read)),
        (r#""s3:ListBucket""#, Some(GrantAccess::List)),
        (r#""s3:GetBucketAcl""#, Some(GrantAccess::List)),
        (r#""ec2:*""#, None),
    ] {
        assert_eq!(
            allow(&format!(r#""Principal":"*","Action":{action}"#)),
            expected,
            "{action}"
        );
    }
}

#[test]
fn only_fixed_values_keep_the_public_out() {
    for (condition, public) in [
        (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1234567890"}}"#, false),
        (r#"{"StringLike":{"aws:PrincipalOrgID":"o-*"}}"#, true),
        (
            r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"]}}"#,
            false,
        ),
        (
            r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2*/r-ab12/*"}}"#,
            true,
        ),
        (
            r#"{"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/*"}}"#,
            true,
        ),
        (r#"{"StringEquals":{"aws:VpceOrgID":"o-a1b2c3d4e5"}}"#, false),
        (
            r#"{"StringEquals":{"aws:PrincipalServiceName":"cloudtrail.amazonaws.com"}}"#,
            false,
        ),
        (r#"{"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"}}"#, true),
        (r#"{"StringEquals":{"aws:sourcevpce":["vpce-1","vpce-2"]}}"#, false),
        (r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#, true),
        (r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, false),
        (r#"{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","0.0.0.0/1"]}}"#, true),
        (
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:cloudfront::111122223333:distribution/*"}}"#,
            false,
        ),
        (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}}"#, true),
        (r#"{"Bool":{"aws:SecureTransport":true}}"#, true),
        (r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#, false),
        (r#"{"Bool":{"aws:PrincipalIsAWSService":"false"}}"#, true),
        (r#"{"StringEquals":{"aws:Referer":"https://example.com"}}"#, true),
    ] {
        let found = allow(&format!(
            r#""Principal":"*","Action":"s3:GetObject","Condition":{condition}"#
        ));
        assert_eq!(found.is_some(), public, "{condition}");
    }
}

#[test]
fn narrow_ranges_that_are_everyone_together_are_public() {
    let ranges = |count: u8| {
        let all: Vec<String> = (0..count).map(|first| format!(r#""{first}.0.0.0/8""#)).collect();
        let condition = format!(r#"{{"IpAddress":{{"aws:SourceIp":[{}]}}}}"#, all.join(","));
        allow(&format!(
            r#""Principal":"*","Action":"s3:GetObject","Condition":{condition}"#
        ))
    };
    assert_eq!(ranges(255), Some(GrantAccess::Read));
    assert_eq!(ranges(3), None);
}

#[test]
fn a_refusal_of_everyone_else_keeps_the_public_out() {
    let public = |deny: &str| {
        let grant = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;
        !facts(&format!(r#"[{grant},{{"Effect":"Deny",{deny}}}]"#))
            .grants
            .is_empty()
    };
    let all = r#""Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#;
    let condition = |text: &str| format!(r#"{all},"Condition":{text}"#);
    assert!(!public(all));
    assert!(!public(&condition(
        r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#
    )));
    assert!(!public(&condition(
        r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#
    )));
    assert!(public(&condition(r#"{"NotIpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#)));
    assert!(public(&condition(r#"{"StringEquals":{"aws:SourceVpce":"vpce-1"}}"#)));
    assert!(public(&condition(r#"{"Bool":{"aws:SecureTransport":"false"}}"#)));
    // It refuses where both hold, and who is left has one of the two.
    let two = r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1","aws:PrincipalAccount":"111122223333"}}"#;
    assert!(!public(&condition(two)));
    let perimeter = |operator: &str| {
        condition(&format!(
            r#"{{"StringNotEqualsIfExists":{{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}},"{operator}":{{"aws:PrincipalIsAWSService":"false"}}}}"#
        ))
    };
    assert!(!public(&perimeter("BoolIfExists")));
    assert!(public(&perimeter("Bool")), "requests without a signature");
    let tls = r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"},"Bool":{"aws:SecureTransport":"false"}}"#;
    assert!(public(&condition(tls)));
    assert!(public(r#""Principal":"*","Action":"s3:PutObject","Resource":"*""#));
    assert!(public(
        r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/private/*""#
    ));
}

#[test]
fn tls_is_required_only_by_a_denial_that_covers_every_object() {
    let deny = |action: &str, resource: &str, condition: &str| {
        let statement = format!(
            r#"[{{"Effect":"Deny","Principal":"*","Action":{action},"Resource":{resource},"Condition":{condition}}}]"#
        );
        facts(&statement).requires_tls
    };
    let plain = r#"{"Bool":{"aws:SecureTransport":"false"}}"#;
    let all = r#"["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#;
    assert!(deny(r#""s3:*""#, all, plain));
    assert!(deny(r#""*""#, r#""*""#, r#"{"Bool":{"aws:securetransport":[false]}}"#));
    let actions = r#"["s3:GetObject*","s3:PutObject","s3:Delete*","s3:List*"]"#;
    assert!(deny(actions, all, plain));
    assert!(
        !deny(r#"["s3:GetObject","s3:PutObject","s3:DeleteObject"]"#, all, plain),
        "the list of objects in plain text"
    );
    assert!(
        !deny(r#""s3:*""#, r#""arn:aws:s3:::b/*""#, plain),
        "the objects without their bucket"
    );
    assert!(
        !deny(r#""s3:*""#, r#""arn:aws:s3:::b""#, plain),
        "the bucket without its objects"
    );
    assert!(!deny(r#""s3:*""#, r#""arn:aws:s3:::b/logs/*""#, plain));
    assert!(!deny(r#""s3:GetObject""#, all, plain));
    assert!(!deny(r#""s3:*""#, all, r#"{"Bool":{"aws:SecureTransport":"true"}}"#));
    let two = r#"{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:SourceVpc":"vpc-1"}}"#;
    assert!(!deny(r#""s3:*""#, all, two));
}

#[test]
fn tls_may_be_required_by_several_statements_or_by_all_actions_but_some() {
    let rest = r#""Effect":"Deny","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#;
    let read = format!(r#"{{"Action":["s3:Get*","s3:List*"],"Resource":"*",{rest}}}"#);
    let write = format!(r#"{{"Action":["s3:Put*","s3:Delete*"],"Resource":"arn:aws:s3:::b/*",{rest}}}"#);
    assert!(facts(&format!("[{read},{write}]")).requires_tls);
    assert!(!facts(&format!("[{read}]")).requires_tls);
    let but = |action: &str| format!(r#"{{"NotAction":"{action}","Resource":"*",{rest}}}"#);
    assert!(facts(&but("s3:ListAllMyBuckets")).requires_tls);
    assert!(!facts(&but("s3:GetObject")).requires_tls);
}

#[test]
fn a_broken_policy_is_an_error() {
    assert_eq!(read("null", "b"), Ok(PolicyFacts::default()));
    assert_eq!(
        read("{\"Statement\":[{\"Effect\":1}]}", "b").unwrap_err().reason,
        Reason::ParseError
    );
    assert!(read("not json", "b").is_err());
}

#[test]
fn a_document_without_statements_is_an_error() {
    for text in [
        r#"{"Version":"2012-10-17","statement":[{"effect":"Allow","principal":"*","action":"s3:GetObject"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[]}"#,
        r#"{"Statement":null}"#,
        "{}",
    ] {
        assert_eq!(read(text, "b").unwrap_err().reason, Reason::ParseError, "{text}");
    }
}
