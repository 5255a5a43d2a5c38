//! `messaging.queue` and `messaging.topic`: what passes messages on.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::{Encryption, NetworkScope, PublicGrants};
use crate::fact::Fact;

/// Attributes of `messaging.queue` and `messaging.topic`: an SQS queue or SNS topic, a Service Bus namespace or Event
/// Grid topic, a Pub/Sub subscription or topic.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct Messaging {
    /// Encryption at rest. A Pub/Sub subscription has its topic's, an Event Grid topic takes no customer's key: absent.
    pub encryption: Encryption,
    /// Networks from which requests are accepted.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub network: Fact<NetworkScope>,
    /// Requests signed with shared keys are accepted.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub shared_keys: Fact<bool>,
    /// Grants to the public. Service Bus and Event Grid have none: every request is signed or bears a token.
    #[schemars(extend("x-providers" = ["aws", "gcp"]))]
    pub public_access: PublicGrants,
}
