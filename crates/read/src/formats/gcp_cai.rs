//! Cloud Asset Inventory: exports (one asset a line, a list, values one after another), ListAssets and history
//! replies (`{"assets": […]}`), and change messages (`{"asset", "deleted", "window", "priorAsset"}`), also as
//! Pub/Sub pushes them (`{"message": {"data": base64}}`).
//!
//! Source: Cloud Asset Inventory reference, `Asset` and `TemporalAsset`, and recorded exports, read 2026-11-23. Field
//! names come in snake_case and camelCase.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use nephoscope_model::{Dialect, Gap, GapScope, InputUse, Provider, RawJson, Reason, State};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::check::Valid;
use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::sink::{Draft, Sink};
use crate::text::{Place, Stop};
use crate::time;
use crate::walk::{Step, each, end, walk};

/// More exact names than that of the row.
pub(super) const NAMES: [&str; 3] = ["gcp_cai_export", "gcp_cai_reply", "gcp_cai_change"];

pub(super) fn fits(shape: &Shape) -> bool {
    is_asset(shape.one()) || is_change(shape.one()) || is_reply(shape) || is_push(shape.one())
}

fn is_asset(shape: &Shape) -> bool {
    shape.text("name").is_some() && shape.has_any(&["asset_type", "assetType"])
}

fn is_change(shape: &Shape) -> bool {
    (shape.get("asset").is_some_and(is_asset)
        || shape
            .get("priorAsset")
            .or(shape.get("prior_asset"))
            .is_some_and(is_asset))
        && shape.has_any(&[
            "window",
            "deleted",
            "priorAssetState",
            "prior_asset_state",
            "priorAsset",
            "asset",
        ])
}

fn is_reply(shape: &Shape) -> bool {
    match shape.get("assets") {
        Some(Shape::Array(None)) => true,
        Some(Shape::Array(Some(first))) => is_asset(first) || is_change(first),
        // A reply without any asset leaves the list out.
        _ => matches!(shape, Shape::Object(members) if !members.is_empty()
            && members.iter().all(|(key, _)| matches!(key.as_str(), "readTime" | "nextPageToken" | "read_time"))),
    }
}

fn is_push(shape: &Shape) -> bool {
    shape.has("subscription") && shape.get("message").is_some_and(|message| message.has("data"))
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    let mut shelf = Shelf::default();
    let shape = job.shape;
    if is_push(shape.one()) {
        return job.not_read(
            InputUse::Timeline,
            "a Pub/Sub push message, whose base64 data is not read (help: decode `message.data`)",
        );
    }
    if is_reply(shape) {
        read_reply(job, &mut shelf)?;
    } else {
        each(job.text, job.limits, job.sink, &mut |sink, value| {
            shelf.put(sink, &value)
        })?;
    }
    shelf.settle(job.sink);
    let format = if is_reply(shape) {
        "gcp_cai_reply"
    } else if is_change(shape.one()) {
        "gcp_cai_change"
    } else {
        "gcp_cai_export"
    };
    Ok(Done {
        format: Some(format),
        ..Done::default()
    })
}

fn read_reply(job: &mut Job<'_, '_, '_>, shelf: &mut Shelf) -> Result<(), Stop> {
    let steps = |path: &[String]| match path {
        [] => Step::Enter,
        [key] if key == "assets" => Step::Each,
        _ => Step::Take,
    };
    let mut more = None;
    walk(job.text, job.limits, job.sink, &steps, &mut |sink, piece| {
        let raw = piece.value.raw.get();
        match piece.path {
            _ if piece.element => shelf.put(sink, &piece.value),
            [key] if key == "readTime" || key == "read_time" => {
                shelf.read_time = serde_json::from_str(raw).ok().as_ref().and_then(time::of);
            }
            [key] if matches!(key.as_str(), "nextPageToken" | "next_page_token") && !matches!(raw, "null" | "\"\"") => {
                more = Some(piece.value.place);
            }
            _ => {}
        }
    })?;
    end(job.text)?;
    if let Some(place) = more {
        let message = "the reply says that more assets follow (`nextPageToken`), which are not in this input";
        let scope = GapScope {
            provider: Some(Provider::Gcp),
            ..GapScope::default()
        };
        job.sink
            .gap(Gap::new(Reason::Truncated), message, Some(place), scope, true);
    }
    Ok(())
}

