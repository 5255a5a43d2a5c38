use super::super::policy_document::statements;
use super::*;

const ACCOUNT: &str = "111122223333";

fn trusted(statement: &str) -> Vec<(String, Option<TrustOrigin>, Option<Narrowing>)> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
    (trusts(&statements(&text, "trust policy").unwrap(), ACCOUNT).into_iter())
        .map(|trust| {
            let (origin, narrowing) = (trust.origin.value().copied(), trust.narrowing.value().copied());
            (trust.principal, origin, narrowing)
        })
        .collect()
}

fn narrowing_of(condition: &str) -> Option<Narrowing> {
    let found = trusted(&format!(
        r#"[{{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Condition":{condition}}}]"#
    ));
    found[0].2
}

#[test]
fn principals_are_seen_from_the_role() {
    use TrustOrigin::{Everyone, Federated, OtherAccount, SameAccount, Service};
    for (principal, expected) in [
        (r#""*""#, Some(Everyone)),
        (r#"{"AWS":["*"]}"#, Some(Everyone)),
        (r#"{"AWS":"111122223333"}"#, Some(SameAccount)),
        (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, Some(SameAccount)),
        (r#"{"AWS":"arn:aws-cn:iam::444455556666:role/r"}"#, Some(OtherAccount)),
        (r#"{"AWS":"444455556666"}"#, Some(OtherAccount)),
        (r#"{"Service":"ec2.amazonaws.com"}"#, Some(Service)),
        (r#"{"Federated":"accounts.google.com"}"#, Some(Federated)),
        (r#"{"AWS":"somebody"}"#, None),
        (r#"{"CanonicalUser":"0"}"#, None),
    ] {
        let found = trusted(&format!(
            r#"[{{"Effect":"Allow","Principal":{principal},"Action":"sts:*"}}]"#
        ));
        assert_eq!(found.len(), 1, "{principal}");
        assert_eq!(found[0].1, expected, "{principal}");
    }
    let gone = r#"[{"Effect":"Allow","Principal":{"AWS":"AROAEXAMPLEEXAMPLE0"},"Action":"sts:AssumeRole"}]"#;
    assert!(trusted(gone).is_empty());
    let but = r#"[{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]"#;
    assert_eq!(trusted(but), [("*".to_owned(), Some(Everyone), Some(Narrowing::None))]);
    assert!(trusted(r#"[{"Effect":"Allow","Principal":"*","Action":"sts:TagSession"}]"#).is_empty());
}

#[test]
fn conditions_have_ranks() {
    for (condition, expected) in [
        (
            r#"{"StringEquals":{"sts:ExternalId":"example"}}"#,
            Narrowing::ExternalId,
        ),
        (r#"{"StringLike":{"sts:ExternalId":"*"}}"#, Narrowing::None),
        (
            r#"{"StringEqualsIfExists":{"sts:ExternalId":"example"}}"#,
            Narrowing::None,
        ),
        (
            r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1234567890"}}"#,
            Narrowing::Fixed,
        ),
        (r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#, Narrowing::Mfa),
        (
            r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}"#,
            Narrowing::None,
        ),
        (r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":3600}}"#, Narrowing::Mfa),
        (r#"{"StringEquals":{"sts:RoleSessionName":"a"}}"#, Narrowing::None),
        (
            r#"{"Bool":{"aws:MultiFactorAuthPresent":true},"StringEquals":{"aws:PrincipalAccount":"444455556666"}}"#,
            Narrowing::Fixed,
        ),
    ] {
        assert_eq!(narrowing_of(condition), Some(expected), "{condition}");
    }
}

#[test]
fn the_weakest_statement_counts() {
    let allow = r#""Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole""#;
    let condition = r#""Condition":{"StringEquals":{"sts:ExternalId":"example"}}"#;
    let both = trusted(&format!("[{{{allow},{condition}}},{{{allow}}}]"));
    assert_eq!(both.len(), 1);
    assert_eq!(both[0].2, Some(Narrowing::None));
}

#[test]
fn denials_narrow_or_leave_it_open_what_is_left() {
    let with = |deny: &str| {
        let allow = r#"{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}"#;
        trusted(&format!(r#"[{allow},{{"Effect":"Deny",{deny}}}]"#))[0].2
    };
    let all = r#""Principal":"*","Action":"sts:AssumeRole""#;
    let condition = |text: &str| with(&format!(r#"{all},"Condition":{text}"#));
    assert_eq!(with(all), Some(Narrowing::Fixed));
    assert_eq!(
        condition(r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-1234567890"}}"#),
        Some(Narrowing::Fixed)
    );
    assert_eq!(
        condition(r#"{"StringNotEquals":{"sts:ExternalId":"example"}}"#),
        Some(Narrowing::ExternalId)
    );
    assert_eq!(
        condition(r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#),
        Some(Narrowing::Mfa)
    );
    assert_eq!(condition(r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#), None);
    assert_eq!(
        with(r#""Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole""#),
        None
    );
    assert_eq!(
        with(r#""Principal":"*","Action":"sts:TagSession""#),
        Some(Narrowing::None)
    );
}
