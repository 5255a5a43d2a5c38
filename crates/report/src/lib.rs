//! nephoscope-report.
