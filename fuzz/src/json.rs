//! A second reader of JSON, written from RFC 8259, to compare the host's own with. It builds a tree, keeps duplicate keys, and
//! keeps strings in UTF-16, where lone surrogates need no special case.

/// A value and its text.
#[derive(Debug)]
pub struct Node<'a> {
    /// The text, without the white space around it.
    pub text: &'a str,
    /// The value.
    pub value: Value<'a>,
}

/// A value. A number stays text.
#[derive(Debug)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number of any size.
    Number,
    /// A string with its escapes resolved.
    String(Vec<u16>),
    /// An array.
    Array(Vec<Node<'a>>),
    /// An object's entries, in order.
    Object(Vec<(Vec<u16>, Node<'a>)>),
}

/// Reads a whole text; `None` if it is not JSON.
#[must_use]
pub fn read(text: &str) -> Option<Node<'_>> {
    let mut reader = Reader { text, at: 0 };
    let node = reader.element()?;
    (reader.at == text.len()).then_some(node)
}

impl Node<'_> {
    /// The depth of nested arrays and objects; 0 for any other value.
    #[must_use]
    pub fn depth(&self) -> usize {
        match &self.value {
            Value::Array(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Value::Object(entries) => 1 + entries.iter().map(|(_, node)| node.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// Does it contain an object with this key, at any depth?
    #[must_use]
    pub fn has_key(&self, wanted: &str) -> bool {
        match &self.value {
            Value::Array(items) => items.iter().any(|item| item.has_key(wanted)),
            Value::Object(entries) => {
                entries.iter().any(|(key, node)| key.iter().copied().eq(wanted.encode_utf16()) || node.has_key(wanted))
            }
            _ => false,
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// A value with white space around it.
    fn element(&mut self) -> Option<Node<'a>> {
        self.space();
        let start = self.at;
        let value = self.value()?;
        let text = &self.text[start..self.at];
        self.space();
        Some(Node { text, value })
    }

    fn value(&mut self) -> Option<Value<'a>> {
        match self.peek()? {
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => self.string().map(Value::String),
            b'n' => self.word("null", Value::Null),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            _ => self.number(),
        }
    }

    fn object(&mut self) -> Option<Value<'a>> {
        let mut entries = Vec::new();
        self.byte(b'{')?;
        self.space();
        if self.byte(b'}').is_some() {
            return Some(Value::Object(entries));
        }
        loop {
            self.space();
            let key = self.string()?;
            self.space();
            self.byte(b':')?;
            entries.push((key, self.element()?));
            if self.byte(b',').is_none() {
                return self.byte(b'}').map(|()| Value::Object(entries));
            }
        }
    }

    fn array(&mut self) -> Option<Value<'a>> {
        let mut items = Vec::new();
        self.byte(b'[')?;
        self.space();
        if self.byte(b']').is_some() {
            return Some(Value::Array(items));
        }
        loop {
            items.push(self.element()?);
            if self.byte(b',').is_none() {
                return self.byte(b']').map(|()| Value::Array(items));
            }
        }
    }

    fn string(&mut self) -> Option<Vec<u16>> {
        let mut units = Vec::new();
        self.byte(b'"')?;
        loop {
            let character = self.text[self.at..].chars().next()?;
            self.at += character.len_utf8();
            match character {
                '"' => return Some(units),
                '\\' => units.push(self.escape()?),
                '\0'..='\u{1f}' => return None,
                other => units.extend_from_slice(other.encode_utf16(&mut [0; 2])),
            }
        }
    }

    fn escape(&mut self) -> Option<u16> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => u16::from(byte),
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => 0x0a,
            b'r' => 0x0d,
            b't' => 0x09,
            b'u' => {
                let digits = self.text.get(self.at..self.at + 4)?;
                self.at += 4;
                let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                hexadecimal.then(|| u16::from_str_radix(digits, 16).ok())??
            }
            _ => return None,
        })
    }

    fn number(&mut self) -> Option<Value<'a>> {
        let _ = self.byte(b'-');
        if self.byte(b'0').is_none() {
            self.digits()?;
        }
        if self.byte(b'.').is_some() {
            self.digits()?;
        }
        if self.byte(b'e').or_else(|| self.byte(b'E')).is_some() {
            let _ = self.byte(b'+').or_else(|| self.byte(b'-'));
            self.digits()?;
        }
        Some(Value::Number)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Option<Value<'a>> {
        self.text[self.at..].starts_with(word).then(|| {
            self.at += word.len();
            value
        })
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| b" \t\n\r".contains(&byte)) {
            self.at += 1;
        }
    }

    fn byte(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}
