//! Tokens and receipts against what Keystone made and read.

mod invalid;
mod payload_properties;
mod receipts;
mod recording;
mod tokens;
