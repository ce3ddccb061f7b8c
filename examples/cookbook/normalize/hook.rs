//! Clients write the same value in many ways. This hook writes it in one, so that the database can compare.

use hookcell_pdk::{Answer, Context, before_hook};

type Normal = fn(&str) -> String;

const RULES: [(&str, Normal); 4] = [
    ("name", |text| text.split_whitespace().collect::<Vec<_>>().join(" ")),
    // ASCII only: the lower case of the Kelvin sign is `k`, which would make two addresses one.
    ("email", |text| text.trim().to_ascii_lowercase()),
    ("country", |text| text.trim().to_ascii_uppercase()),
    ("phone", phone),
];

#[before_hook]
fn normalize(mut ctx: Context) -> Answer {
    for (field, normal) in RULES {
        // There is no text of half a surrogate pair, so such a value stays for the validation to see.
        let Some(value) = ctx.input.string(field) else { continue };
        let text = normal(&value);
        if text.is_empty() {
            ctx.input.remove(field);
        } else if text != value {
            ctx.input.set(field, &text);
        }
    }
    Ok(ctx)
}

/// `+49 (30) 90 18` and `0049 30 9018` are `+49309018`. A text without digits stays.
fn phone(text: &str) -> String {
    let trimmed = text.trim();
    let digits: String = trimmed.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return trimmed.to_owned();
    }
    if trimmed.starts_with('+') {
        return format!("+{digits}");
    }
    match digits.strip_prefix("00") {
        Some(rest) if !rest.is_empty() => format!("+{rest}"),
        _ => digits,
    }
}
