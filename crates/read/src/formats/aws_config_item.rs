//! One configuration item, in any of its three dialects, to a document or a gap.
//!
//! Source: AWS Config `ConfigurationItem` (API reference) and recorded deliveries, read 2026-11-23.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use ahash::RandomState;
use nephoscope_model::{Dialect, Gap, GapScope, Provider, RawJson, Reason, State, plain_text};
use serde_json::Value;

use crate::shape::Shape;
use crate::sink::{Draft, Sink};
use crate::text::Place;
use crate::time;

/// Returns whether an outline is an item: what it is of is always stated, where it comes from in one of many ways.
pub(super) fn looks_like_item(shape: &Shape) -> bool {
    shape.text("resourceType").is_some()
        && shape.has_any(&["resourceId", "resourceName", "arn", "ARN"])
        && shape.has_any(&[
            "configurationItemStatus",
            "configurationItemCaptureTime",
            "configurationStateId",
            "configuration",
        ])
}

/// The fields of an item that decide what becomes of it; the rest passes untouched.
#[derive(Default)]
struct Header<'a> {
    resource_type: Option<Cow<'a, str>>,
    resource_id: Option<Cow<'a, str>>,
    resource_name: Option<Cow<'a, str>>,
    account_id: Option<Cow<'a, str>>,
    aws_account_id: Option<Cow<'a, str>>,
    aws_region: Option<Cow<'a, str>>,
    arn: Option<Cow<'a, str>>,
    upper_arn: Option<Cow<'a, str>>,
    configuration_item_capture_time: Option<Value>,
    configuration_item_status: Option<Cow<'a, str>>,
}

impl<'a> Header<'a> {
    fn of(item: &'a RawJson) -> Result<Header<'a>, serde_json::Error> {
        let mut header = Header::default();
        for (key, value) in item.members()? {
            let field = match key.as_ref() {
                "resourceType" => &mut header.resource_type,
                "resourceId" => &mut header.resource_id,
                "resourceName" => &mut header.resource_name,
                "accountId" => &mut header.account_id,
                "awsAccountId" => &mut header.aws_account_id,
                "awsRegion" => &mut header.aws_region,
                "arn" => &mut header.arn,
                "ARN" => &mut header.upper_arn,
                "configurationItemStatus" => &mut header.configuration_item_status,
                "configurationItemCaptureTime" => {
                    header.configuration_item_capture_time = serde_json::from_str(value)?;
                    continue;
                }
                _ => continue,
            };
            *field = match plain_text(value) {
                Some(text) => Some(Cow::Borrowed(text)),
                None => serde_json::from_str::<Option<String>>(value)?.map(Cow::Owned),
            };
        }
        Ok(header)
    }
}

/// What items were of: accounts with regions, and each resource once.
#[derive(Default)]
pub(super) struct Seen {
    /// Account → regions of every item.
    pub(super) scopes: BTreeMap<String, BTreeSet<String>>,
    resources: HashSet<u64, RandomState>,
    /// Whether some resource came in more than one version.
    pub(super) versions: bool,
}

impl Seen {
    fn add(&mut self, account: &str, region: &str, native_type: &str, id: &str) {
        let known = self.scopes.get(account).is_some_and(|regions| regions.contains(region));
        if !known && !account.is_empty() && !region.is_empty() {
            self.scopes
                .entry(account.to_owned())
                .or_default()
                .insert(region.to_owned());
        }
        let resource = self.resources.hasher().hash_one((account, region, native_type, id));
        self.versions |= !self.resources.insert(resource);
    }
}

/// Gives one item. `item` was found at `pointer` of the value at (`place`, `length`).
pub(super) fn give(
    sink: &mut Sink<'_>,
    item: RawJson,
    place: Place,
    length: u64,
    pointer: &str,
    seen: Option<&mut Seen>,
) {
    let header: Header<'_> = match Header::of(&item) {
        Ok(header) => header,
        Err(error) => {
            let message = format!("a configuration item that cannot be understood: {}", plain(&error));
            sink.broken(Reason::ParseError, message, place);
            return;
        }
    };
    let text = |field: &Option<Cow<'_, str>>| field.as_deref().filter(|text| !text.is_empty()).map(str::to_owned);
    let id = [
        &header.resource_id,
        &header.resource_name,
        &header.arn,
        &header.upper_arn,
    ]
    .into_iter()
    .find_map(text);
    let native_type = text(&header.resource_type);
    let account = text(&header.account_id).or_else(|| text(&header.aws_account_id));
    let region = text(&header.aws_region);
    let scope = || GapScope {
        input: None,
        provider: Some(Provider::Aws),
        account: account.clone(),
        region: region.clone(),
        native_type: native_type.clone(),
        resource: id.clone(),
    };
    let (Some(id), Some(native_type)) = (&id, &native_type) else {
        let message = "a configuration item without `resourceType` or without any id";
        sink.gap(Gap::new(Reason::ParseError), message, Some(place), scope(), true);
        return;
    };
    if let Some(seen) = seen {
        let account = account.as_deref().unwrap_or_default();
        let region = region.as_deref().unwrap_or_default();
        seen.add(account, region, native_type, id);
    }
    let state = match header.configuration_item_status.as_deref().unwrap_or_default() {
        "ResourceNotRecorded" => {
            let message = format!("AWS Config does not record {native_type} `{id}`");
            sink.gap(Gap::new(Reason::NotRecorded), message, Some(place), scope(), true);
            return;
        }
        "ResourceDeleted" | "ResourceDeletedNotRecorded" => State::Deleted,
        // `OK` and `ResourceDiscovered` are both live; old items have no status.
        _ => State::Live,
    };
    let captured = header.configuration_item_capture_time.as_ref();
    if let Some(text) = time::unread(captured) {
        let message = format!(
            "`configurationItemCaptureTime` of {native_type} `{id}` is no time: `{text}`; the item is judged as one without"
        );
        sink.gap(Gap::new(Reason::ParseError), message, Some(place), scope(), true);
    }
    let observed_at = captured.and_then(time::of);
    let draft = Draft {
        provider: Provider::Aws,
        native_type: native_type.clone(),
        dialect: Dialect::AwsConfig,
        observed_at,
        state,
        body: item,
    };
    sink.document(draft, place, length, pointer.to_owned());
}

/// Returns a parser's message without the position, which would be that inside the document.
pub(super) fn plain(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.split(" at line ").next().unwrap_or(&message).to_owned()
}
