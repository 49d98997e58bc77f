//! A serde deserializer on the nodes themselves, so that every error knows its value, path and place.

use super::access::{Entries, Items, SourcedParts, VariantReader};
use super::error::{Cause, DecodeError, EVIDENCE, Place, one_of, words};
use super::marks::{Marks, id};
use super::stand_in::StandIn;
use super::{RAW, SOURCED};
use crate::scenario::tree::{Entry, Kind, Node, Span};
use serde::de::{Deserializer, Visitor};

pub(super) type Result<T> = std::result::Result<T, DecodeError>;

/// The way from the root to a value, kept on the stack and written out only for errors.
#[derive(Clone, Copy)]
pub(super) struct Trail<'t> {
    parent: Option<&'t Trail<'t>>,
    step: Step<'t>,
}

#[derive(Clone, Copy)]
pub(super) enum Step<'t> {
    /// No step: the root, or a value reached without one.
    Stay,
    Key(&'t str),
    Index(usize),
}

impl Trail<'_> {
    fn write(&self, out: &mut String) {
        if let Some(parent) = self.parent {
            parent.write(out);
        }
        let dot = if out.is_empty() { "" } else { "." };
        match self.step {
            Step::Stay => {}
            Step::Key(key) => out.extend([dot, key]),
            Step::Index(index) => out.extend([dot, &index.to_string()]),
        }
    }
}

/// Reads one node as whatever type is asked for.
#[derive(Clone, Copy)]
pub(super) struct Reader<'n, 't> {
    pub(super) node: &'n Node,
    pub(super) trail: Trail<'t>,
    pub(super) marks: &'t Marks,
    /// The name in front of the brackets was a variant and has been used up.
    pub(super) bare: bool,
}

impl<'n, 't> Reader<'n, 't> {
    pub(super) fn root(node: &'n Node, marks: &'t Marks) -> Self {
        Self { node, trail: Trail { parent: None, step: Step::Stay }, marks, bare: false }
    }