/// The fields of an asset that decide what becomes of it.
#[derive(Deserialize)]
struct Asset<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, alias = "assetType")]
    asset_type: Option<Cow<'a, str>>,
    #[serde(alias = "updateTime")]
    update_time: Option<Value>,
    #[serde(alias = "readTime")]
    read_time: Option<Value>,
    #[serde(borrow)]
    resource: Option<Resource<'a>>,
    #[serde(borrow, alias = "iamPolicy")]
    iam_policy: Option<&'a RawValue>,
    #[serde(borrow, alias = "orgPolicy")]
    org_policy: Option<&'a RawValue>,
    #[serde(borrow, alias = "v2OrgPolicies")]
    v2_org_policies: Option<&'a RawValue>,
    #[serde(borrow, alias = "accessPolicy")]
    access_policy: Option<&'a RawValue>,
    #[serde(borrow, alias = "accessLevel")]
    access_level: Option<&'a RawValue>,
    #[serde(borrow, alias = "servicePerimeter")]
    service_perimeter: Option<&'a RawValue>,
    #[serde(borrow, alias = "osInventory")]
    os_inventory: Option<&'a RawValue>,
    #[serde(borrow, alias = "relatedAsset", alias = "related_assets", alias = "relatedAssets")]
    related_asset: Option<&'a RawValue>,
    error: Option<Value>,
}

impl Asset<'_> {
    fn has_content(&self) -> bool {
        self.resource.as_ref().is_some_and(|resource| resource.data.is_some())
            || [
                self.iam_policy,
                self.org_policy,
                self.v2_org_policies,
                self.access_policy,
                self.access_level,
                self.service_perimeter,
                self.os_inventory,
                self.related_asset,
            ]
            .iter()
            .any(Option::is_some)
    }
}

#[derive(Deserialize)]
struct Resource<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Data {
    error: Option<Value>,
}

impl Resource<'_> {
    /// Returns the error that the data themselves carry.
    fn inner_error(&self) -> Option<Value> {
        let text = self.data.map(RawValue::get).filter(|text| text.contains("\"error\""))?;
        let data: Data = serde_json::from_str(text).ok()?;
        data.error.filter(|error| error.get("code").is_some())
    }
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(borrow)]
    asset: Option<&'a RawValue>,
    #[serde(borrow, alias = "priorAsset")]
    prior_asset: Option<&'a RawValue>,
    #[serde(default)]
    deleted: Option<bool>,
    window: Option<Window>,
}

#[derive(Deserialize)]
struct Window {
    #[serde(alias = "startTime")]
    start_time: Option<Value>,
}

/// What assets have in common, and what they lack.
#[derive(Default)]
struct Shelf {
    read_time: Option<Timestamp>,
    /// Types whose assets came by name only: how many, and the first one's name and place.
    hollow: BTreeMap<String, (u64, String, Place)>,
}

impl Shelf {
    fn put(&mut self, sink: &mut Sink<'_>, value: &Valid) {
        let change: Option<Change<'_>> = serde_json::from_str(value.raw.get()).ok();
        let Some(change) = change.filter(|change| change.asset.is_some() || change.prior_asset.is_some()) else {
            self.asset(sink, value.raw.clone(), value, "", State::Live, self.read_time);
            return;
        };
        let state = if change.deleted == Some(true) {
            State::Deleted
        } else {
            State::Live
        };
        let seen = change
            .window
            .and_then(|window| window.start_time)
            .as_ref()
            .and_then(time::of);
        match (change.asset, change.prior_asset) {
            (Some(asset), _) => self.asset(sink, asset.to_owned().into(), value, "/asset", state, seen),
            // A deletion may name the asset only as it was.
            (None, Some(asset)) if state == State::Deleted => {
                let pointer = if value.raw.get().contains("\"priorAsset\"") {
                    "/priorAsset"
                } else {
                    "/prior_asset"
                };
                self.asset(sink, asset.to_owned().into(), value, pointer, state, seen);
            }
            _ => sink.broken(Reason::ParseError, "a change without `asset`", value.place),
        }
    }

