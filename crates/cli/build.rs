//! Rebuilds the binary when the built-in pack changes: the macro that embeds it does not tell cargo.

fn main() {
    println!("cargo:rerun-if-changed=../../policies");
}
