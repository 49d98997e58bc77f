//! Scenario files: from RON text to schema types.
//!
//! `tree` keeps names and places and applies bases, includes and changes; `decode` turns it into schema types and finds
//! every problem at once; `resolve` turns them into the parameters of a run and finds what does not fit; `rows` looks up
//! the evidence; `lint` warns of what was hardly meant; `problems` shows all of that; `scalar` are numbers that may be
//! dated, uncertain and cited; `describe` lists the schema's fields; `clauses` takes clauses out of contracts and
//! `sentences` puts them into words.

pub mod clauses;
pub mod decode;
pub mod describe;
mod lint;
pub mod problems;
mod reading;
pub mod resolve;
mod rows;
pub mod scalar;
pub mod schema;
pub mod sentences;
pub mod tree;

pub use reading::Scenario;
