//! A made-up value of any type, which lets decoding go on past a wrong one. It never leaves the decoder.

use super::error::DecodeError;
use super::reader::Result;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// Ends the search in types that contain themselves.
const DEEPEST: usize = 10;
/// Reads as a string and as a date.
const TEXT: &str = "2000-01-01";

/// Gives ones, false, empty lists, dates, and structs of such.
#[derive(Clone, Copy)]
pub(super) struct StandIn {
    depth: usize,
}

impl StandIn {
    pub(super) fn new() -> Self {
        Self { depth: 0 }
    }

    fn below(self) -> Result<Self> {
        match self.depth < DEEPEST {
            true => Ok(Self { depth: self.depth + 1 }),
            false => Err(DecodeError::no_stand_in()),
        }
    }
}

macro_rules! stand_ins {
    ($($method:ident($($arg:ident: $type:ty),*) |$this:ident, $visitor:ident| $give:expr;)+) => {$(
        fn $method<V: Visitor<'de>>(self, $($arg: $type,)* $visitor: V) -> Result<V::Value> {
            let $this = self;
            $give
        }
    )+};
}

impl<'de> Deserializer<'de> for StandIn {
    type Error = DecodeError;

    stand_ins! {
        deserialize_any() |_s, v| v.visit_f64(1.0);
        deserialize_bool() |_s, v| v.visit_bool(false);
        deserialize_i8() |_s, v| v.visit_i8(1);
        deserialize_i16() |_s, v| v.visit_i16(1);
        deserialize_i32() |_s, v| v.visit_i32(1);
        deserialize_i64() |_s, v| v.visit_i64(1);
        deserialize_i128() |_s, v| v.visit_i128(1);
        deserialize_u8() |_s, v| v.visit_u8(1);
        deserialize_u16() |_s, v| v.visit_u16(1);
        deserialize_u32() |_s, v| v.visit_u32(1);
        deserialize_u64() |_s, v| v.visit_u64(1);
        deserialize_u128() |_s, v| v.visit_u128(1);
        deserialize_f32() |_s, v| v.visit_f32(1.0);
        deserialize_f64() |_s, v| v.visit_f64(1.0);
        deserialize_char() |_s, v| v.visit_char('a');
        deserialize_str() |_s, v| v.visit_str(TEXT);
        deserialize_string() |_s, v| v.visit_str(TEXT);
        deserialize_bytes() |_s, v| v.visit_bytes(&[]);
        deserialize_byte_buf() |_s, v| v.visit_bytes(&[]);
        deserialize_option() |_s, v| v.visit_none();
        deserialize_unit() |_s, v| v.visit_unit();
        deserialize_unit_struct(_name: &'static str) |_s, v| v.visit_unit();
        deserialize_newtype_struct(name: &'static str) |s, v| match name {
            super::RAW => v.visit_str(TEXT),
            _ => v.visit_newtype_struct(s.below()?),
        };
        deserialize_seq() |s, v| v.visit_seq(Parts { of: s, names: &[], left: 0 });
        deserialize_tuple(length: usize) |s, v| v.visit_seq(Parts { of: s.below()?, names: &[], left: length });
        deserialize_tuple_struct(_name: &'static str, length: usize) |s, v| {
            v.visit_seq(Parts { of: s.below()?, names: &[], left: length })
        };
        deserialize_map() |s, v| v.visit_map(Parts { of: s, names: &[], left: 0 });
        deserialize_struct(_name: &'static str, fields: &'static [&'static str]) |s, v| {
            v.visit_map(Parts { of: s.below()?, names: fields, left: fields.len() })
        };
        deserialize_enum(_name: &'static str, variants: &'static [&'static str]) |s, v| {
            v.visit_enum(First { of: s.below()?, variants })
        };
        deserialize_identifier() |_s, v| v.visit_str(TEXT);
        deserialize_ignored_any() |_s, v| v.visit_unit();
    }
}

/// `left` values, with the last so many of `names` as their keys.
struct Parts {
    of: StandIn,
    names: &'static [&'static str],
    left: usize,
}

impl<'de> SeqAccess<'de> for Parts {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(self.of).map(Some)
    }
}

impl<'de> MapAccess<'de> for Parts {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some(name) = self.names.iter().rev().nth(self.left.wrapping_sub(1)) else { return Ok(None) };
        self.left -= 1;
        let name: StrDeserializer<DecodeError> = (*name).into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        seed.deserialize(self.of)
    }
}

/// The first variant of an enum.
struct First {
    of: StandIn,
    variants: &'static [&'static str],
}

impl<'de> EnumAccess<'de> for First {
    type Error = DecodeError;
    type Variant = StandIn;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, StandIn)> {
        let first = self.variants.first().ok_or_else(DecodeError::no_stand_in)?;
        let name: StrDeserializer<DecodeError> = (*first).into_deserializer();
        Ok((seed.deserialize(name)?, self.of))
    }
}

impl<'de> VariantAccess<'de> for StandIn {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<()> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(Parts { of: self, names: &[], left: length })
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        visitor.visit_map(Parts { of: self, names: fields, left: fields.len() })
    }
}
