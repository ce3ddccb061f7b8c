//! Which texts are e-mail addresses, and the form in which they are stored.

/// ASCII white space as the web defines it. `str::trim` also removes Unicode's, which the examples in other languages do not.
const WHITE_SPACE: [char; 5] = [' ', '\t', '\n', '\x0c', '\r'];

const MAX_ADDRESS: usize = 254;
const MAX_LOCAL: usize = 64;
const MAX_LABEL: usize = 63;

/// `text` without ASCII white space at its ends.
pub fn trim(text: &str) -> &str {
    text.trim_matches(WHITE_SPACE)
}

/// The address trimmed and in lower case; `None` if it cannot be one.
pub fn normalize(text: &str) -> Option<String> {
    let address = trim(text).to_ascii_lowercase();
    let (local, domain) = address.split_once('@')?;
    let plausible = address.len() <= MAX_ADDRESS && is_local(local) && is_domain(domain);
    plausible.then_some(address)
}

/// What follows the `@` of an address from `normalize`.
pub fn domain(address: &str) -> Option<&str> {
    address.split_once('@').map(|(_, domain)| domain)
}

fn is_local(local: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    (1..=MAX_LOCAL).contains(&local.len()) && local.bytes().all(allowed)
}

fn is_domain(domain: &str) -> bool {
    domain.contains('.') && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let edges = label.starts_with('-') || label.ends_with('-');
    (1..=MAX_LABEL).contains(&label.len()) && label.bytes().all(allowed) && !edges
}
