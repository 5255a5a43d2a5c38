//! What a scan costs, beside a typed parse of the same bytes in the same run.
//!
//! Real configuration items are multiplied to an inventory of any size, in three mixes. Figures are CPU time of child
//! processes and their peak memory, and ratios of these: never a test, since machines differ.

mod distinct;
mod evaluate;
mod generate;
mod items;
mod measure;
mod opa;
mod parse;
mod predicates;
mod start;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

use generate::Mix;

#[derive(Parser)]
#[command(about = "Benchmarks of a whole scan")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes an inventory.
    Generate {
        /// Which values resources have.
        #[arg(long, value_enum)]
        mix: Mix,
        /// How many resources.
        #[arg(long, default_value_t = 100_000)]
        resources: u64,
        /// Folder of real AWS Config items.
        #[arg(long, env = "NEPHOSCOPE_CORPUS")]
        corpus: PathBuf,
        /// File to write.
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Parses an inventory, item by item, into a struct, and prints the number of items.
    Parse {
        /// File of one item a line.
        file: PathBuf,
    },
    /// Generates, parses and scans, and prints one row for each mix.
    Run {
        /// How many resources.
        #[arg(long, default_value_t = 100_000)]
        resources: u64,
        /// Folder of real AWS Config items.
        #[arg(long, env = "NEPHOSCOPE_CORPUS")]
        corpus: PathBuf,
        /// Only this mix.
        #[arg(long, value_enum)]
        mix: Option<Mix>,
    },
    /// Scans with a cache, before and after every hundredth resource changed, and prints one row.
    Cache {
        /// How many resources.
        #[arg(long, default_value_t = 100_000)]
        resources: u64,
        /// Folder of real AWS Config items.
        #[arg(long, env = "NEPHOSCOPE_CORPUS")]
        corpus: PathBuf,
        /// Which values resources have.
        #[arg(long, value_enum, default_value_t = Mix::Estate)]
        mix: Mix,
    },
    /// Measures what comes before the first resource, and what a process of their own costs for policies that nobody vouches for.
    Start {
        /// Folder of the shipped policies.
        #[arg(long, default_value = "policies/nephoscope")]
        policies: PathBuf,
        /// How many resources.
        #[arg(long, default_value_t = 100_000)]
        resources: u64,
        /// Folder of real AWS Config items.
        #[arg(long, env = "NEPHOSCOPE_CORPUS")]
        corpus: PathBuf,
    },
    /// Evaluates the ten most applied policies and the same written by hand in Rust, compares what is found, and prints one row.
    Predicates {
        /// How many resources.
        #[arg(long, default_value_t = 100_000)]
        resources: u64,
        /// Folder of real AWS Config items.
        #[arg(long, env = "NEPHOSCOPE_CORPUS")]
        corpus: PathBuf,
        /// Which values resources have.
        #[arg(long, value_enum, default_value_t = Mix::Estate)]
        mix: Mix,
    },
    /// Evaluates the same inputs here and with OPA's own engine (needs `go`), compares what is found, and prints one row.
    Opa {
        /// How many resources.
        #[arg(long, default_value_t = 100_000)]
        resources: u64,
        /// Folder of real AWS Config items.
        #[arg(long, env = "NEPHOSCOPE_CORPUS")]
        corpus: PathBuf,
        /// Which values resources have.
        #[arg(long, value_enum, default_value_t = Mix::Estate)]
        mix: Mix,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Generate {
            mix,
            resources,
            corpus,
            output,
        } => generate::file(mix, resources, &corpus, &output),
        Command::Parse { file } => {
            let items = parse::count(&file)?;
            Ok(writeln!(std::io::stdout(), "{items}")?)
        }
        Command::Cache { resources, corpus, mix } => {
            let row = measure::cached(mix, resources, &corpus)?;
            Ok(writeln!(
                std::io::stdout(),
                "| mix | resources | parse s | scan s | first s | 1 % changed s | scan ÷ parse | changed ÷ parse | peak MB | stored MB |\n\
                 |---|---|---|---|---|---|---|---|---|---|\n{row}"
            )?)
        }
        Command::Start {
            policies,
            resources,
            corpus,
        } => {
            let rows = start::rows(&policies, resources, &corpus)?;
            Ok(write!(std::io::stdout(), "| | ms | peak MB |\n|---|---|---|\n{rows}")?)
        }
        Command::Predicates { resources, corpus, mix } => {
            let row = predicates::row(mix, resources, &corpus)?;
            Ok(writeln!(
                std::io::stdout(),
                "| mix | resources | pairs | s | Rust s | ratio | differ |\n|---|---|---|---|---|---|---|\n{row}"
            )?)
        }
        Command::Opa { resources, corpus, mix } => {
            let row = opa::row(mix, resources, &corpus)?;
            Ok(writeln!(
                std::io::stdout(),
                "| mix | resources | evaluations | s | without memo s | OPA evaluations | OPA s | ratio | compared | differ |\n\
                 |---|---|---|---|---|---|---|---|---|---|\n{row}"
            )?)
        }
        Command::Run { resources, corpus, mix } => {
            let mixes = mix.map_or_else(|| Mix::ALL.to_vec(), |mix| vec![mix]);
            let mut out = std::io::stdout();
            writeln!(
                out,
                "| mix | resources | MB | distinct values | policies ≥ 20 % | parse s | scan s | ratio | µs a resource | MB/s \
                 | 2 threads | peak MB | peak of 2 |\n\
                 |---|---|---|---|---|---|---|---|---|---|---|---|---|"
            )?;
            for mix in mixes {
                writeln!(out, "{}", measure::row(mix, resources, &corpus)?)?;
            }
            Ok(())
        }
    }
}
