//! Which neighbors a policy may ask for.

use nephoscope_model::{Kind, Provider, Resource, ResourceKey};

/// The neighbors of one resource under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Their kind.
    pub kind: Kind,
    /// Their keys; empty where the resource does not say.
    pub keys: Vec<ResourceKey>,
}

/// One row of the table of relations.
#[derive(Clone, Copy)]
pub struct RelationInfo {
    /// The name under `input.related`.
    pub name: &'static str,
    /// The kind of the neighbors.
    pub kind: &'static str,
    /// One line on what it is.
    pub summary: &'static str,
    keys: fn(&Resource) -> Vec<ResourceKey>,
}

// Adding a relation is one row here.
const RELATIONS: &[RelationInfo] = &[RelationInfo {
    name: "account",
    kind: "account.scope",
    summary: "The account, subscription or project that the resource belongs to",
    keys: |resource| account(resource).into_iter().collect(),
}];

/// Returns the relations that a policy may name under `needs`.
pub fn relations() -> &'static [RelationInfo] {
    RELATIONS
}

/// Returns the neighbors of `resource` under `name`; `None` when there is no such relation.
pub fn relation(resource: &Resource, name: &str) -> Option<Relation> {
    let info = RELATIONS.iter().find(|info| info.name == name)?;
    Some(Relation {
        kind: Kind::named(info.kind)?,
        keys: (info.keys)(resource),
    })
}

/// Returns the key of an account, subscription or project.
///
/// AWS has no ARN for an account as such, so its key follows the pattern of types without one, with the type name
/// that Security Hub gives accounts.
pub fn account_key(provider: Provider, account: &str) -> ResourceKey {
    ResourceKey(match provider {
        Provider::Aws => format!("aws:{account}::AWS::::Account:{account}"),
        Provider::Azure => format!("/subscriptions/{}", account.to_ascii_lowercase()),
        Provider::Gcp => format!("//cloudresourcemanager.googleapis.com/projects/{account}"),
        Provider::File => format!("file:{account}"),
    })
}

fn account(resource: &Resource) -> Option<ResourceKey> {
    // Cloud Asset Inventory names a project by number, while most resources are named by the project's id.
    let stated = resource
        .relationships
        .iter()
        .find(|link| link.name == crate::gcp::PROJECT_LINK);
    if let (Provider::Gcp, Some(link)) = (resource.provider, stated) {
        return Some(ResourceKey(link.target.clone()));
    }
    (!resource.account.is_empty()).then(|| account_key(resource.provider, &resource.account))
}
