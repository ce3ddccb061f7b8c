//! Rejects an invalid e-mail address, normalizes a valid one, and adds the domain to what was stored.

mod email;

use hookcell_pdk::{Answer, Context, Object, Patch, Raw, Rejection, after_hook, before_hook, hook};
use serde::Serialize;

#[derive(Serialize)]
struct Detail {
    field: &'static str,
    message: &'static str,
    value: Option<Raw>,
}

/// A member of the input with its new value.
struct Change {
    name: &'static str,
    value: String,
}

#[before_hook]
fn before(mut ctx: Context) -> Answer {
    for Change { name, value } in changes(&ctx.input)? {
        ctx.input.set(name, &value);
    }
    Ok(ctx)
}

/// As `before_hook`, but answers with a patch instead of the whole input. That pays if the input is large.
#[hook]
fn before_patch(ctx: Context) -> Result<Patch, Rejection> {
    let mut patch = Patch::new();
    for Change { name, value } in changes(&ctx.input)? {
        patch.replace(&format!("/input/{name}"), &value);
    }
    Ok(patch)
}

#[after_hook]
fn after(mut ctx: Context) -> Answer {
    if let Some(data) = with_domain(ctx.data) {
        ctx.data = Raw::of(&data);
    }
    Ok(ctx)
}

/// What to change in the input, or the rejection.
fn changes(input: &Object) -> Result<Vec<Change>, Rejection> {
    let given = input.get("email").ok_or_else(|| rejected("is required", None))?;
    // No text if the value is not a string, or has an escape such as `\ud800` that is not a character.
    let text = given.string();
    let Some(address) = text.as_deref().and_then(email::normalize) else {
        let message = if given.is_string() { "is not a valid address" } else { "must be a string" };
        return Err(rejected(message, Some(given)));
    };

    let mut changes = Vec::new();
    if text.as_ref() != Some(&address) {
        changes.push(Change { name: "email", value: address });
    }
    if let Some(name) = input.string("name") {
        let trimmed = email::trim(&name);
        if trimmed != name {
            changes.push(Change { name: "name", value: trimmed.to_owned() });
        }
    }
    Ok(changes)
}

/// `data` with the domain if it is an object with a plausible address; `None` if there is nothing to add.
fn with_domain(data: Raw) -> Option<Object> {
    let mut data: Object = data.read().ok()?;
    let address = email::normalize(&data.string("email")?)?;
    data.set("email_domain", email::domain(&address)?);
    Some(data)
}

fn rejected(message: &'static str, value: Option<Raw>) -> Rejection {
    Rejection::new("email is not valid").with_detail(&Detail { field: "email", message, value })
}
