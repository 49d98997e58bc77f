//! Scenario files end to end: what is read, how it is changed, and what is said about mistakes.

mod changes;
mod describe;
mod files;
mod fixture;
mod mistakes;
mod random;
