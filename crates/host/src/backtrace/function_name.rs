//! The names of a plugin's functions, as its author wrote them.

use std::fmt::{self, Write};

use crate::guest_text;

/// The longest name that is demangled, in bytes. Names from compilers are shorter.
const MAX_MANGLED_BYTES: usize = 1_024;

/// The longest text that a name is demangled to, in bytes; less is shown. A short name can expand to gigabytes.
const MAX_DEMANGLED_BYTES: usize = 1_024;

/// The digits of the hash at the end of a name in Rust's older scheme.
const HASH_DIGITS: usize = 16;

/// A name for users: a Rust name demangled and without its hash; cut and escaped.
pub(crate) fn shown(name: &str) -> String {
    if name.len() <= MAX_MANGLED_BYTES
        && let Ok(demangled) = rustc_demangle::try_demangle(name)
    {
        let mut text = Bounded(String::new());
        // If it does not fit, its beginning is shown.
        let _ = write!(text, "{demangled:#}");
        return guest_text::clean(&text.0);
    }
    // Linkers also demangle, but leave the hash.
    guest_text::clean(without_hash(name))
}

fn without_hash(name: &str) -> &str {
    match name.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == HASH_DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => path,
        _ => name,
    }
}

struct Bounded(String);

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len().saturating_add(text.len()) > MAX_DEMANGLED_BYTES {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn rust_names_are_shown_as_they_were_written() {
        for (name, text) in [
            ("_ZN12my_validator5parse17h05af221e174051e9E", "my_validator::parse"),
            ("_RNvCs1234_7mycrate3foo", "mycrate::foo"),
            ("my_validator::parse::h05af221e174051e9", "my_validator::parse"),
            ("before_hook", "before_hook"),
            ("operator::hello", "operator::hello"),
            ("a\n\u{202e}", "a\\n\\u{202e}"),
        ] {
            assert_eq!(shown(name), text);
        }
    }

    #[test]
    fn a_short_name_that_expands_to_a_long_one_is_cut() {
        // Tuples that each contain the one before twice.
        let mut name = "_RIC0TTTTTTTTTTTTTTTTTTTTTTTTTTTThEE".to_owned();
        name.push_str(&"B4_".repeat(300));
        assert!(shown(&name).chars().count() <= 201);
        assert!(shown(&format!("_ZN{}", "4aaaa".repeat(20_000))).chars().count() <= 201);
    }
}
