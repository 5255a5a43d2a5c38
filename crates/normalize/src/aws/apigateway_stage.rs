//! `AWS::ApiGateway::Stage` and `AWS::ApiGatewayV2::Stage` → `api.gateway`.
//!
//! A stage without access log has no `accessLogSettings`. Which routes need authorization stands in methods and routes,
//! which AWS Config does not record. Source: Amazon API Gateway V1 and V2 API Reference `Stage`; recorded items; read 2026-11-25.

use nephoscope_model::kinds::{ApiGateway, EndpointTls, Logging};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{CONFIG, CONFIGURATION};
use crate::group::{Built, Found, Group};
use crate::json::Text;
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source(
        "/logging/enabled",
        "/configuration/accessLogSettings/destinationArn",
        Absence::Default("false"),
    ),
    source(
        "/logging/target",
        "/configuration/accessLogSettings/destinationArn",
        Absence::Absent,
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::ApiGateway::Stage",
    kind: "api.gateway",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Stage>(CONFIGURATION)?)),
    build,
    // Its id is its ARN.
    key: Some(|resource| resource.id.starts_with("arn:").then(|| resource.id.clone())),
    ..Mapping::BASE
};

pub(crate) const V2_MAPPING: Mapping = Mapping {
    native_type: "AWS::ApiGatewayV2::Stage",
    ..MAPPING
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stage {
    #[serde(default)]
    stage_name: Text,
    #[serde(default)]
    access_log_settings: Option<AccessLogSettings>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccessLogSettings {
    #[serde(default)]
    destination_arn: Text,
}

fn build(group: &Group<'_>) -> Built {
    // A stage without a name is a query's answer that left columns out.
    let Found::Read(_, Some(native)) = group.native::<Option<Stage>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let settings = native.access_log_settings.as_ref();
    if settings.is_none() && native.stage_name.0.is_none() {
        return Built::unknown(Gap::with(Reason::NotRead, "accessLogSettings"));
    }
    let target = settings.and_then(|settings| settings.destination_arn.clone().take());
    Built::new(&ApiGateway {
        logging: Logging {
            enabled: Fact::Known(target.is_some()),
            target: target.into(),
        },
        tls: EndpointTls::default(),
    })
}
