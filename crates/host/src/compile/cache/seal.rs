//! The seal of a cache file, which only who has the directory's secret can make.

use blake3::Hash;

use crate::compile::cache::key::CodeKey;

pub(crate) const SECRET_BYTES: usize = blake3::KEY_LEN;
pub(crate) const SEAL_BYTES: usize = blake3::OUT_LEN;

/// Contents are hashed in pieces of this length, so that several threads can do so.
pub(crate) const PIECE_BYTES: usize = 1_024 * 1_024;

/// Where a piece has its number, the seal has this.
const WHOLE: u64 = u64::MAX;

/// Hashes contents in pieces, under a secret and a key.
pub(crate) struct Pieces<'a> {
    secret: &'a [u8; SECRET_BYTES],
    key: &'a CodeKey,
    hashes: Vec<Hash>,
    /// The piece under way, and how many bytes it still takes.
    under_way: Option<(Piece, usize)>,
    bytes: u64,
}

/// A piece that is being hashed.
pub(crate) struct Piece(blake3::Hasher);

impl<'a> Pieces<'a> {
    pub(crate) fn new(secret: &'a [u8; SECRET_BYTES], key: &'a CodeKey) -> Self {
        Self { secret, key, hashes: Vec::new(), under_way: None, bytes: 0 }
    }

    /// The piece with this number, without contents yet.
    pub(crate) fn piece(&self, number: u64) -> Piece {
        // Key and number have a fixed length, so they and the contents cannot be mixed up.
        let mut hasher = blake3::Hasher::new_keyed(self.secret);
        hasher.update(self.key.as_bytes()).update(&number.to_le_bytes());
        Piece(hasher)
    }

    /// Hashes more contents, after those before.
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        while !bytes.is_empty() {
            let number = self.hashes.len() as u64;
            let (mut piece, room) = self.under_way.take().unwrap_or_else(|| (self.piece(number), PIECE_BYTES));
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            piece.update(now);
            bytes = later;
            match room.saturating_sub(now.len()) {
                0 => self.hashes.push(piece.finish()),
                room => self.under_way = Some((piece, room)),
            }
        }
    }

    /// Takes the pieces of contents of this length, in any order.
    pub(crate) fn put(&mut self, mut pieces: Vec<(u64, Hash)>, bytes: u64) {
        pieces.sort_unstable_by_key(|(number, _)| *number);
        self.hashes = pieces.into_iter().map(|(_, hash)| hash).collect();
        self.bytes = bytes;
    }

    /// The seal of all contents. It cannot be made without the secret.
    pub(crate) fn seal(mut self) -> Hash {
        if let Some((piece, _)) = self.under_way.take() {
            self.hashes.push(piece.finish());
        }
        let mut whole = self.piece(WHOLE);
        whole.update(&self.bytes.to_le_bytes());
        for hash in &self.hashes {
            whole.update(hash.as_bytes());
        }
        whole.finish()
    }
}

impl Piece {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(&self) -> Hash {
        self.0.finalize()
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::{PIECE_BYTES, Pieces};
    use crate::compile::cache::key::CodeKey;
    use crate::compile::cache::private_copy::PrivateCopy;
    use crate::compile::module_id::ModuleIdentity;
    use crate::sandbox::config::{MemoriesBy, config};

    fn key(module: u8) -> CodeKey {
        let engine = wasmtime::Engine::new(&config(MemoriesBy::Mapping)).unwrap();
        CodeKey::new(&engine, &ModuleIdentity::plain([module; 32]))
    }

    fn seal(secret: u8, key: &CodeKey, parts: &[&[u8]]) -> blake3::Hash {
        let secret = [secret; 32];
        let mut pieces = Pieces::new(&secret, key);
        for part in parts {
            pieces.update(part);
        }
        pieces.seal()
    }

    #[test]
    fn a_seal_is_the_same_however_its_contents_are_cut_into_parts() {
        let key = key(1);
        let contents: Vec<u8> = (0..2 * PIECE_BYTES + 5).map(|at| at.to_le_bytes()[0] ^ at.to_le_bytes()[2]).collect();
        let whole = seal(7, &key, &[&contents]);
        for cut in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, contents.len()] {
            let (one, other) = contents.split_at(cut);
            assert_eq!(seal(7, &key, &[one, other]), whole, "{cut}");
        }
    }

    #[test]
    fn other_contents_another_length_key_or_secret_have_another_seal() {
        let one = key(1);
        let contents = vec![0; 2 * PIECE_BYTES];
        let whole = seal(7, &one, &[&contents]);
        let mut last = contents.clone();
        last[2 * PIECE_BYTES - 1] = 1;
        for (number, other) in [
            seal(7, &one, &[&last]),
            seal(7, &one, &[&contents[1..]]),
            seal(7, &one, &[&contents[PIECE_BYTES..]]),
            seal(7, &one, &[&contents, b"\0"]),
            seal(7, &one, &[]),
            seal(7, &key(2), &[&contents]),
            seal(8, &one, &[&contents]),
        ]
        .into_iter()
        .enumerate()
        {
            assert_ne!(other, whole, "{number}");
        }
    }

    #[test]
    fn a_private_copy_is_hashed_as_its_bytes_are_and_gives_them_back() {
        let (key, secret) = (key(1), [7; 32]);
        let path = std::env::temp_dir().join(format!("hookcell-copy-{}", std::process::id()));
        for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, 5 * PIECE_BYTES + 3] {
            let contents: Vec<u8> = (0..length).map(|at| at.to_le_bytes()[0] ^ at.to_le_bytes()[2]).collect();
            fs::write(&path, [&contents[..], b"more"].concat()).unwrap();
            let file = File::open(&path).unwrap();
            let mut pieces = Pieces::new(&secret, &key);
            let mut copy = PrivateCopy::of(&file, length as u64, &mut pieces).unwrap();
            assert_eq!(pieces.seal(), seal(7, &key, &[&contents]), "{length}");
            let end = copy.take_end(length as u64 / 2).unwrap();
            assert_eq!(end, contents[length - length / 2..], "{length}");
            assert_eq!(copy.take_end((length - length / 2) as u64).unwrap(), contents[..length - length / 2]);
            assert!(copy.take_end(1).is_err());
            let mut pieces = Pieces::new(&secret, &key);
            assert!(PrivateCopy::of(&file, length as u64 + 5, &mut pieces).is_err(), "the file is shorter");
        }
        fs::remove_file(path).unwrap();
    }
}
