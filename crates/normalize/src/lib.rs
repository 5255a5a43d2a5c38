//! Native documents in, resources of the common model out: assemble, normalize, relate, derive.
//!
//! [`Normalizer::push`] takes one [`Document`](nephoscope_model::Document) at a time. A document whose type
//! stands alone comes back at once as a [`Resource`](nephoscope_model::Resource); any other
//! [waits](Taken::Waits) in a group that the caller keeps, in memory or on disk. When the input has ended,
//! [`Closed::join`] assembles wholes with their parts, one group at a time, and derives what needs a neighbor. The
//! result does not depend on the order of documents, nor on how they were spread over normalizers that are
//! [merged](Normalizer::merge). [`Batch`] does all of it in memory.
//!
//! A mapping is one file `src/{aws,azure,gcp,terraform}/<native_type>.rs` and one row in the table of its parent module.
//!
//! ```
//! use nephoscope_model::{Dialect, Document, Origin, Provider, RawJson, State};
//! use nephoscope_normalize::Batch;
//!
//! let body = r#"{"resourceType": "AWS::EC2::SecurityGroup", "resourceId": "sg-1", "awsAccountId": "111122223333",
//!     "awsRegion": "eu-west-1", "configuration": {"groupName": "web", "ipPermissions": [
//!         {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipv4Ranges": [{"cidrIp": "0.0.0.0/0"}]}]}}"#;
//! let document = Document {
//!     provider: Provider::Aws,
//!     native_type: "AWS::EC2::SecurityGroup".into(),
//!     dialect: Dialect::AwsConfig,
//!     observed_at: None,
//!     state: State::Live,
//!     origin: Origin { file: "items.json".into(), offset: 0, length: body.len() as u64, pointer: String::new() },
//!     begin: None,
//!     body: RawJson::parse(body.to_owned()).unwrap(),
//! };
//! let group = Batch::new(None).push(document).unwrap();
//! assert_eq!(group.key.0, "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1");
//! assert_eq!(group.attributes.pointer("/open_to_internet/0/from").unwrap(), 22);
//! ```

mod audited;
mod aws;
mod azure;
mod batch;
mod body;
mod closed;
mod cluster;
mod database;
mod edge;
mod error;
mod exposure;
mod firewall;
mod function;
mod gaps;
mod gcp;
mod grants;
mod group;
mod issuers;
mod join;
mod json;
mod lent;
mod mapping;
mod normalizer;
mod open;
mod raw;
mod relation;
mod storage;
mod terraform;
mod time;
mod trace;
mod versions;
mod wildcard;

pub use batch::{Batch, Finished};
pub use closed::{Closed, Joined};
pub use error::NormalizeError;
pub use lent::loan;
pub use mapping::{Absence, MappingInfo, Source, mappings};
pub use normalizer::{Normalizer, Taken, stands_alone};
pub use open::resource_of;
pub use relation::{Relation, RelationInfo, account_key, relation, relations};
pub use trace::trace;
