//! Resources as the Azure Resource Manager API returns them: one, a list, `{"value": […], "nextLink"}`.
//!
//! Source: Azure REST API reference, common list and get replies, and recorded replies, read 2026-11-23.

use std::borrow::Cow;
use std::collections::BTreeSet;

use nephoscope_model::{Dialect, Gap, GapScope, Provider, RawJson, Reason, ScopeRead, State};
use serde::Deserialize;

use crate::check::Valid;
use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::sink::{Draft, Sink};
use crate::text::Stop;
use crate::walk::{Step, each, end, walk};

pub(super) fn fits_resource(shape: &Shape) -> bool {
    looks_like_resource(shape.one())
}

pub(super) fn fits_list(shape: &Shape) -> bool {
    match shape.get("value") {
        Some(Shape::Array(None)) => true,
        Some(Shape::Array(Some(first))) => looks_like_resource(first),
        _ => false,
    }
}

fn looks_like_resource(shape: &Shape) -> bool {
    let Some(id) = shape.text("id") else { return false };
    let typed = shape.text("type").is_some_and(|kind| kind.contains('/'));
    // Below the tenant there are management groups and tenant-wide definitions, which have a type.
    is_resource_id(id, typed)
        && (typed || (type_of(id).is_some() && shape.has_any(&["properties", "location", "subscriptionId"])))
}

fn is_resource_id(id: &str, typed: bool) -> bool {
    // Some services leave out the slash in front.
    let lower = id.trim_start_matches('/').to_ascii_lowercase();
    lower.starts_with("subscriptions/") || (typed && lower.starts_with("providers/microsoft."))
}

/// Returns the type that an id spells: its namespace and every other part after it.
///
/// The last `/providers/` counts, since extension resources carry the id of what they extend.
fn type_of(id: &str) -> Option<String> {
    let parts: Vec<&str> = id.trim_start_matches('/').split('/').collect();
    let provider = parts.iter().rposition(|part| part.eq_ignore_ascii_case("providers"));
    match provider {
        Some(at) => {
            let mut rest = parts.iter().skip(at + 1);
            let mut name = (*rest.next()?).to_owned();
            let rest: Vec<&&str> = rest.collect();
            if rest.is_empty() || !rest.len().is_multiple_of(2) {
                return None;
            }
            for part in rest.iter().step_by(2) {
                name.push('/');
                name.push_str(part);
            }
            Some(name)
        }
        None => match parts.as_slice() {
            [_, _] => Some("Microsoft.Resources/subscriptions".to_owned()),
            [_, _, group, _] if group.eq_ignore_ascii_case("resourcegroups") => {
                Some("Microsoft.Resources/subscriptions/resourceGroups".to_owned())
            }
            _ => None,
        },
    }
}

/// The fields that decide what becomes of a resource.
#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type")]
    native_type: Option<Cow<'a, str>>,
}

/// Gives one resource or row.
pub(super) fn give(sink: &mut Sink<'_>, body: RawJson, value: &Valid, dialect: Dialect) {
    let place = value.place;
    let what = if dialect == Dialect::AzureArm {
        "a resource"
    } else {
        "a row"
    };
    let header: Header<'_> = match serde_json::from_str(body.get()) {
        Ok(header) => header,
        Err(error) => {
            let message = super::aws_config_item::plain(&error);
            sink.broken(
                Reason::ParseError,
                format!("{what} that cannot be understood: {message}"),
                place,
            );
            return;
        }
    };
    let scope = GapScope {
        provider: Some(Provider::Azure),
        native_type: header.native_type.as_deref().map(str::to_owned),
        resource: header.id.as_deref().map(str::to_owned),
        ..GapScope::default()
    };
    let Some(id) = header.id.as_deref().filter(|id| !id.is_empty()) else {
        let message = format!("{what} without `id` (help: let the query give `id` and `type`)");
        sink.gap(Gap::new(Reason::ParseError), message, Some(place), scope, true);
        return;
    };
    let stated = header.native_type.as_deref().filter(|name| !name.is_empty());
    let native_type = match stated {
        Some(name) => name.to_owned(),
        None => match type_of(id).filter(|_| dialect == Dialect::AzureArm) {
            Some(name) => name,
            None => {
                let message = format!("{what} without `type`: `{id}` (help: let the query give `id` and `type`)");
                sink.gap(Gap::new(Reason::ParseError), message, Some(place), scope, true);
                return;
            }
        },
    };
    let draft = Draft {
        provider: Provider::Azure,
        native_type,
        dialect,
        observed_at: None,
        state: State::Live,
        body,
    };
    sink.document(draft, place, value.length, String::new());
}

