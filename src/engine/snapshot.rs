//! Saving and restoring a state: postcard and zstd behind a header.
//!
//! Layout: magic (8 bytes), format (u32), the caller's digest (length as u32, then UTF-8), size of the state before
//! compression (u64), compressed state, BLAKE3 of all that precedes (32 bytes); integers are little-endian.
//!
//! **Why a digest from the caller?** Postcard does not describe itself: bytes of another model, version or scenario may
//! decode to nonsense. The caller's digest covers whatever must be equal for the state to make sense.
//!
//! **Why bytes and not files?** So that the caller decides how files are written whole or not at all.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::io::Read;

const MAGIC: [u8; 8] = *b"DESTATE\n";
/// The version of this layout.
pub const FORMAT: u32 = 1;
const CHECKSUM_BYTES: usize = 32;
const COMPRESSION_LEVEL: i32 = 3;

/// Why a snapshot was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotError {
    /// The bytes do not begin as a snapshot does.
    NotASnapshot,
    /// Written in another layout.
    Format {
        /// The version in the header.
        found: u32,
    },
    /// Written for something else than what is wanted.
    Digest {
        /// The digest in the header.
        found: String,
        /// The digest asked for.
        expected: String,
    },
    /// Cut short, altered, or not the state that the digest promises.
    Damaged(String),
    /// The state cannot be written in this form.
    Unwritable(String),
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASnapshot => write!(f, "this is not a snapshot"),
            Self::Format { found } => write!(f, "the snapshot has format {found}, this program reads {FORMAT}"),
            Self::Digest { found, expected } => write!(f, "the snapshot belongs to {found}, expected {expected}"),
            Self::Damaged(how) => write!(f, "the snapshot is damaged: {how}"),
            Self::Unwritable(why) => write!(f, "the state cannot be saved: {why}"),
        }
    }
}

impl std::error::Error for SnapshotError {}

/// A state as bytes, to be given back by [`load`] to whoever names the same digest.
///
/// # Errors
/// [`SnapshotError::Unwritable`] if the state's serializer fails.
pub fn save<S: Serialize>(state: &S, digest: &str) -> Result<Vec<u8>, SnapshotError> {
    let unwritable = |error: &dyn fmt::Display| SnapshotError::Unwritable(error.to_string());
    let plain = postcard::to_stdvec(state).map_err(|error| unwritable(&error))?;
    let packed = zstd::encode_all(plain.as_slice(), COMPRESSION_LEVEL).map_err(|error| unwritable(&error))?;
    let digest_len = u32::try_from(digest.len()).map_err(|_| unwritable(&"the digest is too long"))?;
    let mut bytes = MAGIC.to_vec();
    bytes.extend(FORMAT.to_le_bytes());
    bytes.extend(digest_len.to_le_bytes());
    bytes.extend(digest.as_bytes());
    bytes.extend((plain.len() as u64).to_le_bytes());
    bytes.extend(packed);
    let checksum = blake3::hash(&bytes);
    bytes.extend(checksum.as_bytes());
    Ok(bytes)
}

/// The state saved by [`save`] under the same digest.
///
/// # Errors
/// Says what is wrong; nothing wrong in `bytes` leads to a panic of its own.
pub fn load<S: DeserializeOwned>(bytes: &[u8], digest: &str) -> Result<S, SnapshotError> {
    let rest = bytes.strip_prefix(&MAGIC).ok_or(SnapshotError::NotASnapshot)?;
    let mut fields = Fields(rest);
    let found = fields.u32()?;
    if found != FORMAT {
        return Err(SnapshotError::Format { found });
    }
    let body_len = bytes.len().saturating_sub(CHECKSUM_BYTES);
    let (body, checksum) = bytes.split_at(body_len);
    if blake3::hash(body).as_bytes() != checksum {
        return Err(SnapshotError::Damaged("its checksum does not match".to_string()));
    }
    let digest_len = fields.u32()? as usize;
    let found = String::from_utf8_lossy(fields.take(digest_len)?).into_owned();
    if found != digest {
        return Err(SnapshotError::Digest { found, expected: digest.to_string() });
    }
    let plain_len = fields.u64()?;
    let packed_len = fields.0.len().saturating_sub(CHECKSUM_BYTES);
    decode(fields.take(packed_len)?, plain_len)
}

fn decode<S: DeserializeOwned>(packed: &[u8], plain_len: u64) -> Result<S, SnapshotError> {
    let damaged = |error: &dyn fmt::Display| SnapshotError::Damaged(error.to_string());
    let decoder = zstd::Decoder::new(packed).map_err(|error| damaged(&error))?;
    let mut plain = Vec::new();
    // Read no further than promised: a few bytes of zstd can unfold to any size.
    decoder.take(plain_len).read_to_end(&mut plain).map_err(|error| damaged(&error))?;
    match postcard::take_from_bytes(&plain) {
        Ok((state, [])) => Ok(state),
        Ok(_) => Err(damaged(&"bytes are left over")),
        Err(error) => Err(damaged(&error)),
    }
}

/// The unread part of a header.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], SnapshotError> {
        let cut_short = || SnapshotError::Damaged("it is cut short".to_string());
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(cut_short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], SnapshotError> {
        Ok(self.take(N)?.try_into().expect("as many bytes as were taken"))
    }

    fn u32(&mut self) -> Result<u32, SnapshotError> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, SnapshotError> {
        self.array().map(u64::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> Vec<(u64, String)> {
        (0..100).map(|i| (i * i, format!("entity {i}"))).collect()
    }

    fn reload(bytes: &[u8]) -> Result<Vec<(u64, String)>, SnapshotError> {
        load(bytes, "scenario-a")
    }

    #[test]
    fn a_state_comes_back() {
        let bytes = save(&state(), "scenario-a").unwrap();
        assert_eq!(reload(&bytes), Ok(state()));
        assert_eq!(bytes, save(&state(), "scenario-a").unwrap());
    }

    #[test]
    fn another_digest_is_refused_by_name() {
        let bytes = save(&state(), "scenario-b").unwrap();
        let error = reload(&bytes).unwrap_err();
        assert_eq!(error.to_string(), "the snapshot belongs to scenario-b, expected scenario-a");
    }

    #[test]
    fn another_format_is_refused_before_anything_else_is_believed() {
        let mut bytes = save(&state(), "scenario-a").unwrap();
        bytes[8] = 9;
        assert_eq!(reload(&bytes), Err(SnapshotError::Format { found: 9 }));
    }

    #[test]
    fn every_cut_and_every_flipped_byte_is_noticed() {
        let bytes = save(&state(), "scenario-a").unwrap();
        for len in 0..bytes.len() {
            assert!(reload(&bytes[..len]).is_err(), "cut to {len} bytes");
            let mut flipped = bytes.clone();
            flipped[len] ^= 0x10;
            assert!(reload(&flipped).is_err(), "byte {len} flipped");
        }
        assert_eq!(reload(b"PNG"), Err(SnapshotError::NotASnapshot));
    }

    #[test]
    fn another_type_is_damage_not_nonsense() {
        let bytes = save(&(1_u8, 2_u8), "scenario-a").unwrap();
        assert_eq!(load::<u8>(&bytes, "scenario-a"), Err(SnapshotError::Damaged("bytes are left over".to_string())));
    }
}
