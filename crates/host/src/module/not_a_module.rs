//! Why bytes are not a core module, and what to load instead.

use crate::guest_text;

/// The beginning of each module and component.
const MAGIC: &[u8] = b"\0asm";
/// What follows in a core module: its version, of which there is only one. Then what follows in a component.
const MODULE: &[u8] = &[1, 0, 0, 0];
const COMPONENT_LAYER: &[u8] = &[1, 0];

/// The length of a text that is shown, in bytes.
const SHOWN: usize = 60;

/// Why the bytes are not a core module; `None` if they begin like one.
pub(crate) fn reason(bytes: &[u8]) -> Option<String> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return Some(other(bytes));
    };
    match rest.get(..4) {
        Some(MODULE) => None,
        Some([_, _, layer @ ..]) if layer == COMPONENT_LAYER => Some(
            "it is a component, and a plugin is a core module: build one without the component model (Rust: --target \
             wasm32-unknown-unknown, not wasm32-wasip2 or cargo component; TinyGo: -target=wasm-unknown; JavaScript: \
             not jco componentize)"
                .to_owned(),
        ),
        Some(version) => {
            let version = version.iter().rev().map(|byte| format!("{byte:02x}")).collect::<String>();
            Some(format!("it is WebAssembly of version 0x{version}, and 1 is the only version"))
        }
        None => Some(format!("it is cut off after {} bytes", bytes.len())),
    }
}

fn other(bytes: &[u8]) -> String {
    const EXPECTED: &str = "a module begins with the bytes 00 61 73 6d";
    if bytes.is_empty() {
        return format!("it is empty; {EXPECTED}");
    }
    let Some(text) = text(bytes) else {
        let what = match bytes {
            [0x7f, b'E', b'L', b'F', ..] => "a native program or library, not WebAssembly: build for a wasm32 target",
            [0x1f, 0x8b, ..] => "compressed with gzip: unpack it first",
            [b'P', b'K', 3, 4, ..] => "a zip archive: unpack it first",
            [b'B', b'C', 0xc0, 0xde, ..] => "LLVM bitcode: link it with wasm-ld first",
            [b'!', b'<', b'a', b'r', ..] => "a static library: link it with wasm-ld first",
            _ => "not WebAssembly",
        };
        let shown: Vec<_> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        return format!("it is {what} (its first bytes are {}; {EXPECTED})", shown.join(" "));
    };
    let start = text.trim_start();
    let lower = start.get(..start.floor_char_boundary(15)).unwrap_or(start).to_ascii_lowercase();
    let (what, advice) = if start.starts_with("(module") || start.starts_with("(component") || start.starts_with(";;") {
        ("WebAssembly text", "assemble it first, with wat2wasm or wasm-tools parse")
    } else if lower.starts_with("<!doctype") || lower.starts_with("<html") {
        ("an HTML page", "check whether the file or the download is an error page")
    } else if start.starts_with('{') || start.starts_with('[') {
        ("JSON", "pass the module itself, not its description")
    } else if start.starts_with("AGFzb") {
        ("a module in base64", "decode it first, with Buffer.from(text, 'base64')")
    } else if start.starts_with("version https://git-lfs") {
        ("a Git LFS pointer", "run git lfs pull")
    } else {
        ("text", "pass a module that was compiled and linked, not its source")
    };
    let end = start.floor_char_boundary(SHOWN);
    let shown = start.get(..end).unwrap_or(start);
    let more = if end < start.len() || bytes.len() > text.len() { "…" } else { "" };
    format!("it is {what}, which begins with \"{}{more}\": {advice}", guest_text::clean(shown))
}

/// The beginning of the bytes, if it is readable text.
fn text(bytes: &[u8]) -> Option<&str> {
    const LOOKED_AT: usize = 4 * SHOWN;
    let start = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let text = match str::from_utf8(start) {
        Ok(text) => text,
        // The last character may be cut.
        Err(error) if error.error_len().is_none() => str::from_utf8(start.get(..error.valid_up_to())?).ok()?,
        Err(_) => return None,
    };
    let readable = text.chars().all(|character| !character.is_control() || character.is_whitespace());
    (readable && !text.trim().is_empty()).then_some(text)
}
