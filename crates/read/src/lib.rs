//! Bytes in, native [`Document`](nephoscope_model::Document)s out.
//!
//! An input is a file or standard input: plain, gzip or zstd, UTF-8 or UTF-16. Its format is recognized by
//! content, never by name, and it is read in one pass with memory bound by its largest resource (a Terraform
//! plan and an Azure Resource Graph table are held whole). What cannot be read becomes a
//! [`CoverageGap`](nephoscope_model::CoverageGap) that names the place, and the rest goes on; reading itself never fails.
//!
//! ```
//! use nephoscope_read::{Event, Input, Limits, read};
//!
//! let text = br#"{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
//!     "type": "Microsoft.Storage/storageAccounts", "properties": {}}"#;
//! let input = Input { name: "-".into(), path: None, named: true };
//! let mut types = Vec::new();
//! let record = read(&input, Some(&mut text.as_slice()), &Limits::default(), &mut |event| {
//!     if let Event::Document(document) = event {
//!         types.push(document.native_type);
//!     }
//! });
//! assert_eq!(record.format, "azure_arm_resource");
//! assert_eq!(types, ["Microsoft.Storage/storageAccounts"]);
//! ```

mod check;
mod decode;
mod discover;
mod encoding;
mod formats;
mod input;
mod job;
mod locate;
mod position;
mod raw;
mod read;
mod shape;
mod sink;
mod text;
mod time;
mod walk;
mod whole;

pub use discover::{Discovery, ReadError, discover};
pub use formats::names as format_names;
pub use input::{Event, Input, Limits};
pub use locate::{Found, Locator, locate, show};
pub use raw::read_raw;
pub use read::read;
