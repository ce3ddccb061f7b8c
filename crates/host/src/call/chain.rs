//! Several hook calls on one context: each plugin gets the changes of those before it.

use std::borrow::Cow;
use std::time::Instant;

use crate::call::answer::parts::check_parts;
use crate::call::chain_result::{ChainResult, ChainStep};
use crate::call::context::{Context, Parts};
use crate::call::fault::{Fault, FaultCode};
use crate::call::grants::{Clock, Grants};
use crate::call::inline::InlineRun;
use crate::call::resolved_hook::ResolvedHook;
use crate::call::result::{HookResult, Outcome, Usage};
use crate::call::{Handed, Host};
use crate::error::HostError;
use crate::guest_text::quoted;
use crate::json::text::JsonText;
use crate::limits::{Limit, LimitOverrides};
use crate::plugin::Plugin;
use crate::sandbox::cancel::CancelToken;

/// The most plugins that a caller may put in one chain, because a chain holds its thread until its last plugin ends. The
/// caller checks it.
pub const MAX_CHAIN: u32 = 64;

/// A chain of hook calls to make.
#[derive(Debug, Clone)]
pub struct ChainCall<'a> {
    /// The plugins, in the order of the calls. A plugin may occur more than once.
    pub plugins: &'a [ChainedPlugin<'a>],
    /// The hook's name, the same for all.
    pub hook: &'a str,
    /// The context of the first plugin.
    pub context: &'a Context<'a>,
    /// Ends the chain when it is cancelled, even before it begins.
    pub cancel: Option<&'a CancelToken>,
    /// When the chain began to wait for its thread, for [`Usage::queue_ms`].
    pub queued_at: Option<Instant>,
}

/// A plugin of a chain.
#[derive(Debug, Clone)]
pub struct ChainedPlugin<'a> {
    /// The plugin's name or path.
    pub plugin: &'a str,
    /// Limits for this call only, over the plugin's, if it has any.
    pub sandbox: Option<&'a LimitOverrides>,
    /// What the operator grants it in this call, over the grants of the chain's context. Its `config` is its own.
    pub grants: Option<&'a Grants>,
}

