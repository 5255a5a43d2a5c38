//! Lists what is read from files and folders: `cargo run -p nephoscope-read --example inputs -- PATH…`.
#![expect(clippy::print_stdout, reason = "a command line example")]

use nephoscope_read::{Event, Limits, discover, read};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let discovery = match discover(&arguments, &[]) {
        Ok(discovery) => discovery,
        Err(error) => return println!("error: {error}"),
    };
    for gap in discovery.gaps {
        println!("gap: {gap:?}");
    }
    for input in discovery.inputs {
        let mut gaps = Vec::new();
        let record = read(&input, Some(&mut std::io::stdin()), &Limits::default(), &mut |event| {
            if let Event::Gap(gap) = event {
                gaps.push(gap);
            }
        });
        println!(
            "{}\t{}\t{:?}\t{}\t{}",
            record.name,
            record.format,
            record.used,
            record.documents,
            record.note.unwrap_or_default()
        );
        for gap in gaps {
            println!(
                "\tgap {}:{:?} {:?}: {}",
                gap.line.unwrap_or(0),
                gap.offset,
                gap.gap,
                gap.message
            );
        }
    }
}
