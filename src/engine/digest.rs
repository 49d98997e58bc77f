//! A running hash of typed values: equal digests mean equal runs.

const TAG_U64: u8 = 1;
const TAG_F64: u8 = 2;
const TAG_I128: u8 = 3;
const TAG_STR: u8 = 4;

/// BLAKE3 over a sequence of values, each with its type, so that neither types nor the limits of strings can be
/// confused. The same on every machine.
#[derive(Clone, Debug, Default)]
pub struct Digest(blake3::Hasher);

impl Digest {
    /// The digest of nothing so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an integer.
    pub fn push_u64(&mut self, value: u64) {
        self.push(TAG_U64, &value.to_le_bytes());
    }

    /// Adds a float by its bits: −0 and 0 differ, all NaN are one, since their bits depend on the processor.
    pub fn push_f64(&mut self, value: f64) {
        let portable = if value.is_nan() { f64::NAN } else { value };
        self.push(TAG_F64, &portable.to_bits().to_le_bytes());
    }

    /// Adds a wide signed integer.
    pub fn push_i128(&mut self, value: i128) {
        self.push(TAG_I128, &value.to_le_bytes());
    }

    /// Adds a text with its length.
    pub fn push_str(&mut self, value: &str) {
        self.push(TAG_STR, &(value.len() as u64).to_le_bytes());
        self.0.update(value.as_bytes());
    }

    /// The digest of everything pushed so far, in 64 hexadecimal digits.
    pub fn finish(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }

    fn push(&mut self, tag: u8, bytes: &[u8]) {
        self.0.update(&[tag]);
        self.0.update(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(push: impl Fn(&mut Digest)) -> String {
        let mut digest = Digest::new();
        push(&mut digest);
        digest.finish()
    }

    #[test]
    fn a_digest_is_blake3_of_tagged_little_endian_bytes() {
        let bytes = [1, 5, 0, 0, 0, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 0, 0, 0, b'h', b'i'];
        let expected = blake3::hash(&bytes).to_hex().to_string();
        assert_eq!(
            digest(|digest| {
                digest.push_u64(5);
                digest.push_str("hi");
            }),
            expected
        );
    }

    #[test]
    fn types_and_limits_are_part_of_it() {
        let strings =
            |texts: [&'static str; 2]| digest(move |digest| texts.iter().for_each(|text| digest.push_str(text)));
        assert_ne!(strings(["ab", "c"]), strings(["a", "bc"]));
        assert_ne!(digest(|digest| digest.push_u64(0)), digest(|digest| digest.push_f64(0.0)));
        assert_ne!(digest(|digest| digest.push_f64(-0.0)), digest(|digest| digest.push_f64(0.0)));
        assert_ne!(digest(|digest| digest.push_i128(-1)), digest(|digest| digest.push_i128(1)));
    }

    #[test]
    fn every_nan_is_the_same() {
        let negative = f64::from_bits(f64::NAN.to_bits() | 1 << 63 | 1);
        assert!(negative.is_nan());
        assert_eq!(digest(|digest| digest.push_f64(negative)), digest(|digest| digest.push_f64(f64::NAN)));
    }
}
