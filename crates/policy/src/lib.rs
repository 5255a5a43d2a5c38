//! nephoscope-policy.
