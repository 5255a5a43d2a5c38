use super::*;
use serde_json::json;

fn configuration() -> Configuration {
    let configuration = json!({
        "provider_config": {
            "aws": {"expressions": {"region": {"constant_value": "eu-west-1"}}},
            "aws.west": {"expressions": {"region": {"references": ["var.west"]}}},
            "google": {"expressions": {"project": {"constant_value": "p"}, "region": {"references": ["local.r"]}}}
        },
        "root_module": {
            "resources": [
                {"address": "aws_s3_bucket_policy.a", "provider_config_key": "aws.west", "expressions": {
                    "bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]},
                    "policy": {"constant_value": "x"},
                    "rule": [{"group": {"references": ["module.m.group"]}}, {"group": {"references": ["local.g"]}}]}},
                {"address": "aws_s3_bucket_acl.each", "expressions": {
                    "bucket": {"references": ["aws_s3_bucket.many", "each.key"]}}},
                {"address": "aws_s3_bucket_acl.first", "expressions": {
                    "bucket": {"references": ["aws_s3_bucket.many[\"x.y\"].id", "aws_s3_bucket.many[\"x.y\"]", "aws_s3_bucket.many"]}}}
            ],
            "module_calls": {"m": {
                "expressions": {"name": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}},
                "module": {
                    "outputs": {"group": {"expression": {"references": ["aws_security_group.g.id", "aws_security_group.g"]}}},
                    "resources": [{"address": "aws_x.y", "expressions": {"bucket": {"references": ["var.name"]}}}]
                }
            }}
        }
    });
    let mut made = Configuration::new(configuration, json!({"west": {"value": "us-west-2"}}));
    made.learn(
        [
            "aws_s3_bucket.b",
            "aws_s3_bucket.many[\"x.y\"]",
            "aws_s3_bucket.many[\"z\"]",
            "module.m[0].aws_security_group.g",
            "module.m[0].aws_x.y",
        ]
        .into_iter(),
    );
    made
}

#[test]
fn quirk_32_references_are_resolved_through_modules_and_instances() {
    let made = configuration();
    let found = made.references("aws_s3_bucket_policy.a", "");
    assert_eq!(found["/bucket"], ["aws_s3_bucket.b"]);
    assert_eq!(found["/rule/0/group"], ["module.m[0].aws_security_group.g"]);
    assert_eq!(found["/rule/1/group"], ["local.g"]);
    assert!(!found.contains_key("/policy"));
    let inside = made.references("module.m[0].aws_x.y", "module.m[0]");
    assert_eq!(inside["/bucket"], ["aws_s3_bucket.b"]);
    let each = made.references("aws_s3_bucket_acl.each[\"z\"]", "");
    assert_eq!(each["/bucket"], ["aws_s3_bucket.many[\"z\"]", "each.key"]);
    let first = made.references("aws_s3_bucket_acl.first", "");
    assert_eq!(first["/bucket"], ["aws_s3_bucket.many[\"x.y\"]"]);
}

#[test]
fn provider_constants_come_from_the_block_in_use() {
    let made = configuration();
    assert_eq!(
        made.provider("aws_s3_bucket_policy.a", Provider::Aws)["region"],
        "us-west-2"
    );
    assert_eq!(
        made.provider("aws_s3_bucket_acl.first", Provider::Aws)["region"],
        "eu-west-1"
    );
    let google = made.provider("google_x.y", Provider::Gcp);
    assert_eq!(google.len(), 1);
    assert_eq!(google["project"], "p");
}

#[test]
fn addresses_are_split_outside_brackets() {
    assert_eq!(
        plain("module.a[\"k.l\"].module.b[0].t.n[\"x\"]"),
        "module.a.module.b.t.n"
    );
    assert_eq!(
        module_of("module.a[\"k.l\"].module.b[0].t.n[\"x\"]"),
        "module.a[\"k.l\"].module.b[0]"
    );
    assert_eq!(module_of("t.n"), "");
    assert_eq!(outer_instance("module.a[\"k.l\"].module.b[0]"), "module.a[\"k.l\"]");
    assert_eq!(outer_instance("module.a"), "");
    assert_eq!(steps("module.a[\"k.l\"].module.b[0]"), ["a", "b"]);
    assert_eq!(key_of("t.n[\"x.y\"]"), "[\"x.y\"]");
}