pub(super) fn read_resources(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    each(job.text, job.limits, job.sink, &mut |sink, value| {
        let body = value.raw.clone();
        give(sink, body, &value, Dialect::AzureArm);
    })?;
    Ok(Done::default())
}

pub(super) fn read_list(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    let steps = |path: &[String]| match path {
        [] => Step::Enter,
        [key] if key == "value" => Step::Each,
        _ => Step::Take,
    };
    let mut more = None;
    let mut lists = BTreeSet::new();
    walk(job.text, job.limits, job.sink, &steps, &mut |sink, piece| {
        if piece.element {
            let body = piece.value.raw.clone();
            lists.insert(list_of(&body));
            give(sink, body, &piece.value, Dialect::AzureArm);
        } else if is_link(piece.path, &piece.value) {
            more = Some(piece.value.place);
        }
    })?;
    end(job.text)?;
    if let Some(place) = more {
        let message = "the reply says that more resources follow (`nextLink`), which are not in this input";
        let scope = GapScope {
            provider: Some(Provider::Azure),
            ..GapScope::default()
        };
        job.sink
            .gap(Gap::new(Reason::Truncated), message, Some(place), scope, true);
    }
    // A list reply without a next page holds every child of its parent; every extension only where it is the list of these.
    if job.sink.incomplete == 0 {
        let of_one = lists.len() == 1;
        let read = (lists.into_iter().flatten()).filter(|list| of_one || !list.extension);
        read.for_each(|list| job.sink.scope_read(list.scope));
    }
    Ok(Done::default())
}

/// Extension resources of which each resource has a list of its own, which is read without a filter and without pages.
///
/// Source: Azure REST API reference `Diagnostic Settings - List`, read 2026-11-25. Others (role assignments) are listed with
/// those of the scopes above and below.
const EXTENSIONS: &[&str] = &["microsoft.insights/diagnosticsettings"];

/// The list that a resource is an element of.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct List {
    scope: ScopeRead,
    extension: bool,
}

/// Returns of which list a child or extension resource is an element: its type below its parent.
fn list_of(body: &RawJson) -> Option<List> {
    let header: Header<'_> = serde_json::from_str(body.get()).ok()?;
    // Those of a subscription are written without the slash at the beginning.
    let id = format!("/{}", header.id?.trim_start_matches('/').to_ascii_lowercase());
    let native_type = type_of(&id)?;
    // `namespace/type` is a resource of its own, or an extension; what is named below it is a child.
    let child = native_type.matches('/').count() > 1;
    let extension = EXTENSIONS.contains(&native_type.as_str());
    let subscription = id.trim_start_matches('/').split('/').nth(1)?.to_owned();
    let mut parts: Vec<&str> = id.split('/').collect();
    parts.truncate(parts.len().saturating_sub(2));
    (child || extension).then(|| List {
        scope: ScopeRead {
            provider: Provider::Azure,
            account: subscription,
            region: None,
            native_type: Some(native_type),
            within: Some(parts.join("/")),
        },
        extension,
    })
}

fn is_link(path: &[String], value: &Valid) -> bool {
    matches!(path, [key] if matches!(key.as_str(), "nextLink" | "@odata.nextLink" | "odata.nextLink"))
        && !matches!(value.raw.get(), "null" | "\"\"")
}

#[cfg(test)]
mod tests {
    use super::type_of;

    #[test]
    fn quirk_21_the_id_spells_the_type_of_children_and_extensions() {
        for (id, name) in [
            ("/subscriptions/s", Some("Microsoft.Resources/subscriptions")),
            (
                "/subscriptions/s/resourceGroups/g",
                Some("Microsoft.Resources/subscriptions/resourceGroups"),
            ),
            (
                "/subscriptions/s/resourcegroups/g",
                Some("Microsoft.Resources/subscriptions/resourceGroups"),
            ),
            (
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/a/firewallRules/b",
                Some("Microsoft.Sql/servers/firewallRules"),
            ),
            (
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/a/providers/microsoft.insights/diagnosticSettings/d",
                Some("microsoft.insights/diagnosticSettings"),
            ),
            ("/subscriptions/s/providers/Microsoft.Compute", None),
            ("/subscriptions/s/providers/Microsoft.Compute/locations", None),
        ] {
            assert_eq!(type_of(id).as_deref(), name, "{id}");
        }
    }
}