    /// A reader of a part of this node.
    pub(super) fn part<'a>(&'a self, node: &'n Node, step: Step<'a>) -> Reader<'n, 'a> {
        Reader { node, trail: Trail { parent: Some(&self.trail), step }, marks: self.marks, bare: false }
    }

    /// Adds to an error without a place that it is about this node.
    pub(super) fn locate(&self, mut error: DecodeError) -> DecodeError {
        if error.0.place.is_some() {
            return error;
        }
        if error.0.wants_found {
            error.0.message += &format!(", found {}", self.node.found());
            error = error.help(self.advice());
        }
        let span = match error.0.cause {
            Cause::Value => self.head(),
            _ => self.node.span,
        };
        error.0.place = Some(self.place(id(self.node), span));
        error
    }

    /// As [`locate`](Self::locate) for an unknown field, which is about its key.
    pub(super) fn locate_key(&self, mut error: DecodeError, entry: &Entry) -> DecodeError {
        let mut path = self.place(id(&entry.value), entry.key_span);
        let dot = if path.path.is_empty() { "" } else { "." };
        path.path.extend([dot, &entry.key]);
        // A key of the wrong type is passed over like an unknown one.
        error.0.cause = Cause::UnknownField;
        error.0.place = Some(path);
        error
    }

    fn place(&self, id: usize, span: Span) -> Place {
        let mut path = String::new();
        self.trail.write(&mut path);
        Place { id, path, span }
    }

    /// The name of a named value, else all of it.
    fn head(&self) -> Span {
        match &self.node.kind {
            Kind::Struct(Some(name), _) | Kind::Tuple(Some(name), _) if !self.bare => {
                let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
                Span { end: self.node.span.start.saturating_add(length).min(self.node.span.end), ..self.node.span }
            }
            _ => self.node.span,
        }
    }

    fn advice(&self) -> Option<String> {
        match &self.node.kind {
            Kind::Tuple(Some(name), _) | Kind::Struct(Some(name), _) if name == "Sourced" => Some(EVIDENCE.into()),
            _ => None,
        }
    }

    fn is_replaced(&self) -> bool {
        self.marks.replaces(self.node)
    }

    /// The value inside `Sourced`.
    fn opened(mut self) -> Self {
        while !self.bare
            && let Some((value, _)) = self.node.sourced()
        {
            self.node = value;
        }
        self
    }

    /// The value inside `Sourced`, unless something on the way was wrong before.
    fn turn(self) -> Option<Self> {
        let opened = self.opened();
        (!self.is_replaced() && !opened.is_replaced()).then_some(opened)
    }

    /// As [`turn`](Self::turn) with `Sourced` left on.
    fn turn_closed(self) -> Option<Self> {
        (!self.is_replaced()).then_some(self)
    }

    fn run<T>(&self, read: impl FnOnce() -> Result<T>) -> Result<T> {
        read().map_err(|error| self.locate(error))
    }

    fn name(&self) -> Option<&'n str> {
        match &self.node.kind {
            Kind::Struct(Some(name), _) | Kind::Tuple(Some(name), _) if !self.bare => Some(name),
            _ => None,
        }
    }

    fn text(&self, expected: &dyn serde::de::Expected) -> Result<&'n str> {
        match &self.node.kind {
            Kind::Text(text) => Ok(text),
            _ => Err(DecodeError::expected(words(expected))),
        }
    }

    fn float(&self) -> Result<f64> {
        match &self.node.kind {
            Kind::Number(number) => Ok(number.value()),
            _ => Err(DecodeError::expected("a number")),
        }
    }

    fn integer<T: TryFrom<i128>>(&self, min: i128, max: i128) -> Result<T> {
        let range = || match (min, max) {
            (0, max) if max > i128::from(u16::MAX) => "a whole number from 0".to_owned(),
            (min, max) if max > i128::from(u16::MAX) => format!("a whole number from {min}"),
            (min, max) => format!("a whole number from {min} to {max}"),
        };
        let Kind::Number(number) = &self.node.kind else { return Err(DecodeError::expected(range())) };
        match number.integer() {
            Some(integer) if integer > max && max > i128::from(u16::MAX) => {
                Err(DecodeError::expected(format!("a whole number up to {max}")))
            }
            Some(integer) => T::try_from(integer).map_err(|_| DecodeError::expected(range())),
            None => Err(DecodeError::expected(range())),
        }
    }

    /// The entries of what can be read as a struct.
    fn fields(&self, name: &str, fields: &[&str]) -> Result<&'n [Entry]> {
        let expected = || DecodeError::expected(format!("fields `({}: ..)`", fields.first().unwrap_or(&"")));
        if self.name().is_some_and(|found| found != name) {
            return Err(expected());
        }
        match &self.node.kind {
            Kind::Struct(_, entries) => Ok(entries),
            Kind::Tuple(_, items) if items.is_empty() => Ok(&[]),
            Kind::Map(_) => Err(expected().help(Some("fields stand in parentheses, without quotes".into()))),
            _ => Err(expected()),
        }
    }

    fn tuple(&self, name: Option<&str>, length: usize) -> Result<&'n [Node]> {
        match &self.node.kind {
            Kind::Tuple(_, items) if items.len() == length && (self.name().is_none() || self.name() == name) => {
                Ok(items)
            }
            _ => Err(DecodeError::expected(format!("{length} values in parentheses"))),
        }
    }

    fn variant(&self, variants: &[&str]) -> Result<VariantReader<'n, '_>> {
        let has_payload = match &self.node.kind {
            Kind::Word(_) => false,
            Kind::Struct(Some(_), _) | Kind::Tuple(Some(_), _) if !self.bare => true,
            Kind::Text(text) if variants.contains(&text.as_str()) => {
                return Err(
                    DecodeError::expected(one_of(variants)).help(Some(format!("write `{text}` without quotes")))
                );
            }
            _ => return Err(DecodeError::expected(one_of(variants))),
        };
        Ok(VariantReader { reader: self, has_payload })
    }

    fn any<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value> {
        match &self.node.kind {
            Kind::Number(number) => match number.integer().map(i64::try_from) {
                Some(Ok(integer)) => visitor.visit_i64(integer),
                _ => visitor.visit_f64(number.value()),
            },
            Kind::Text(text) => visitor.visit_str(text),
            Kind::Char(char) => visitor.visit_char(*char),
            Kind::Word(word) if word == "true" || word == "false" => visitor.visit_bool(word == "true"),
            Kind::Word(_) => visitor.visit_enum(VariantReader { reader: self, has_payload: false }),
            Kind::Struct(..) | Kind::Tuple(..) if self.name().is_some() => {
                visitor.visit_enum(VariantReader { reader: self, has_payload: true })
            }
            Kind::Struct(_, entries) | Kind::Map(entries) => visitor.visit_map(Entries::new(self, entries)),
            Kind::Tuple(_, items) if items.is_empty() && !self.bare => visitor.visit_unit(),
            Kind::Tuple(_, items) | Kind::List(items) => visitor.visit_seq(Items::new(self, items)),
        }
    }

    fn option<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value> {
        match &self.opened().node.kind {
            Kind::Word(word) if word == "None" => return visitor.visit_none(),
            _ => {}
        }
        match &self.node.kind {
            Kind::Tuple(Some(name), items) if name == "Some" && items.len() == 1 => {
                visitor.visit_some(self.part(&items[0], Step::Stay))
            }
            _ => visitor.visit_some(self.part_itself()),
        }
    }

    /// This node again, in a position of its own.
    fn part_itself(&self) -> Reader<'n, '_> {
        Reader { bare: self.bare, ..self.part(self.node, Step::Stay) }
    }

    fn newtype<'de, V: Visitor<'de>>(&self, name: &str, visitor: V) -> Result<V::Value> {
        match &self.node.kind {
            _ if name == RAW => visitor.visit_str(&self.node.to_string()),
            Kind::Tuple(_, items) if self.name() == Some(name) && items.len() == 1 => {
                visitor.visit_newtype_struct(self.part(&items[0], Step::Index(0)))
            }
            _ => visitor.visit_newtype_struct(self.part_itself()),
        }
    }

    fn with_evidence<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value> {
        let (value, source) = match self.node.sourced() {
            Some((value, source)) if !self.bare => (self.part(value, Step::Stay), source),
            _ => (self.part_itself(), ""),
        };
        visitor.visit_seq(SourcedParts { value: Some(value), source: Some(source) })
    }
}

