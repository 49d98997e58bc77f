//! Schema types that describe themselves: [`spec!`](crate::spec) defines a type and its entry in the list of fields.

use super::decode::{Cited, RawValue};
use super::scalar::{Date, Distribution, Scalar};
use std::collections::BTreeMap;

/// A field of the schema, as `list fields` prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// Dotted path; `*` stands for an id or an index.
    pub path: String,
    /// The variants that the field belongs to, outermost first; empty outside of variants.
    pub variant: String,
    /// What may be written there, in words.
    pub kind: String,
    /// Unit, empty without one.
    pub unit: String,
    /// One line.
    pub about: String,
    /// Whether it may be left out.
    pub optional: bool,
}

/// Every field of a schema type, in the order of its definition.
pub fn fields<T: Describe>() -> Vec<FieldInfo> {
    let mut fields = Vec::new();
    T::describe(&Place::default(), &mut fields);
    fields
}

/// A type that can list its fields. Types that contain themselves cannot.
pub trait Describe {
    /// Whether its fields are reached without a step when it is the only value of a variant.
    const IS_STRUCT: bool = false;

    /// Adds the fields at and below `place`.
    fn describe(place: &Place, fields: &mut Vec<FieldInfo>);
}

/// Where a field stands and what is said about it.
#[derive(Clone, Debug, Default)]
pub struct Place {
    path: String,
    variant: String,
    about: String,
    unit: String,
    optional: bool,
}

impl Place {
    /// A field of the struct at this place; `doc` are the lines of its comment, a unit in brackets at their end.
    pub fn field(&self, name: &str, doc: &[&str], has_default: bool) -> Place {
        let text = doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        let text = text.trim();
        let (about, unit) = match text.strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
            Some((about, unit)) => (about.trim_end(), unit),
            None => (text, ""),
        };
        Place { about: about.into(), unit: unit.into(), optional: has_default, ..self.step(name) }
    }

    /// An item or entry of the value at this place, which is described as the whole is.
    pub fn step(&self, name: &str) -> Place {
        let dot = if self.path.is_empty() { "" } else { "." };
        Place { path: format!("{}{dot}{name}", self.path), optional: false, ..self.clone() }
    }

    /// This place within a variant.
    pub fn variant(&self, name: &str) -> Place {
        let dot = if self.variant.is_empty() { "" } else { "." };
        Place { variant: format!("{}{dot}{name}", self.variant), ..self.clone() }
    }

    fn optional(&self) -> Place {
        Place { optional: true, ..self.clone() }
    }

    /// Adds a field of this kind here.
    pub fn leaf(&self, kind: impl Into<String>, fields: &mut Vec<FieldInfo>) {
        fields.push(FieldInfo {
            path: self.path.clone(),
            variant: self.variant.clone(),
            kind: kind.into(),
            unit: self.unit.clone(),
            about: self.about.clone(),
            optional: self.optional,
        });
    }
}

macro_rules! leaves {
    ($($type:ty: $kind:literal;)+) => {$(
        impl Describe for $type {
            fn describe(place: &Place, fields: &mut Vec<FieldInfo>) {
                place.leaf($kind, fields);
            }
        }
    )+};
}

leaves! {
    Scalar: "number, schedule or distribution";
    Distribution: "number or distribution";
    Date: "date";
    RawValue: "any value";
    String: "string";
    bool: "true or false";
    f64: "number";
    u8: "whole number";
    u16: "whole number";
    u32: "whole number";
    u64: "whole number";
    usize: "whole number";
    i32: "whole number";
    i64: "whole number";
}

impl<T: Describe> Describe for Option<T> {
    const IS_STRUCT: bool = T::IS_STRUCT;

    fn describe(place: &Place, fields: &mut Vec<FieldInfo>) {
        T::describe(&place.optional(), fields);
    }
}

impl<T: Describe> Describe for Box<T> {
    const IS_STRUCT: bool = T::IS_STRUCT;

    fn describe(place: &Place, fields: &mut Vec<FieldInfo>) {
        T::describe(place, fields);
    }
}

impl<T: Describe> Describe for Cited<T> {
    const IS_STRUCT: bool = T::IS_STRUCT;

    fn describe(place: &Place, fields: &mut Vec<FieldInfo>) {
        T::describe(place, fields);
    }
}

impl<T: Describe> Describe for Vec<T> {
    fn describe(place: &Place, fields: &mut Vec<FieldInfo>) {
        T::describe(&place.step("*"), fields);
    }
}

impl<K, T: Describe> Describe for BTreeMap<K, T> {
    fn describe(place: &Place, fields: &mut Vec<FieldInfo>) {
        T::describe(&place.step("*"), fields);
    }
}

macro_rules! tuples {
    ($(($($type:ident $index:literal),+);)+) => {$(
        impl<$($type: Describe),+> Describe for ($($type,)+) {
            fn describe(place: &Place, fields: &mut Vec<FieldInfo>) {
                $($type::describe(&place.step($index), fields);)+
            }
        }
    )+};
}

tuples! {
    (A "0", B "1");
    (A "0", B "1", C "2");
    (A "0", B "1", C "2", D "3");
}

