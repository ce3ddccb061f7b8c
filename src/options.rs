//! Limits as JavaScript gives them.

use hookcell_host::{Limit, SandboxConfig};
use napi_derive::napi;

/// One limit: its option's name, its default, and the least and greatest value (whole numbers, both included).
#[napi(object)]
pub struct LimitBounds {
    pub name: String,
    pub default: f64,
    pub min: f64,
    pub max: f64,
}

/// Every limit there is.
#[napi]
pub fn limit_bounds() -> Vec<LimitBounds> {
    Limit::ALL
        .iter()
        .map(|limit| LimitBounds {
            name: limit.name.to_owned(),
            default: number(limit.default),
            min: number(limit.min),
            max: number(limit.max),
        })
        .collect()
}

/// Limits in force in place of the defaults, or of what a plugin was loaded with. What is left out stays.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct LimitOptions {
    pub max_memory_pages: Option<f64>,
    pub max_fuel: Option<f64>,
    pub timeout_ms: Option<f64>,
    pub max_context_bytes: Option<f64>,
    pub max_result_bytes: Option<f64>,
    pub max_module_bytes: Option<f64>,
    pub max_table_elements: Option<f64>,
}

impl From<LimitOptions> for SandboxConfig {
    fn from(options: LimitOptions) -> Self {
        Self {
            max_memory_pages: options.max_memory_pages.map(whole),
            max_fuel: options.max_fuel.map(whole),
            timeout_ms: options.timeout_ms.map(whole),
            max_context_bytes: options.max_context_bytes.map(whole),
            max_result_bytes: options.max_result_bytes.map(whole),
            max_module_bytes: options.max_module_bytes.map(whole),
            max_table_elements: options.max_table_elements.map(whole),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "every bound is an integer that a JavaScript number holds exactly")]
fn number(value: u64) -> f64 {
    value as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and what comes out of bounds is refused by its bounds"
)]
fn whole(value: f64) -> u64 {
    value as u64
}
