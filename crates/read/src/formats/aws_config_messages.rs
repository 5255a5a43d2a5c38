//! Messages about configuration items: rule invocations, SNS notifications, SQS bodies, EventBridge events.
//!
//! They nest in one another (an SQS body holds an SNS envelope whose message is a string), so they are opened
//! from the outside in until items are found.
//! Source: AWS Config developer guide, example events and notifications, and recordings, read 2026-11-23.

use std::borrow::Cow;
use std::collections::BTreeMap;

use nephoscope_model::{Gap, GapScope, InputUse, Provider, RawJson, Reason, pointer};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::check::{self, Valid};
use crate::formats::aws_config_files::lists_items;
use crate::formats::aws_config_item::{give, looks_like_item};
use crate::input::Limits;
use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::sink::Sink;
use crate::text::{Place, Stop};
use crate::walk::{Step, each, end, walk};

/// More exact names than that of the row.
pub(super) const NAMES: [&str; 5] = [
    "aws_config_rule_event",
    "aws_config_notification",
    "aws_config_queue",
    "aws_config_event",
    "aws_config_oversized",
];

pub(super) fn fits(shape: &Shape) -> bool {
    name(shape.one()).is_some() || queue(shape).is_some()
}

/// Returns the exact name for one message.
fn name(shape: &Shape) -> Option<&'static str> {
    let queued = shape.text("Body").is_some() && shape.has("ReceiptHandle");
    let started = shape.has("configSnapshotId") && !shape.has("fileVersion");
    if shape.has("invokingEvent") {
        Some("aws_config_rule_event")
    } else if shape.has_any(&["configurationItemSummary", "s3DeliverySummary"]) {
        Some("aws_config_oversized")
    } else if shape.get("detail").is_some_and(is_notice) {
        Some("aws_config_event")
    } else {
        let envelope = shape.text("Type") == Some("Notification") && shape.has("Message");
        let notice = is_notice(shape) || lists_items(shape, "configurationItem");
        (envelope || notice || queued || started).then_some("aws_config_notification")
    }
}

fn is_notice(shape: &Shape) -> bool {
    shape
        .get("configurationItem")
        .is_some_and(|item| looks_like_item(item.one()))
        || shape.has_any(&["configurationItemSummary", "s3DeliverySummary"])
        || (shape.has("messageType")
            && shape.has_any(&[
                "configurationItem",
                "configurationItemDiff",
                "configSnapshotId",
                "s3ObjectKey",
                "configRuleName",
                "configRuleNames",
            ]))
}

/// Returns whether this is a batch of queue messages, and the path to the list.
fn queue(shape: &Shape) -> Option<&'static str> {
    let holds = |shape: &Shape| {
        shape
            .first("Messages")
            .is_some_and(|message| message.has_any(&["Body", "ReceiptHandle"]))
            || shape
                .first("Records")
                .is_some_and(|record| record.text("eventSource") == Some("aws:sqs") || record.has("Sns"))
    };
    (holds(shape) || shape.get("data").is_some_and(holds)).then_some("aws_config_queue")
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    let mut tale = Tale::default();
    let limits = job.limits;
    let format = queue(job.shape).or_else(|| name(job.shape.one()));
    if queue(job.shape).is_some() {
        let steps = |path: &[String]| match path {
            [] => Step::Enter,
            [data] if data == "data" => Step::Enter,
            [.., key] if key == "Messages" || key == "Records" => Step::Each,
            _ => Step::Take,
        };
        walk(job.text, limits, job.sink, &steps, &mut |sink, piece| {
            if piece.element {
                tale.hear(sink, &piece.value, limits);
            }
        })?;
        end(job.text)?;
    } else {
        each(job.text, limits, job.sink, &mut |sink, value| {
            tale.hear(sink, &value, limits)
        })?;
    }
    let note = tale.notes.iter().map(|(note, count)| match count {
        1 => (*note).to_owned(),
        count => format!("{note} ({count} times)"),
    });
    let note: Vec<String> = note.collect();
    // A message about something else than an item is heard and holds nothing to judge.
    let used = (job.sink.documents == 0 && job.sink.incomplete == 0).then_some(InputUse::Timeline);
    Ok(Done {
        format,
        used,
        note: (!note.is_empty()).then(|| note.join("; ")),
    })
}

