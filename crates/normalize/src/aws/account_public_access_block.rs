//! `AWS::S3::AccountPublicAccessBlock` → `account.scope`.
//!
//! Source: Amazon S3 API Reference `PublicAccessBlockConfiguration`, AWS Config resource schema, read 2026-11-23.

use std::collections::BTreeMap;

use nephoscope_model::kinds::{AccountScope, StorageGuards};
use nephoscope_model::{Fact, Gap, Kind, Provider, Reason, Resource, State};
use serde::Deserialize;
use serde_json::Value;

use super::{CONFIG, CONFIGURATION, cloudtrail_trail};
use crate::audited::audited;
use crate::group::{Built, Context, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Role, Source, source};
use crate::relation::account_key;

pub(crate) const NATIVE_TYPE: &str = "AWS::S3::AccountPublicAccessBlock";

const SOURCES: &[Source] = &[
    source(
        "/storage_guards/block_public_acls",
        "/configuration/blockPublicAcls",
        Absence::Default("false"),
    ),
    source(
        "/storage_guards/ignore_public_acls",
        "/configuration/ignorePublicAcls",
        Absence::Default("false"),
    ),
    source(
        "/storage_guards/block_public_policy",
        "/configuration/blockPublicPolicy",
        Absence::Default("false"),
    ),
    source(
        "/storage_guards/restrict_public_buckets",
        "/configuration/restrictPublicBuckets",
        Absence::Default("false"),
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: NATIVE_TYPE,
    kind: "account.scope",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<PublicAccessBlock>(CONFIGURATION)?)),
    build,
    role: Role::Whole,
    key: Some(|resource| {
        // The resource's id is the account's; the item of a deleted block has no account field.
        let account = if resource.account.is_empty() {
            &resource.id
        } else {
            &resource.account
        };
        Some(account_key(Provider::Aws, account).0)
    }),
    ..Mapping::BASE
};

/// The four settings, of an account or a bucket.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublicAccessBlock {
    #[serde(default, deserialize_with = "json::flag")]
    pub(crate) block_public_acls: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    pub(crate) ignore_public_acls: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    pub(crate) block_public_policy: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    pub(crate) restrict_public_buckets: Option<bool>,
}

impl PublicAccessBlock {
    /// Returns the settings as facts; what is left out is off.
    pub(crate) fn guards(&self) -> StorageGuards {
        let known = |value: Option<bool>| Fact::Known(value.unwrap_or(false));
        StorageGuards {
            block_public_acls: known(self.block_public_acls),
            ignore_public_acls: known(self.ignore_public_acls),
            block_public_policy: known(self.block_public_policy),
            restrict_public_buckets: known(self.restrict_public_buckets),
        }
    }
}

/// Returns guards of which nothing is known.
pub(crate) fn unknown_guards(gap: &Gap) -> StorageGuards {
    let unknown = || Fact::Unknown(gap.clone());
    StorageGuards {
        block_public_acls: unknown(),
        ignore_public_acls: unknown(),
        block_public_policy: unknown(),
        restrict_public_buckets: unknown(),
    }
}

/// Returns the account's guards as a resource of that account sees them: read, or known to be off because the account was
/// read in full without them, or unknown.
pub(crate) fn guards_over(resource: &Resource, context: &Context<'_>) -> StorageGuards {
    let key = account_key(Provider::Aws, &resource.account);
    match context.neighbor(&key.0, NATIVE_TYPE) {
        Some(piece) if piece.resource.state == State::Deleted => PublicAccessBlock::default().guards(),
        Some(piece) => match piece.get::<Option<PublicAccessBlock>>() {
            Found::Read(_, Some(block)) => block.guards(),
            Found::Failed(gap) => unknown_guards(&gap),
            Found::Read(_, None) | Found::Missing => unknown_guards(&not_read(&resource.account)),
        },
        None if context.read_in_full(resource, NATIVE_TYPE) => PublicAccessBlock::default().guards(),
        None => unknown_guards(&not_read(&resource.account)),
    }
}

fn not_read(account: &str) -> Gap {
    let account = if account.is_empty() {
        "an account that is not named"
    } else {
        account
    };
    Gap::with(Reason::NotRead, format!("{NATIVE_TYPE} of {account}"))
}

fn build(group: &Group<'_>) -> Built {
    let storage_guards = match group.native::<Option<PublicAccessBlock>>() {
        Found::Read(_, Some(block)) => block.guards(),
        _ => unknown_guards(&Gap::with(Reason::NotRead, "configuration")),
    };
    Built::new(&AccountScope {
        storage_guards,
        audit_trail: audit_trail(&group.main.resource, group.context),
        ..AccountScope::default()
    })
}

/// A trail of every region has its home in any of them.
fn audit_trail(account: &Resource, context: &Context<'_>) -> Fact<bool> {
    let all_read = context.read_everywhere(account, cloudtrail_trail::NATIVE_TYPE);
    audited(context, account, cloudtrail_trail::NATIVE_TYPE, all_read)
}

/// Returns a resource for each account that has buckets, was read in full and has no block: that it has none is a
/// fact to judge. It is named by one of its buckets; `buckets` holds one for each account.
pub(crate) fn implied<'b>(buckets: impl Iterator<Item = &'b Resource>, context: &Context<'_>) -> Vec<Resource> {
    buckets
        .filter(|bucket| {
            context.read_in_full(bucket, NATIVE_TYPE)
                && context
                    .neighbor(&account_key(Provider::Aws, &bucket.account).0, NATIVE_TYPE)
                    .is_none()
        })
        .filter_map(|bucket| none(bucket, context))
        .collect()
}

fn none(bucket: &Resource, context: &Context<'_>) -> Option<Resource> {
    let account = bucket.account.as_str();
    let resource = Resource {
        id: account.to_owned(),
        key: account_key(Provider::Aws, account),
        kind: Kind::named("account.scope")?,
        native_type: NATIVE_TYPE.to_owned(),
        name: account.to_owned(),
        account: account.to_owned(),
        region: "global".to_owned(),
        native_region: String::new(),
        tags: BTreeMap::new(),
        created_at: None,
        changed_at: None,
        state_id: None,
        relationships: Vec::new(),
        attributes: Value::Null,
        unknown: Vec::new(),
        mapping: None,
        ..bucket.clone()
    };
    let built = Built::new(&AccountScope {
        storage_guards: PublicAccessBlock::default().guards(),
        audit_trail: audit_trail(&resource, context),
        ..AccountScope::default()
    });
    Some(Resource {
        attributes: built.attributes,
        unknown: built.unknown,
        ..resource
    })
}
