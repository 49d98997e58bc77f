//! Wrong scenarios and what is said about them: each file of `scenarios/invalid/` has its exact text beside it, and each
//! lint a change of the baseline that it speaks up at.

#[path = "invalid/files.rs"]
mod files;
#[path = "invalid/lints.rs"]
mod lints;
