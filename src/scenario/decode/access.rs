//! The parts of a node as serde walks them: entries, items, variants.

use super::error::DecodeError;
use super::reader::{Reader, Result, Step};
use super::stand_in::StandIn;
use crate::scenario::tree::{Entry, Kind, Node, tuple_segment};
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor};

fn text<'a>(text: &'a str) -> StrDeserializer<'a, DecodeError> {
    text.into_deserializer()
}

/// The entries of a struct or map, then stand-ins for fields that are missing.
pub(super) struct Entries<'n, 'r> {
    reader: &'r Reader<'n, 'r>,
    entries: std::slice::Iter<'n, Entry>,
    filled: std::slice::Iter<'r, &'static str>,
    /// The entry whose value is next; none for a stand-in.
    current: Option<&'n Entry>,
}

impl<'n, 'r> Entries<'n, 'r> {
    pub(super) fn new(reader: &'r Reader<'n, 'r>, entries: &'n [Entry]) -> Self {
        Self { reader, entries: entries.iter(), filled: reader.marks.filled(reader.node).iter(), current: None }
    }
}

impl<'de> MapAccess<'de> for Entries<'_, '_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let marks = self.reader.marks;
        self.current = self.entries.find(|entry| !marks.skips(entry));
        match self.current {
            Some(entry) => {
                seed.deserialize(text(&entry.key)).map(Some).map_err(|error| self.reader.locate_key(error, entry))
            }
            None => self.filled.next().map(|field| seed.deserialize(text(field))).transpose(),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        match self.current {
            Some(entry) => seed.deserialize(self.reader.part(&entry.value, Step::Key(&entry.key))),
            None => seed.deserialize(StandIn::new()).map_err(|_| DecodeError::no_stand_in()),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// The items of a list or tuple.
pub(super) struct Items<'n, 'r> {
    reader: &'r Reader<'n, 'r>,
    items: &'n [Node],
    next: usize,
}

impl<'n, 'r> Items<'n, 'r> {
    pub(super) fn new(reader: &'r Reader<'n, 'r>, items: &'n [Node]) -> Self {
        Self { reader, items, next: 0 }
    }
}

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(item) = self.items.get(self.next) else { return Ok(None) };
        self.next += 1;
        seed.deserialize(self.reader.part(item, Step::Index(self.next - 1))).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.next)
    }
}

/// A value and then its evidence, empty without one.
pub(super) struct SourcedParts<'n, 'r> {
    pub(super) value: Option<Reader<'n, 'r>>,
    pub(super) source: Option<&'n str>,
}

impl<'de> SeqAccess<'de> for SourcedParts<'_, '_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        match self.value.take() {
            Some(value) => seed.deserialize(value).map(Some),
            None => self.source.take().map(|source| seed.deserialize(text(source))).transpose(),
        }
    }
}

/// The variant that a node names, with the values behind it.
pub(super) struct VariantReader<'n, 'r> {
    pub(super) reader: &'r Reader<'n, 'r>,
    pub(super) has_payload: bool,
}

impl<'n> VariantReader<'n, '_> {
    fn name(&self) -> &'n str {
        match &self.reader.node.kind {
            Kind::Word(name) | Kind::Struct(Some(name), _) | Kind::Tuple(Some(name), _) => name,
            _ => "",
        }
    }

    /// The items of `Name(a, b)`; `None` for other forms.
    fn items(&self) -> Option<&'n [Node]> {
        match &self.reader.node.kind {
            Kind::Tuple(_, items) => Some(items),
            _ => None,
        }
    }

    fn wrong(&self, form: &str) -> DecodeError {
        let name = self.name();
        DecodeError::value(format!("expected `{name}{form}`, found {}", self.reader.node.found()))
    }
}

impl<'de, 'n, 'r> EnumAccess<'de> for VariantReader<'n, 'r> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let name = seed.deserialize(text(self.name()))?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for VariantReader<'_, '_> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<()> {
        match self.items() {
            None if self.has_payload => Err(self.wrong("")),
            Some(items) if !items.is_empty() => Err(self.wrong("")),
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        match self.items() {
            Some([item]) => {
                let step = tuple_segment(std::slice::from_ref(item), 0).map_or(Step::Stay, Step::Index);
                seed.deserialize(self.reader.part(item, step))
            }
            None if !self.has_payload => Err(self.wrong("(..)")),
            // `Name(field: ..)` for `Name((field: ..))`.
            _ => seed.deserialize(Reader { bare: true, ..self.reader.part(self.reader.node, Step::Stay) }),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value> {
        match self.items() {
            Some(items) if items.len() == length => visitor.visit_seq(Items::new(self.reader, items)),
            Some(items) => {
                let message = format!("`{}` takes {length} values, found {}", self.name(), items.len());
                Err(DecodeError::value(message))
            }
            None => Err(self.wrong(&format!("({})", ["_"].repeat(length).join(", ")))),
        }
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        let entries: &[Entry] = match &self.reader.node.kind {
            Kind::Struct(_, entries) => entries,
            Kind::Tuple(_, items) if !items.is_empty() => {
                return Err(self.wrong(&format!("({}: ..)", fields.first().unwrap_or(&""))));
            }
            _ => &[],
        };
        visitor.visit_map(Entries::new(self.reader, entries))
    }
}
