//! From the tree to schema types, with every problem at once.
//!
//! Serde stops at its first error. So the error is recorded, the value that caused it is marked, and the tree is decoded
//! again: a marked value is replaced by a stand-in of the right type, a missing field is stood in for, an unknown one is
//! skipped. Where no stand-in can be made, the value around it is stood in for, in silence. Nothing made up leaves this
//! module: one problem is enough to refuse the whole.

mod access;
mod error;
mod marks;
mod reader;
mod stand_in;

pub use error::DecodeError;

use super::problems::Problems;
use super::tree::{LoadOptions, Loaded, Tree, load_partly};
use marks::Marks;
use reader::Reader;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Most problems that are looked for.
const MAX_PROBLEMS: usize = 100;
/// Most decodings, for recorded and for silent problems.
const MAX_ROUNDS: usize = 500;
/// Asks the reader for a value and the evidence around it, which all other requests look through.
const SOURCED: &str = "$Sourced";
/// Asks the reader for the text of a value.
const RAW: &str = "$Raw";

/// Decodes a tree.
///
/// # Errors
/// Every problem, up to 100.
pub fn decode<T: DeserializeOwned>(tree: &Tree) -> Result<T, Problems> {
    match decode_partly(tree) {
        Decoded { value: Some(value), problems, .. } if problems.is_empty() => Ok(value),
        Decoded { problems, .. } => Err(problems.sorted()),
    }
}

/// What could be decoded, beside the problems.
struct Decoded<T> {
    /// With stand-ins for what is wrong.
    value: Option<T>,
    problems: Problems,
    /// Paths of what is wrong.
    doubtful: Vec<String>,
}

fn decode_partly<T: DeserializeOwned>(tree: &Tree) -> Decoded<T> {
    let mut problems = Problems::new(tree);
    let mut marks = Marks::default();
    let mut value = None;
    for _ in 0..MAX_ROUNDS {
        let fault = match T::deserialize(Reader::root(tree.root(), &marks)) {
            Ok(decoded) => {
                value = Some(decoded);
                break;
            }
            Err(fault) => fault,
        };
        if problems.len() == MAX_PROBLEMS {
            problems.cut_short();
            break;
        }
        let (problem, went_on) = marks.take(fault);
        if let Some(problem) = problem {
            problems.add(problem);
        }
        if !went_on {
            break;
        }
    }
    // Many silent rounds are no whole search either.
    if value.is_none() && problems.len() < MAX_PROBLEMS && marks.rounds() >= MAX_ROUNDS {
        problems.cut_short();
    }
    Decoded { value, problems, doubtful: marks.into_paths() }
}

/// Loads and decodes a scenario; a problem in one file does not hide those in the others.
///
/// # Errors
/// Every problem, of loading and of decoding.
pub fn read<T: DeserializeOwned>(file: &std::path::Path, options: &LoadOptions) -> Result<(Tree, T), Problems> {
    match read_partly(file, options) {
        Partly { tree, value: Some(value), problems, .. } if problems.is_empty() => Ok((tree, value)),
        Partly { problems, .. } => Err(problems.sorted()),
    }
}

/// A scenario as far as it could be read.
pub(super) struct Partly<T> {
    pub(super) tree: Tree,
    /// With stand-ins for what is wrong; whole where there is no problem.
    pub(super) value: Option<T>,
    pub(super) problems: Problems,
    /// Whether every file was read, so that nothing is missing but for wrong changes.
    pub(super) whole: bool,
    /// Paths of what is wrong.
    pub(super) doubtful: Vec<String>,
    /// The folder that the scenario's files lie in.
    pub(super) folder: Option<std::path::PathBuf>,
}

/// As [`read`], with what could be read beside the problems.
pub(super) fn read_partly<T: DeserializeOwned>(file: &std::path::Path, options: &LoadOptions) -> Partly<T> {
    let Loaded { tree, mut problems, whole, folder } = load_partly(file, options);
    let Decoded { value, problems: found, doubtful } = decode_partly(&tree);
    // What is missing may stand in a part that could not be read.
    let found = if problems.is_empty() { found } else { found.without(error::is_missing) };
    problems.absorb(found);
    Partly { tree, value, problems, whole, doubtful, folder }
}

/// A value that may carry its evidence: `x` or `Sourced(x, "table:row")`.
#[derive(Clone, Debug, PartialEq)]
pub struct Cited<T> {
    /// The value.
    pub value: T,
    /// Id of a row in the reference tables; an assumption has none.
    pub source: Option<String>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Cited<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple_struct(SOURCED, 2, CitedVisitor(PhantomData))
    }
}

struct CitedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for CitedVisitor<T> {
    type Value = Cited<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value, or one in `Sourced(value, \"table:row\")`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        let absent = || serde::de::Error::invalid_length(0, &"a value and its evidence");
        let value = parts.next_element()?.ok_or_else(absent)?;
        let source: String = parts.next_element()?.ok_or_else(absent)?;
        Ok(Cited { value, source: Some(source).filter(|row| !row.is_empty()) })
    }
}

/// Any value as RON text, for files whose fields hold values of a scenario, such as the points of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawValue(pub String);

impl<'de> Deserialize<'de> for RawValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(RAW, RawVisitor)
    }
}

struct RawVisitor;

impl Visitor<'_> for RawVisitor {
    type Value = RawValue;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<RawValue, E> {
        Ok(RawValue(text.into()))
    }
}
