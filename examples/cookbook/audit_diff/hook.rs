//! Adds to an update what it changed, for an audit trail, and logs how many fields that were. The server gives the record before
//! and after the update as `data`.

use hookcell_pdk::{Answer, Context, Object, Raw, after_hook, before_hook, info};
use serde::Serialize;

const HIDDEN: [&str; 2] = ["password_hash", "api_key"];
const UNIMPORTANT: [&str; 1] = ["updated_at"];

#[derive(Serialize)]
struct Change {
    field: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Raw>,
}

#[before_hook]
fn accept(ctx: Context) -> Answer {
    Ok(ctx)
}

#[after_hook]
fn audit(mut ctx: Context) -> Answer {
    let Ok(mut data) = ctx.data.read::<Object>() else { return Ok(ctx) };
    let (Some(before), Some(after)) = (record_of(&data, "before"), record_of(&data, "after")) else { return Ok(ctx) };
    let mut changes: Vec<Change> =
        before.iter().filter_map(|(field, from)| change_of(field, Some(from), after.get(field))).collect();
    let new = after.iter().filter(|(field, _)| before.get(field).is_none());
    changes.extend(new.filter_map(|(field, to)| change_of(field, None, Some(to))));
    if !changes.is_empty() {
        info!("a record changed"; fields = changes.len());
    }
    data.set("changes", &changes);
    ctx.data = Raw::of(&data);
    Ok(ctx)
}

/// A record that is `null` was created, or is gone.
fn record_of(data: &Object, name: &str) -> Option<Object> {
    let value = data.get(name)?;
    if value.is_null() { Some(Object::new()) } else { value.read().ok() }
}

fn change_of(field: &str, from: Option<Raw>, to: Option<Raw>) -> Option<Change> {
    if UNIMPORTANT.contains(&field) || from == to {
        return None;
    }
    let shown = |value| if HIDDEN.contains(&field) { Raw::of("[hidden]") } else { value };
    Some(Change { field: field.to_owned(), from: from.map(shown), to: to.map(shown) })
}