/// Describes the only value of a variant `Name(..)`.
pub fn describe_newtype<T: Describe>(place: &Place, fields: &mut Vec<FieldInfo>) {
    match T::IS_STRUCT {
        true => T::describe(place, fields),
        false => T::describe(&place.step("0"), fields),
    }
}

/// Defines structs and enums of the schema: they derive `Deserialize` (unknown fields are errors), `Debug`, `Clone` and
/// `PartialEq`, are public with all fields, and implement [`Describe`].
///
/// Every field and variant has a doc comment; a unit stands in brackets at the end of a field's. Attributes follow the
/// comment: `#[serde(..)]` on fields and types, `#[derive(..)]` for more on types. Not for `#[serde(rename)]` and
/// `#[serde(flatten)]`.
///
/// ```
/// # use cloudmarket::{scenario::{describe::fields, scalar::Scalar}, spec};
/// spec! {
///     /// A cloud.
///     pub struct CloudSpec {
///         /// Cost of capital. [1/year]
///         pub wacc: Scalar,
///         /// How it prices.
///         #[serde(default)]
///         pub pricing: PricingSpec,
///     }
///
///     /// A rule for prices.
///     #[derive(Default)]
///     pub enum PricingSpec {
///         /// As the cheapest competitor.
///         #[default]
///         Match,
///         /// Cost and a margin.
///         CostPlus {
///             /// Margin over cost. [1]
///             margin: f64,
///         },
///     }
/// }
/// let listed = fields::<CloudSpec>();
/// assert_eq!((listed[0].path.as_str(), listed[0].unit.as_str()), ("wacc", "1/year"));
/// assert_eq!((listed[2].path.as_str(), listed[2].variant.as_str()), ("pricing.margin", "CostPlus"));
/// ```
#[macro_export]
macro_rules! spec {
    () => {};
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:tt)*)])*
        $(#[serde($($container:tt)*)])*
        pub struct $name:ident {
            $(
                $(#[doc = $field_doc:literal])*
                $(#[serde($($serde:tt)*)])*
                pub $field:ident: $type:ty
            ),* $(,)?
        }
        $($rest:tt)*
    ) => {
        $(#[doc = $doc])*
        $(#[derive($($derive)*)])*
        #[derive(Clone, Debug, PartialEq, ::serde::Deserialize)]
        $(#[serde($($container)*)])*
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $(
                $(#[doc = $field_doc])*
                $(#[serde($($serde)*)])*
                pub $field: $type,
            )*
        }

        impl $crate::scenario::describe::Describe for $name {
            const IS_STRUCT: bool = true;

            fn describe(
                place: &$crate::scenario::describe::Place,
                fields: &mut Vec<$crate::scenario::describe::FieldInfo>,
            ) {
                let has_default = stringify!($($($container)*)*).contains("default");
                $(
                    <$type as $crate::scenario::describe::Describe>::describe(
                        &place.field(
                            stringify!($field),
                            &[$($field_doc),*],
                            has_default || stringify!($($($serde)*)*).contains("default"),
                        ),
                        fields,
                    );
                )*
            }
        }

        $crate::spec! { $($rest)* }
    };
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:tt)*)])*
        pub enum $name:ident {
            $(
                $(#[doc = $variant_doc:literal])*
                $(#[default $($default:tt)?])?
                $variant:ident
                $(($($item:ty),+ $(,)?))?
                $({
                    $(
                        $(#[doc = $field_doc:literal])*
                        $(#[serde($($serde:tt)*)])*
                        $field:ident: $type:ty
                    ),* $(,)?
                })?
            ),* $(,)?
        }
        $($rest:tt)*
    ) => {
        $(#[doc = $doc])*
        $(#[derive($($derive)*)])*
        #[derive(Clone, Debug, PartialEq, ::serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(clippy::large_enum_variant, reason = "a scenario has few of each, and boxes would show in its schema")]
        pub enum $name {
            $(
                $(#[doc = $variant_doc])*
                $(#[default $($default)?])?
                $variant
                $(($($item),+))?
                $({
                    $(
                        $(#[doc = $field_doc])*
                        $(#[serde($($serde)*)])*
                        $field: $type,
                    )*
                })?,
            )*
        }

        impl $crate::scenario::describe::Describe for $name {
            fn describe(
                place: &$crate::scenario::describe::Place,
                fields: &mut Vec<$crate::scenario::describe::FieldInfo>,
            ) {
                let variants: &[&str] = &[$(stringify!($variant)),*];
                place.leaf(variants.join(" or "), fields);
                $(
                    #[allow(unused_variables, reason = "a variant without values has no fields to describe")]
                    let within = place.variant(stringify!($variant));
                    $($crate::spec!(@items within, fields, $($item),+);)?
                    $($(
                        <$type as $crate::scenario::describe::Describe>::describe(
                            &within.field(
                                stringify!($field),
                                &[$($field_doc),*],
                                stringify!($($($serde)*)*).contains("default"),
                            ),
                            fields,
                        );
                    )*)?
                )*
            }
        }

        $crate::spec! { $($rest)* }
    };
    (@items $place:ident, $fields:ident, $item:ty) => {
        $crate::scenario::describe::describe_newtype::<$item>(&$place, $fields);
    };
    (@items $place:ident, $fields:ident, $first:ty, $($item:ty),+) => {
        <($first, $($item),+) as $crate::scenario::describe::Describe>::describe(&$place, $fields);
    };
}