    fn asset(
        &mut self,
        sink: &mut Sink<'_>,
        raw: RawJson,
        value: &Valid,
        pointer: &str,
        state: State,
        seen: Option<Timestamp>,
    ) {
        let asset: Asset<'_> = match serde_json::from_str(raw.get()) {
            Ok(asset) => asset,
            Err(error) => {
                let what = super::aws_config_item::plain(&error);
                sink.broken(
                    Reason::ParseError,
                    format!("an asset that cannot be understood: {what}"),
                    value.place,
                );
                return;
            }
        };
        let text = |field: &Option<Cow<'_, str>>| field.as_deref().filter(|text| !text.is_empty()).map(str::to_owned);
        let scope = GapScope {
            provider: Some(Provider::Gcp),
            native_type: text(&asset.asset_type),
            resource: text(&asset.name),
            ..GapScope::default()
        };
        let (Some(name), Some(native_type)) = (text(&asset.name), text(&asset.asset_type)) else {
            let message = match &asset.error {
                Some(error) => format!("the export reports an error instead of an asset: {}", brief(error)),
                None => "an asset without `name` or `asset_type`".to_owned(),
            };
            sink.gap(Gap::new(Reason::ParseError), message, Some(value.place), scope, true);
            return;
        };
        let outer = asset
            .error
            .as_ref()
            .or(asset.resource.as_ref().and_then(|resource| resource.error.as_ref()));
        if let Some(error) = outer {
            let message = format!("the export reports an error with `{name}`: {}", brief(error));
            sink.gap(
                Gap::new(Reason::NotRead),
                message,
                Some(value.place),
                scope.clone(),
                true,
            );
        } else if let Some(error) = asset.resource.as_ref().and_then(Resource::inner_error) {
            // Some services state a failed operation in the resource itself; the rest of the data stands.
            let message = format!("the data of `{name}` carries an error: {}", brief(&error));
            sink.gap(
                Gap::new(Reason::NotRead),
                message,
                Some(value.place),
                scope.clone(),
                false,
            );
        }
        if state == State::Live && !asset.has_content() {
            let entry = self.hollow.entry(native_type).or_insert((0, name, value.place));
            entry.0 += 1;
            return;
        }
        let stated = asset.read_time.as_ref().or(asset.update_time.as_ref());
        if let Some(text) = time::unread(stated) {
            let message =
                format!("the time of {native_type} `{name}` is none: `{text}`; the asset is judged as one without");
            sink.gap(Gap::new(Reason::ParseError), message, Some(value.place), scope, true);
        }
        let stated = stated.and_then(time::of);
        let draft = Draft {
            provider: Provider::Gcp,
            native_type,
            dialect: Dialect::GcpCai,
            observed_at: seen.or(stated),
            state,
            body: raw,
        };
        sink.document(draft, value.place, value.length, pointer.to_owned());
    }

    /// Tells about assets that came by name only: judging them would take what was not asked for as absent.
    fn settle(self, sink: &mut Sink<'_>) {
        for (native_type, (count, name, place)) in self.hollow {
            let what = match count {
                1 => format!("`{name}` comes"),
                count => format!("{count} assets of type {native_type} come"),
            };
            let message = format!("{what} without content (help: export or subscribe with content type RESOURCE)");
            let scope = GapScope {
                provider: Some(Provider::Gcp),
                native_type: Some(native_type),
                resource: (count == 1).then_some(name),
                ..GapScope::default()
            };
            sink.gap(Gap::new(Reason::NotRead), message, Some(place), scope, true);
        }
    }
}

/// Returns the code and message of a `google.rpc.Status`, short.
fn brief(error: &Value) -> String {
    let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
    let short: String = message.chars().take(120).collect();
    match error.get("code") {
        Some(code) => format!("code {code} {short}").trim_end().to_owned(),
        None => short,
    }
}
