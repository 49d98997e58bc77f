//! Scenario files: from RON text to schema types.
//!
//! `tree` keeps names and places and applies bases, includes and changes; `decode` turns it into schema types and finds
//! every problem at once; `problems` shows them; `scalar` are numbers that may be dated, uncertain and cited; `describe`
//! lists the schema's fields.

pub mod decode;
pub mod describe;
pub mod problems;
mod reading;
pub mod resolve;
pub mod scalar;
pub mod schema;
pub mod tree;

pub use reading::Scenario;
