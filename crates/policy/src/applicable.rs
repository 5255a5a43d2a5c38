//! Which attributes a provider does not have, by the schema's `x-providers`.

use nephoscope_model::{Provider, pointer};
use serde_json::Value;

/// Returns the providers that have the attribute at `path` (a pointer into the attributes, `*` for elements),
/// or `None` when every provider has it.
pub(crate) fn providers(schema: &Value, path: &str) -> Option<Vec<Provider>> {
    let mut node = schema;
    let mut narrowest = listed(node);
    for token in pointer::tokens(path) {
        let child = node
            .get("properties")
            .and_then(|properties| properties.get(&token))
            .or_else(|| node.get("items"));
        let Some(child) = child else {
            break;
        };
        node = child;
        narrowest = listed(node).or(narrowest);
    }
    narrowest
}

fn listed(node: &Value) -> Option<Vec<Provider>> {
    let names = node.get("x-providers")?.as_array()?;
    let all = Provider::ALL;
    let known = names
        .iter()
        .filter_map(|name| all.into_iter().find(|provider| name == provider.as_str()));
    Some(known.collect())
}

/// Returns the schema of the attribute at `path`, with `*` for elements; `None` where there is no such attribute.
pub(crate) fn attribute<'s>(schema: &'s Value, path: &str) -> Option<&'s Value> {
    pointer::tokens(path).try_fold(schema, |node, token| {
        let child = node.get("properties").and_then(|properties| properties.get(&token));
        child.or_else(|| node.get("items").filter(|_| token == "*"))
    })
}

#[cfg(test)]
mod tests {
    use nephoscope_model::{Kind, kind_schema};

    use super::*;

    #[test]
    fn an_attribute_of_one_cloud_is_found_below_its_mark() {
        let bucket = kind_schema(Kind::named("storage.bucket").unwrap()).unwrap();
        assert_eq!(providers(&bucket, "/tls/min_version"), Some(vec![Provider::Azure]));
        assert_eq!(providers(&bucket, "/tls"), None);
        assert_eq!(providers(&bucket, "/public_access/grants/*/effective"), None);
        let account = kind_schema(Kind::named("account.scope").unwrap()).unwrap();
        let below = "/storage_guards/block_public_acls";
        assert_eq!(providers(&account, below), Some(vec![Provider::Aws]));
        assert!(attribute(&bucket, "/public_access/grants/*/effective").is_some());
        assert!(attribute(&bucket, "/public_access/grant").is_none());
    }
}
