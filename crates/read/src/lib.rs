//! nephoscope-read.