/// Methods of `Deserializer`: each reads its node, or asks a stand-in if the node was wrong before.
macro_rules! methods {
    ($($turn:ident $method:ident($($arg:ident: $type:ty),*) |$reader:ident, $visitor:ident| $read:expr;)+) => {$(
        fn $method<V: Visitor<'de>>(self, $($arg: $type,)* $visitor: V) -> Result<V::Value> {
            match self.$turn() {
                Some(reader) => {
                    let $reader = &reader;
                    $reader.run(|| $read)
                }
                None => StandIn::new().$method($($arg,)* $visitor).map_err(|_| DecodeError::no_stand_in()),
            }
        }
    )+};
}

macro_rules! integers {
    ($($method:ident $visit:ident $int:ty;)+) => {
        methods! {$(
            turn $method() |r, v| v.$visit(r.integer::<$int>(<$int>::MIN as i128, i128::try_from(<$int>::MAX).unwrap_or(i128::MAX))?);
        )+}
    };
}

impl<'de> Deserializer<'de> for Reader<'_, '_> {
    type Error = DecodeError;

    integers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_u128 visit_u128 u128;
    }

    methods! {
        turn deserialize_any() |r, v| r.any(v);
        turn deserialize_bool() |r, v| match &r.node.kind {
            Kind::Word(word) if word == "true" || word == "false" => v.visit_bool(word == "true"),
            _ => Err(DecodeError::expected("`true` or `false`")),
        };
        turn deserialize_f32() |r, v| v.visit_f64(r.float()?);
        turn deserialize_f64() |r, v| v.visit_f64(r.float()?);
        turn deserialize_char() |r, v| match &r.node.kind {
            Kind::Char(char) => v.visit_char(*char),
            _ => Err(DecodeError::expected("a character in single quotes")),
        };
        turn deserialize_str() |r, v| r.text(&v).and_then(|text| v.visit_str(text));
        turn deserialize_string() |r, v| r.text(&v).and_then(|text| v.visit_str(text));
        turn deserialize_bytes() |_r, _v| Err(DecodeError::value("byte strings are not used in scenarios".into()));
        turn deserialize_byte_buf() |_r, _v| Err(DecodeError::value("byte strings are not used in scenarios".into()));
        turn_closed deserialize_option() |r, v| r.option(v);
        turn deserialize_unit() |r, v| r.tuple(None, 0).and_then(|_| v.visit_unit());
        turn deserialize_unit_struct(name: &'static str) |r, v| r.tuple(Some(name), 0).and_then(|_| v.visit_unit());
        turn_closed deserialize_newtype_struct(name: &'static str) |r, v| r.newtype(name, v);
        turn deserialize_seq() |r, v| match &r.node.kind {
            Kind::List(items) => v.visit_seq(Items::new(r, items)),
            _ => Err(DecodeError::expected("a list `[..]`")),
        };
        turn deserialize_tuple(length: usize) |r, v| v.visit_seq(Items::new(r, r.tuple(None, length)?));
        turn deserialize_map() |r, v| match &r.node.kind {
            Kind::Map(entries) => v.visit_map(Entries::new(r, entries)),
            _ => Err(DecodeError::expected("a map `{\"id\": ..}`")),
        };
        turn deserialize_struct(name: &'static str, fields: &'static [&'static str]) |r, v| {
            v.visit_map(Entries::new(r, r.fields(name, fields)?))
        };
        turn deserialize_enum(_name: &'static str, variants: &'static [&'static str]) |r, v| {
            v.visit_enum(r.variant(variants)?)
        };
        turn deserialize_identifier() |r, v| r.text(&v).and_then(|text| v.visit_str(text));
        turn_closed deserialize_ignored_any() |_r, v| v.visit_unit();
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, name: &'static str, length: usize, v: V) -> Result<V::Value> {
        let turn = if name == SOURCED { self.turn_closed() } else { self.turn() };
        match turn {
            Some(r) if name == SOURCED => r.run(|| r.with_evidence(v)),
            Some(r) => r.run(|| v.visit_seq(Items::new(&r, r.tuple(Some(name), length)?))),
            None => StandIn::new().deserialize_tuple_struct(name, length, v).map_err(|_| DecodeError::no_stand_in()),
        }
    }
}
