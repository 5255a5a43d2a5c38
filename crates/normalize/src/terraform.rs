//! Terraform: the envelope of planned resources of every cloud, and the table of their mappings.
//!
//! A plan splits what a cloud calls one thing over several resources, which are joined by reference or by name.
//! Source: Terraform internals "JSON Output Format", and the documentation of the providers hashicorp/aws,
//! hashicorp/azurerm and hashicorp/google, each resource's own page.

mod aws_cloudfront_distribution;
mod aws_cloudtrail;
mod aws_db;
mod aws_db_instance;
mod aws_ebs_volume;
mod aws_ecr_repository;
mod aws_eks_cluster;
mod aws_instance;
mod aws_kms_key;
mod aws_lambda_function;
mod aws_lb;
mod aws_policies;
mod aws_rds_cluster;
mod aws_s3_account_public_access_block;
mod aws_s3_bucket;
mod aws_s3_bucket_grants;
mod aws_s3_bucket_parts;
mod aws_secretsmanager_secret;
mod aws_security_group;
mod aws_sns_topic;
mod aws_sqs_queue;
mod azurerm_container_registry;
mod azurerm_key_vault;
mod azurerm_key_vault_key;
mod azurerm_key_vault_secret;
mod azurerm_managed_disk;
mod azurerm_monitor_diagnostic_setting;
mod azurerm_network;
mod azurerm_network_security_group;
mod azurerm_servicebus_namespace;
mod azurerm_storage_account;
mod google_artifact_registry_repository;
mod google_compute_disk;
mod google_compute_firewall;
mod google_compute_instance;
mod google_grants;
mod google_kms_crypto_key;
mod google_project;
mod google_pubsub_topic;
mod google_secret_manager_secret;
mod google_sql_database_instance;
mod google_storage_bucket;
mod identity;
mod join;
mod keys;
mod planned;
mod rules;
pub(crate) mod unmapped;

pub(crate) use azurerm_monitor_diagnostic_setting::target;
use nephoscope_model::{Dialect, Document, Resource, ResourceKey, State};

use crate::body::Body;
use crate::error::NormalizeError;
use crate::group::{Found, Piece};
use crate::mapping::{Mapping, Role};
use crate::open::Opened;

const PLAN: &[Dialect] = &[Dialect::TerraformPlan];

/// The defaults of a row for a resource of its own.
const WHOLE: Mapping = Mapping {
    dialects: PLAN,
    role: Role::Whole,
    ..Mapping::BASE
};