/// The members of any message that lead to an item.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, rename = "invokingEvent")]
    invoking_event: Option<&'a RawValue>,
    #[serde(borrow, rename = "Message")]
    message: Option<&'a RawValue>,
    #[serde(borrow, rename = "Body")]
    body: Option<&'a RawValue>,
    #[serde(borrow, rename = "body")]
    record_body: Option<&'a RawValue>,
    #[serde(borrow, rename = "Sns")]
    sns: Option<&'a RawValue>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
    #[serde(borrow, rename = "configurationItem")]
    item: Option<&'a RawValue>,
    #[serde(borrow, rename = "configurationItemSummary")]
    summary: Option<&'a RawValue>,
    #[serde(rename = "s3DeliverySummary")]
    delivery: Option<Delivery>,
    #[serde(rename = "eventLeftScope")]
    left_scope: Option<bool>,
    #[serde(borrow, rename = "messageType")]
    message_type: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "resourceType")]
    resource_type: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "s3ObjectKey")]
    object_key: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "configSnapshotId")]
    snapshot: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delivery {
    s3_bucket_location: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    aws_account_id: Option<String>,
    account_id: Option<String>,
    resource_type: Option<String>,
    resource_id: Option<String>,
    aws_region: Option<String>,
}

/// What messages said besides items.
#[derive(Default)]
struct Tale {
    notes: BTreeMap<&'static str, u64>,
}

/// Where a message stands: the value that is in the text, and the way from there.
struct At<'a> {
    place: Place,
    length: u64,
    pointer: &'a str,
}

/// Envelopes in envelopes beyond this are no message of AWS.
const MAX_ENVELOPES: usize = 8;

impl Tale {
    fn hear(&mut self, sink: &mut Sink<'_>, value: &Valid, limits: &Limits) {
        let at = At {
            place: value.place,
            length: value.length,
            pointer: "",
        };
        self.open(sink, value.raw.get(), &at, limits, 0);
    }

    fn note(&mut self, note: &'static str) {
        *self.notes.entry(note).or_default() += 1;
    }

