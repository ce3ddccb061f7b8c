use serde::Serialize;

use crate::raw::Raw;

/// The changes of a hook as a JSON Patch (RFC 6902), which is worth it if they are small and the input is large.
///
/// Each path begins with `/input` or `/data`. `/` in a key is `~1`, and `~` is `~0`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patch {
    operations: Vec<Operation>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Operation {
    op: &'static str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Raw>,
}

#[derive(Serialize)]
struct Answer<'a> {
    ok: bool,
    patch: &'a [Operation],
}

impl Patch {
    /// A patch without operations.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces a value, which must be there.
    ///
    /// # Panics
    ///
    /// If the value cannot be JSON.
    pub fn replace(&mut self, path: &str, value: &(impl Serialize + ?Sized)) {
        self.push("replace", path, Some(Raw::of(value)));
    }

    /// Adds a member of an object, or replaces it, or inserts an item into a list. (`-` is the end of a list.)
    ///
    /// # Panics
    ///
    /// If the value cannot be JSON.
    pub fn add(&mut self, path: &str, value: &(impl Serialize + ?Sized)) {
        self.push("add", path, Some(Raw::of(value)));
    }

    /// Removes a value, which must be there.
    pub fn remove(&mut self, path: &str) {
        self.push("remove", path, None);
    }

    fn push(&mut self, op: &'static str, path: &str, value: Option<Raw>) {
        self.operations.push(Operation { op, path: path.to_owned(), value });
    }

    pub(crate) fn write(self) -> Vec<u8> {
        crate::raw::text_of(&Answer { ok: true, patch: &self.operations }).into_bytes()
    }
}
