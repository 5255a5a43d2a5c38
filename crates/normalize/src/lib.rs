//! nephoscope-normalize.
