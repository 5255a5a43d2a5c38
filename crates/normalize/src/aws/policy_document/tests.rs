use serde_json::value::RawValue;

use super::*;

fn everything(statement: &str) -> bool {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{statement}}}}}"#);
    statements(&text, "policy")
        .unwrap()
        .iter()
        .any(Statement::allows_everything)
}

#[test]
fn everything_has_many_spellings() {
    for (statement, expected) in [
        (r#""Action":"*","Resource":"*""#, true),
        (r#""Action":["s3:GetObject","*:*"],"Resource":["*"]"#, true),
        (r#""Action":"*","Resource":"arn:aws:*""#, true),
        (r#""Action":"*","Resource":"arn:aws-cn:*:*:*:*""#, true),
        (r#""Action":"*","Resource":"*","Condition":{}"#, true),
        (r#""NotAction":"s3:DeleteBucket","Resource":"*""#, true),
        (
            r#""NotAction":["organizations:*","iam:CreateUser"],"Resource":"*""#,
            true,
        ),
        (r#""Action":"*","NotResource":"arn:aws:s3:::audit/*""#, true),
        (r#""NotAction":["iam:*","organizations:*"],"Resource":"*""#, false),
        (r#""NotAction":"*","Resource":"*""#, false),
        (r#""Action":"*","NotResource":"arn:aws:iam::*:*""#, false),
        (r#""Action":"iam:*","Resource":"*""#, false),
        (r#""Action":["s3:*","ec2:*"],"Resource":"*""#, false),
        (r#""Action":"*","Resource":"arn:aws:s3:::b/*""#, false),
        (r#""Action":"*""#, false),
        (
            r#""Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
            false,
        ),
    ] {
        assert_eq!(everything(statement), expected, "{statement}");
    }
    let deny = r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    assert!(
        !statements(deny, "policy")
            .unwrap()
            .iter()
            .any(Statement::allows_everything)
    );
}

#[test]
fn a_document_is_read_in_every_form() {
    let plain = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let encoded: String = plain.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mixed = plain.replace('{', "%7B").replace('"', "%22").replace('}', "%7d");
    for text in [
        plain.to_owned(),
        format!("[{plain}]"),
        serde_json::to_string(plain).unwrap(),
        format!("\"{encoded}\""),
        format!("\"{mixed}\""),
    ] {
        let raw = RawValue::from_string(text.clone()).unwrap();
        assert_eq!(document(&raw, "policy").unwrap().len(), 1, "{text}");
    }
    for text in ["[]", "\"%7B%\"", "[1,2]", "7"] {
        let raw = RawValue::from_string(text.to_owned()).unwrap();
        assert!(document(&raw, "policy").is_err(), "{text}");
    }
}