// Adding a type is one file under terraform/ and one row here.
pub(crate) const MAPPINGS: &[Mapping] = &[
    aws_cloudfront_distribution::DISTRIBUTION,
    aws_cloudfront_distribution::LOG_SOURCE,
    aws_cloudtrail::TRAIL,
    aws_db::PARAMETERS,
    aws_db::CLUSTER_PARAMETERS,
    aws_db_instance::INSTANCE,
    aws_ebs_volume::VOLUME,
    aws_ebs_volume::ATTACHMENT,
    aws_ecr_repository::REPOSITORY,
    aws_ecr_repository::POLICY,
    aws_eks_cluster::CLUSTER,
    aws_instance::INSTANCE,
    aws_instance::ADDRESS,
    aws_instance::ASSOCIATION,
    aws_kms_key::KEY,
    aws_kms_key::POLICY,
    aws_lambda_function::FUNCTION,
    aws_lambda_function::PERMISSION,
    aws_lambda_function::URL,
    aws_lb::BALANCER,
    aws_lb::LISTENER,
    aws_lb::WEB_ACL,
    aws_rds_cluster::CLUSTER,
    aws_rds_cluster::INSTANCE,
    aws_rds_cluster::STREAM,
    aws_s3_account_public_access_block::MAPPING,
    aws_s3_bucket::MAPPING,
    aws_s3_bucket_parts::ACL,
    aws_s3_bucket_parts::LOGGING,
    aws_s3_bucket_parts::OBJECT_LOCK,
    aws_s3_bucket_parts::OWNERSHIP,
    aws_s3_bucket_parts::POLICY,
    aws_s3_bucket_parts::PUBLIC_ACCESS_BLOCK,
    aws_s3_bucket_parts::ENCRYPTION,
    aws_s3_bucket_parts::VERSIONING,
    aws_secretsmanager_secret::SECRET,
    aws_secretsmanager_secret::POLICY,
    aws_secretsmanager_secret::ROTATION,
    aws_security_group::GROUP,
    aws_security_group::DEFAULT_GROUP,
    aws_security_group::RULE,
    aws_security_group::INGRESS_RULE,
    aws_security_group::EGRESS_RULE,
    aws_sns_topic::TOPIC,
    aws_sns_topic::POLICY,
    aws_sqs_queue::QUEUE,
    aws_sqs_queue::POLICY,
    azurerm_container_registry::REGISTRY,
    azurerm_key_vault::VAULT,
    azurerm_key_vault_key::KEY,
    azurerm_key_vault_secret::SECRET,
    azurerm_managed_disk::DISK,
    azurerm_managed_disk::ATTACHMENT,
    azurerm_monitor_diagnostic_setting::OF_BLOBS,
    azurerm_monitor_diagnostic_setting::OF_OTHERS,
    azurerm_network_security_group::GROUP,
    azurerm_network_security_group::RULE,
    azurerm_servicebus_namespace::NAMESPACE,
    azurerm_servicebus_namespace::CUSTOMER_KEY,
    azurerm_storage_account::ACCOUNT,
    azurerm_storage_account::CONTAINER,
    azurerm_storage_account::CUSTOMER_KEY,
    azurerm_storage_account::NETWORK_RULES,
    google_artifact_registry_repository::REPOSITORY,
    google_artifact_registry_repository::MEMBER,
    google_artifact_registry_repository::BINDING,
    google_artifact_registry_repository::POLICY,
    google_compute_disk::DISK,
    google_compute_disk::ATTACHMENT,
    google_compute_firewall::MAPPING,
    google_compute_instance::INSTANCE,
    google_kms_crypto_key::KEY,
    google_kms_crypto_key::MEMBER,
    google_kms_crypto_key::BINDING,
    google_kms_crypto_key::POLICY,
    google_project::MAPPING,
    google_pubsub_topic::TOPIC,
    google_pubsub_topic::MEMBER,
    google_pubsub_topic::BINDING,
    google_pubsub_topic::POLICY,
    google_secret_manager_secret::SECRET,
    google_secret_manager_secret::MEMBER,
    google_secret_manager_secret::BINDING,
    google_secret_manager_secret::POLICY,
    google_sql_database_instance::INSTANCE,
    google_storage_bucket::BUCKET,
    google_storage_bucket::ACCESS_CONTROL,
    google_storage_bucket::ACL,
    google_storage_bucket::DEFAULT_ACCESS_CONTROL,
    google_storage_bucket::DEFAULT_ACL,
    google_storage_bucket::IAM_BINDING,
    google_storage_bucket::IAM_MEMBER,
    google_storage_bucket::IAM_POLICY,
];

/// Ranks versions of one resource of one plan: what it deletes or forgets at one address may go on at another one.
/// Whatever is of no plan ranks alike.
pub(crate) fn staying(piece: &Piece) -> u8 {
    if !piece.mapping.dialects.contains(&Dialect::TerraformPlan) {
        return 0;
    }
    match piece.get::<planned::Planned>() {
        _ if piece.resource.state == State::Deleted => 0,
        Found::Read(_, planned) if planned.forgotten => 1,
        _ => 2,
    }
}

/// Reads the envelope of a planned resource.
///
/// # Errors
///
/// [`NormalizeError::Document`] when the body has not the form of this dialect, or has no address.
pub(crate) fn open<'a>(
    document: &'a Document,
    mapping: Option<&'static Mapping>,
    mut resource: Resource,
) -> Result<Opened<'a>, NormalizeError> {
    let failed = |detail: String| NormalizeError::Document {
        dialect: document.dialect.as_str(),
        detail,
    };
    let change: planned::Change =
        serde_json::from_str(document.body.get()).map_err(|error| failed(error.to_string()))?;
    if change.address.is_empty() {
        return Err(failed("it has no `address`".to_owned()));
    }
    if change.actions == ["delete"] {
        // What deletes its resource only for Terraform goes on as it was.
        let goes_on = mapping.is_some_and(|row| aws_security_group::outlives_deletion(row.native_type));
        resource.state = if goes_on { State::Planned } else { State::Deleted };
    }
    identity::envelope(&mut resource, &change);
    if matches!(mapping.map(|row| row.role), Some(Role::Part { .. })) {
        // Two plans may use one address for parts of different wholes.
        resource.id.clone_from(&change.address);
        resource.key = ResourceKey(format!("terraform:{}", join::within(&resource, &change.address)));
    }
    let body = Body {
        id: change.address,
        native_type: resource.native_type.clone(),
        whole: document.body.get(),
        sections: Vec::new(),
    };
    Ok(Opened { resource, body })
}
