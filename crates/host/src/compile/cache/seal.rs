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
