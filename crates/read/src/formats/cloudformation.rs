//! CloudFormation templates, JSON by outline and YAML by its words.

use nephoscope_model::{InputUse, Reason};

use crate::input::Input;
use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::sink::Sink;
use crate::text::{Place, Stop};

const NOTE: &str = "a CloudFormation template, which is not read yet";

pub(super) fn fits(shape: &Shape) -> bool {
    shape.has("AWSTemplateFormatVersion")
        || matches!(shape.get("Resources"), Some(Shape::Object(resources)) if resources
            .iter()
            .any(|(_, resource)| resource.text("Type").is_some_and(|name| name.contains("::"))))
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    job.not_read(InputUse::UseGate, NOTE)
}

/// Returns whether a text that is no JSON looks like a template: a cheap look, no parsing.
pub(crate) fn is_yaml(text: &str) -> bool {
    let mut resources = false;
    for line in text.lines() {
        if line.starts_with("AWSTemplateFormatVersion") {
            return true;
        }
        resources |= line.trim_end() == "Resources:";
        let value = line
            .trim_start()
            .strip_prefix("Type:")
            .map(str::trim_start)
            .unwrap_or_default();
        if resources && value.trim_start_matches(['"', '\'']).starts_with("AWS::") {
            return true;
        }
    }
    false
}

/// Says what becomes of a YAML template.
pub(crate) fn read_yaml(input: &Input, sink: &mut Sink<'_>) -> Done {
    if input.named {
        sink.broken(Reason::NotRead, NOTE, Place::START);
        return Done::used(InputUse::Failed, NOTE);
    }
    Done::used(InputUse::UseGate, NOTE)
}
