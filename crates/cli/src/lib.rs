//! nephoscope, the command line: arguments, configuration, wiring, exit codes.
//!
//! Everything that reads the clock, the environment or prints is here; the other crates are told. The scan
//! itself is in [`scan`]: read that first.

pub mod args;
pub mod assess;
pub mod baseline;
pub mod builtin;
pub mod cache;
pub mod clock;
pub mod command;
pub mod config;
pub mod difference;
pub mod frameworks;
pub mod input_shape;
pub mod kept;
pub mod ledger;
pub mod locate;
pub mod lock;
pub mod output;
pub mod packed;
pub mod policies;
pub mod progress;
pub mod runs;
pub mod scan;
pub mod schema;
pub mod select;
pub mod settle;
pub mod spool;
pub mod spooled;
pub mod totals;
pub mod trust;
pub mod values;
pub mod waivers;
pub mod workers;
