//! Writing a JSON object whose parts are text already.

use serde::Serialize;

use crate::error::HostError;

/// Room for the members beside the parts whose length is known.
const OTHER_BYTES: usize = 512;

/// A JSON object that is being written.
pub(crate) struct ObjectWriter {
    text: String,
}

impl ObjectWriter {
    /// An object whose parts have about so many bytes.
    pub(crate) fn with_room(bytes: usize) -> Self {
        let mut text = String::with_capacity(bytes.saturating_add(OTHER_BYTES));
        text.push('{');
        Self { text }
    }

    /// A member whose value is JSON text. The name must need no escapes.
    pub(crate) fn member(&mut self, name: &str, value: &str) {
        self.name(name);
        self.text.push_str(value);
    }

    /// A member whose value is an object.
    pub(crate) fn object(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.name(name);
        self.text.push('{');
        write(self);
        self.text.push('}');
    }

    /// A member whose value is not text yet.
    pub(crate) fn serialize(&mut self, name: &str, value: &impl Serialize) -> Result<(), HostError> {
        let value = serde_json::to_string(value).map_err(|error| HostError::Internal(error.to_string()))?;
        self.member(name, &value);
        Ok(())
    }

    /// The text of the object.
    pub(crate) fn end(mut self) -> String {
        self.text.push('}');
        self.text
    }

    fn name(&mut self, name: &str) {
        if !self.text.ends_with('{') {
            self.text.push(',');
        }
        self.text.push('"');
        self.text.push_str(name);
        self.text.push_str("\":");
    }
}
