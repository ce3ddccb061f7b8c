//! A plugin is asked about its configuration before it can be called with it.

use crate::call::Handed;
use crate::call::cells::finished_cells::FinishedCells;
use crate::call::context::{Context, Parts};
use crate::call::grants::{Clock, Config, Grants, Now, Seed};
use crate::call::resolved_hook::ResolvedHook;
use crate::call::result::Outcome;
use crate::error::HostError;
use crate::guest_text;
use crate::plugin::Plugin;
use crate::runtime::WasmRuntime;
use crate::sandbox::cancel::CancelToken;

/// The optional export that is asked.
const VALIDATE_CONFIG: &str = "validate_config";

/// The context that it gets, before `config`.
const CONTEXT: &str = r#"{"input":{},"data":null,"user":null,"headers":{},"tenant_id":null}"#;

impl WasmRuntime {
    /// Asks a plugin that is not loaded yet whether it accepts this configuration. It is asked as a hook, under the limits of its
    /// calls. A plugin without `validate_config` accepts any.
    ///
    /// # Errors
    /// [`HostError::Config`] if it rejects or faults, [`HostError::Limit`] if the configuration is too long, and
    /// [`HostError::Cancelled`].
    pub(super) fn check_config(
        &self,
        plugin: &Plugin,
        config: Option<&Config>,
        cancel: &CancelToken,
    ) -> Result<(), HostError> {
        let Some(config) = config else { return Ok(()) };
        config.admit(plugin.limits())?;
        if plugin.hook(VALIDATE_CONFIG).is_err() {
            return Ok(());
        }
        let grants = Grants { config: Some(config.clone()), now: Some(Now::Withheld), seed: Some(Seed::Withheld) };
        let context = Context::from_trusted_json(CONTEXT);
        let handed = Handed { json: context.as_json(), parts: Parts::find_harmless(context.as_json()) };
        let hook = ResolvedHook::resolve(plugin, VALIDATE_CONFIG, None, [Some(&grants), None], &mut Clock::default())?;
        let refusal = hook.run(&mut self.host(Some(cancel), &mut FinishedCells::none()), handed, 0.0, |result| {
            match result.outcome {
                Outcome::Accepted { .. } => None,
                Outcome::Rejected { error, details } => {
                    let reason = error.as_deref().unwrap_or("the plugin does not say why");
                    Some((guest_text::clean(reason), details.map(|details| details.get().to_owned()), None))
                }
                Outcome::Fault(fault) => {
                    let reason = format!("{VALIDATE_CONFIG} failed: {} {}", fault.code.as_str(), fault.message);
                    Some((reason, None, Some(Box::new(fault))))
                }
            }
        })?;
        match refusal {
            None => Ok(()),
            Some((reason, details, fault)) => {
                Err(HostError::Config { plugin: Some(plugin.key().to_owned()), reason, details, fault })
            }
        }
    }
}