/// Runs the chain. `plugins` are those of the call, in its order.
pub(crate) fn run<R>(
    host: &mut Host<'_>,
    plugins: &[Plugin],
    chain: &ChainCall<'_>,
    read: impl FnOnce(&ChainResult<'_>) -> R,
) -> Result<R, HostError> {
    let result = run_in(host, plugins, chain, false, read)?;
    result.ok_or_else(|| HostError::Internal("a chain on a worker was to run again".to_owned()))
}

/// The same, also as an inline run, which gives `None` if the chain must run on a worker.
pub(crate) fn run_in<R>(
    host: &mut Host<'_>,
    plugins: &[Plugin],
    chain: &ChainCall<'_>,
    is_inline: bool,
    read: impl FnOnce(&ChainResult<'_>) -> R,
) -> Result<Option<R>, HostError> {
    let mut clock = Clock::default();
    let of_all = chain.context.grants();
    let hooks = chain
        .plugins
        .iter()
        .zip(plugins)
        .map(|(chained, plugin)| {
            ResolvedHook::resolve(plugin, chain.hook, chained.sandbox, [chained.grants, of_all], &mut clock)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut parts = None;
    let mut inline = None;
    if let Some(first) = hooks.first() {
        let json = chain.context.as_json();
        first.admit(json)?;
        if is_inline {
            inline = InlineRun::of(hooks.iter().map(ResolvedHook::inline), first.context_bytes(json));
            if inline.is_none() {
                return Ok(None);
            }
        }
        // What a plugin changes is checked as its result.
        parts = chain.context.check_harmless()?;
    }
    let queue_ms = host.waited_ms(chain.queued_at);
    let mut context = HandedContext::new(chain.context.as_json(), parts);
    let mut steps = Vec::with_capacity(hooks.len());
    let mut ended_by = None;
    for (index, (hook, chained)) in hooks.iter().zip(chain.plugins).enumerate() {
        let read = |result: HookResult<'_>| (result.outcome.into_static(), result.usage, result.log, result.granted);
        let ended = match inline {
            Some(run) => hook.run_inline(host, context.handed(), run, read)?,
            None => Some(hook.run(host, context.handed(), 0.0, read)?),
        };
        let Some((outcome, usage, log, granted)) = ended else {
            return Ok(None);
        };
        ended_by = match outcome {
            Outcome::Accepted { input, data } => {
                if input.is_some() || data.is_some() {
                    // To write it takes as long as it is.
                    host.now = None;
                }
                let next = hooks.get(index.saturating_add(1));
                context.change(input, data, hook, next)?.map(Outcome::Fault)
            }
            Outcome::Rejected { details: Some(ref details), .. }
                if let Some(fault) = context.too_costly_with(details, hook) =>
            {
                Some(Outcome::Fault(fault))
            }
            no => Some(no),
        };
        steps.push(ChainStep { plugin: chained.plugin, ok: ended_by.is_none(), usage, log, granted });
        if ended_by.is_some() {
            break;
        }
        if let Some(run) = inline
            && index.saturating_add(1) < hooks.len()
        {
            inline = run.next(hook.inline().0, context.json.len(), &usage);
            if inline.is_none() {
                return Ok(None);
            }
        }
    }
    let HandedContext { input, data, .. } = &context;
    Ok(Some(read(&ChainResult {
        ended_by,
        input: input.as_ref(),
        data: data.as_ref(),
        usage: sum(&steps, queue_ms),
        steps: &steps,
    })))
}

fn sum(steps: &[ChainStep<'_>], queue_ms: f64) -> Usage {
    let start = Usage { fuel: Some(0), memory_bytes: 0, queue_ms, run_ms: 0.0 };
    steps.iter().fold(start, |sum, ChainStep { usage, .. }| Usage {
        fuel: sum.fuel.zip(usage.fuel).map(|(sum, fuel)| sum.saturating_add(fuel)),
        memory_bytes: sum.memory_bytes.max(usage.memory_bytes),
        queue_ms,
        run_ms: sum.run_ms + usage.run_ms,
    })
}

/// A part of the context that a plugin changed; `None` if none did.
type Changed = Option<JsonText<'static>>;

/// The context on its way along a chain. Only `input` and `data` can differ from what was given.
struct HandedContext<'a> {
    /// What the next plugin gets.
    json: Cow<'a, str>,
    given: &'a str,
    /// The parts of what was given, if they are found.
    parts: Option<Parts<'a>>,
    input: Changed,
    data: Changed,
}

impl<'a> HandedContext<'a> {
    fn new(given: &'a str, parts: Option<Parts<'a>>) -> Self {
        Self { json: Cow::Borrowed(given), given, parts, input: None, data: None }
    }

    /// What the next plugin gets. Its parts are those of what was given only as long as none is changed.
    fn handed(&self) -> Handed<'_> {
        let parts = if matches!(self.json, Cow::Borrowed(_)) { self.parts } else { None };
        Handed { json: &self.json, parts }
    }

    /// Takes over what a hook changed, for the next one if there is any. It is a fault of the hook if it makes the context
    /// longer than the next hook accepts; then none of its changes are taken.
    fn change(
        &mut self,
        input: Changed,
        data: Changed,
        hook: &ResolvedHook<'_>,
        next: Option<&ResolvedHook<'_>>,
    ) -> Result<Option<Fault>, HostError> {
        if input.is_none() && data.is_none() {
            return Ok(None);
        }
        let is_mixed = input.is_none() != data.is_none();
        let (input, data) = (input.or_else(|| self.input.clone()), data.or_else(|| self.data.clone()));
        if is_mixed
            && let Some(fault) =
                too_costly(&[("ctx.input", text(input.as_ref())), ("ctx.data", text(data.as_ref()))], hook)
        {
            return Ok(Some(fault));
        }
        if let Some(next) = next {
            let json = self.with(text(input.as_ref()), text(data.as_ref()))?;
            if json.len() > next.most_context_bytes() && json.len() > self.json.len() {
                let fault = too_long(json.len(), next);
                hook.warn_of(&fault);
                return Ok(Some(fault));
            }
            self.json = Cow::Owned(json);
        }
        (self.input, self.data) = (input, data);
        Ok(None)
    }

    /// Do the kept changes and the details of a rejection cost too much together? JavaScript reads them as one result.
    fn too_costly_with(&self, details: &JsonText<'_>, hook: &ResolvedHook<'_>) -> Option<Fault> {
        let kept = [("ctx.input", text(self.input.as_ref())), ("ctx.data", text(self.data.as_ref()))];
        if kept.iter().all(|(_, part)| part.is_none()) {
            return None;
        }
        let [input, data] = kept;
        too_costly(&[input, data, ("details", Some(details.get()))], hook)
    }

    /// The text of what was given, with this input and data instead of its own.
    fn with(&mut self, input: Option<&str>, data: Option<&str>) -> Result<String, HostError> {
        let given = match self.parts {
            Some(parts) => parts,
            None => *self.parts.insert(Parts::find(self.given)?),
        };
        Ok(given.changed(input, data))
    }
}

/// Parts from different plugins, each within its own limits, are one result for JavaScript.
fn too_costly(parts: &[(&str, Option<&str>)], hook: &ResolvedHook<'_>) -> Option<Fault> {
    let fault = check_parts(parts, hook.most_result_values()).err()?;
    hook.warn_of(&fault);
    Some(fault)
}

fn too_long(length: usize, next: &ResolvedHook<'_>) -> Fault {
    let (key, name, limit) = (quoted(next.plugin_key()), Limit::CONTEXT_BYTES.name, next.most_context_bytes());
    let message =
        format!("the result makes the context {length} bytes long; {name} of the next plugin, {key}, is {limit}");
    Fault::new(FaultCode::Result, message)
}

fn text<'a>(part: Option<&'a JsonText<'_>>) -> Option<&'a str> {
    part.map(JsonText::get)
}