    fn open(&mut self, sink: &mut Sink<'_>, text: &str, at: &At<'_>, limits: &Limits, depth: usize) {
        if depth > MAX_ENVELOPES {
            sink.broken(Reason::ParseError, "a message with too many envelopes", at.place);
            return;
        }
        if text.starts_with('"') {
            self.open_string(sink, text, at, limits, depth);
            return;
        }
        if text.starts_with('[') {
            let parts: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            for (index, part) in parts.into_iter().enumerate() {
                self.member(sink, part, &index.to_string(), at, limits, depth);
            }
            return;
        }
        let message: Message<'_> = match serde_json::from_str(text) {
            Ok(message) => message,
            Err(_) if !text.starts_with('{') => {
                self.note("a message that is no JSON object");
                return;
            }
            Err(error) => {
                let what = super::aws_config_item::plain(&error);
                sink.broken(
                    Reason::ParseError,
                    format!("a message that cannot be understood: {what}"),
                    at.place,
                );
                return;
            }
        };
        if message.left_scope == Some(true) {
            // The rule is told to stop evaluating; the resource may live on, unseen by this rule.
            self.note("a resource that left the scope of its rule");
            return;
        }
        if message.resource_type.is_some() && message.item.is_none() && message.message_type.is_none() {
            let item = RawJson::parsed(text.to_owned(), Vec::new());
            give(sink, item, at.place, at.length, at.pointer, None);
            return;
        }
        if let Some(item) = message.item.filter(|item| item.get() != "null") {
            self.items(sink, item, at);
            return;
        }
        if message.summary.is_some() || message.delivery.is_some() {
            oversized(sink, &message, at);
            return;
        }
        let inner = [
            ("invokingEvent", message.invoking_event),
            ("Message", message.message),
            ("Body", message.body),
            ("body", message.record_body),
            ("Sns", message.sns),
            ("detail", message.detail),
        ];
        let mut opened = false;
        for (key, part) in inner {
            if let Some(part) = part {
                opened = true;
                self.member(sink, part, key, at, limits, depth);
            }
        }
        if !opened {
            self.note(match message.message_type.as_deref() {
                Some("ScheduledNotification") => "a scheduled rule invocation, which holds no resource",
                _ if message.object_key.is_some() || message.snapshot.is_some() => {
                    "a notice of a delivery, whose items are in the delivered file"
                }
                Some(_) => "a notice that holds no configuration item",
                None => "a message that holds no configuration item",
            });
        }
    }

    fn open_string(&mut self, sink: &mut Sink<'_>, text: &str, at: &At<'_>, limits: &Limits, depth: usize) {
        let inner: String = serde_json::from_str(text).unwrap_or_default();
        if !inner.trim_start().starts_with(['{', '[']) {
            self.note("a message of plain text");
            return;
        }
        if !check::shallow(&inner, limits) {
            sink.broken(Reason::ParseError, "a message nested too deep", at.place);
            return;
        }
        match check::parse(&inner) {
            Ok(raw) => self.open(sink, raw.get(), at, limits, depth + 1),
            Err((message, _)) => {
                let message = format!("the JSON in the string at `{}`: {message}", at.pointer);
                sink.broken(Reason::ParseError, message, at.place);
            }
        }
    }

    fn member(&mut self, sink: &mut Sink<'_>, part: &RawValue, key: &str, at: &At<'_>, limits: &Limits, depth: usize) {
        let mut path = at.pointer.to_owned();
        pointer::push(&mut path, key);
        let at = At {
            place: at.place,
            length: at.length,
            pointer: &path,
        };
        self.open(sink, part.get(), &at, limits, depth + 1);
    }

    /// An old notification holds a list of items.
    fn items(&mut self, sink: &mut Sink<'_>, item: &RawValue, at: &At<'_>) {
        let path = format!("{}/configurationItem", at.pointer);
        if item.get().starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(item.get()).unwrap_or_default();
            for (index, item) in items.into_iter().enumerate() {
                let item = item.to_owned().into();
                give(sink, item, at.place, at.length, &format!("{path}/{index}"), None);
            }
        } else {
            give(sink, item.to_owned().into(), at.place, at.length, &path, None);
        }
    }
}

/// An item too large for its notification was left in S3.
fn oversized(sink: &mut Sink<'_>, message: &Message<'_>, at: &At<'_>) {
    let summary: Option<Summary> = message.summary.and_then(|raw| serde_json::from_str(raw.get()).ok());
    let location = message
        .delivery
        .as_ref()
        .and_then(|delivery| delivery.s3_bucket_location.clone());
    let location = location.map(|place| format!("s3://{place}"));
    let mut scope = GapScope {
        provider: Some(Provider::Aws),
        ..GapScope::default()
    };
    if let Some(summary) = summary {
        scope.account = summary.aws_account_id.or(summary.account_id);
        scope.region = summary.aws_region;
        scope.native_type = summary.resource_type;
        scope.resource = summary.resource_id;
    }
    let what = scope.native_type.as_deref().unwrap_or("a resource");
    let place = location
        .as_deref()
        .unwrap_or("an object that the notification does not name");
    let message = format!("{what} is too large for its notification; its configuration item is in {place}");
    let gap = Gap {
        reason: Reason::NotRead,
        detail: location,
    };
    sink.gap(gap, message, Some(at.place), scope, true);
}
