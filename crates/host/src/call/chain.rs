//! Several hook calls on one context: what a plugin changes is handed to the next.

use std::borrow::Cow;
use std::time::Instant;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::call::answer::check_parts;
use crate::call::context::{Context, Parts};
use crate::call::fault::{Fault, FaultCode};
use crate::call::result::{HookResult, Outcome, Usage, serialize_changes, serialize_refusal};
use crate::call::{self, Cancels, ResolvedHook};
use crate::engine::Engine;
use crate::error::HostError;
use crate::guest_text::quoted;
use crate::limits::{Limit, SandboxConfig};
use crate::plugin::Plugin;
use crate::sandbox::cancel::CancelToken;

/// The most plugins that a caller may put in one chain, because a chain holds its thread until its last plugin ends. The
/// caller checks it.
pub const MAX_CHAIN: u32 = 64;

/// A chain of hook calls to make.
#[derive(Debug, Clone)]
pub struct ChainRequest<'a> {
    /// The plugins, in the order that they are called in. One may come twice.
    pub plugins: &'a [ChainedPlugin<'a>],
    /// The hook's name, the same for all.
    pub hook: &'a str,
    /// What the first plugin is given.
    pub context: &'a Context<'a>,
    /// Ends the chain when it is cancelled, also before it begins.
    pub cancel: Option<&'a CancelToken>,
    /// When the chain began to wait for its thread, for [`Usage::queue_ms`].
    pub queued_at: Option<Instant>,
}

/// A plugin of a chain.
#[derive(Debug, Clone)]
pub struct ChainedPlugin<'a> {
    /// The plugin's name or path.
    pub plugin: &'a str,
    /// Limits for this call alone, over the plugin's.
    pub sandbox: SandboxConfig,
}

/// What a chain came to.
///
/// As JSON it is a [`HookResult`] with `steps` beside it, where `ctx` may be there whatever `ok` is.
#[derive(Debug)]
pub struct ChainResult<'a> {
    /// How the last step ended the chain, which is never [`Outcome::Accepted`]; `None` where every plugin said yes.
    pub refusal: Option<Outcome<'a>>,
    /// The input as the plugins that said yes left it, a JSON object; `None` where none changed it.
    pub input: Option<&'a RawValue>,
    /// The data as the plugins that said yes left it, any JSON but `null`; `None` where none changed it.
    pub data: Option<&'a RawValue>,
    /// The plugins that were called, in order.
    pub steps: &'a [ChainStep<'a>],
    /// What all steps used: the sums of fuel and of time run, and the largest memory. `fuel` is `None` where that of
    /// any step is.
    pub usage: Usage,
}

/// A plugin of a chain that was called.
#[derive(Debug, Clone, Serialize)]
pub struct ChainStep<'a> {
    /// The plugin, as the request spelled it.
    pub plugin: &'a str,
    /// Did it say yes?
    pub ok: bool,
    /// What it used. `queue_ms` is 0: it is the chain that waits.
    pub usage: Usage,
}

/// Runs the chain. `plugins` are those of the request, in its order.
pub(crate) fn run<R>(
    engine: &Engine,
    plugins: &[Plugin],
    cancels: Cancels<'_>,
    request: &ChainRequest<'_>,
    read: impl FnOnce(&ChainResult<'_>) -> R,
) -> Result<R, HostError> {
    let hooks = request
        .plugins
        .iter()
        .zip(plugins)
        .map(|(chained, plugin)| ResolvedHook::resolve(plugin, request.hook, &chained.sandbox))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(first) = hooks.first() {
        first.admit(request.context.as_json())?;
        // What is handed on has been looked at as a result.
        request.context.check_harmless()?;
    }
    let queue_ms = call::waited_ms(request.queued_at);
    let mut context = HandedContext::new(request.context.as_json());
    let mut steps = Vec::with_capacity(hooks.len());
    let mut refusal = None;
    for (index, (hook, chained)) in hooks.iter().zip(request.plugins).enumerate() {
        let (said, usage) = hook.run(engine, cancels, &context.json, 0.0, |result| (Said::of(result), result.usage))?;
        refusal = match said {
            Said::Yes { input, data } => {
                let next = hooks.get(index.saturating_add(1));
                context.change(input, data, hook, next)?.map(Said::Broken)
            }
            Said::No { details: Some(details), .. } if let Some(fault) = context.too_costly_with(&details, hook) => {
                Some(Said::Broken(fault))
            }
            refusal => Some(refusal),
        };
        steps.push(ChainStep { plugin: chained.plugin, ok: refusal.is_none(), usage });
        if refusal.is_some() {
            break;
        }
    }
    let HandedContext { input, data, .. } = &context;
    Ok(read(&ChainResult {
        refusal: refusal.as_ref().map(Said::as_outcome),
        input: input.as_deref(),
        data: data.as_deref(),
        usage: sum(&steps, queue_ms),
        steps: &steps,
    }))
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

/// What a plugin said, when its memory is gone.
enum Said {
    Yes { input: Option<Box<RawValue>>, data: Option<Box<RawValue>> },
    No { error: Option<String>, details: Option<Box<RawValue>> },
    Broken(Fault),
}

impl Said {
    fn of(result: &HookResult<'_>) -> Self {
        let owned = |value: Option<&RawValue>| value.map(ToOwned::to_owned);
        match &result.outcome {
            &Outcome::Accepted { input, data } => Self::Yes { input: owned(input), data: owned(data) },
            Outcome::Rejected { error, details } => {
                Self::No { error: error.as_deref().map(str::to_owned), details: owned(*details) }
            }
            Outcome::Faulted(fault) => Self::Broken(fault.clone()),
        }
    }

    fn as_outcome(&self) -> Outcome<'_> {
        match self {
            Self::Yes { input, data } => Outcome::Accepted { input: input.as_deref(), data: data.as_deref() },
            Self::No { error, details } => {
                Outcome::Rejected { error: error.as_deref().map(Cow::Borrowed), details: details.as_deref() }
            }
            Self::Broken(fault) => Outcome::Faulted(fault.clone()),
        }
    }
}

/// The context on its way along a chain. Only `input` and `data` ever differ from what was given.
struct HandedContext<'a> {
    /// What the next plugin is given.
    json: Cow<'a, str>,
    given: &'a str,
    /// Of what was given; found when a plugin has first changed something for another to read.
    parts: Option<Parts<'a>>,
    input: Option<Box<RawValue>>,
    data: Option<Box<RawValue>>,
}

impl<'a> HandedContext<'a> {
    fn new(given: &'a str) -> Self {
        Self { json: Cow::Borrowed(given), given, parts: None, input: None, data: None }
    }

    /// Takes over what a hook changed, for the next one if there is any. A hook that makes the context longer than the
    /// next one may be given has broken the chain, and nothing of it is taken.
    fn change(
        &mut self,
        input: Option<Box<RawValue>>,
        data: Option<Box<RawValue>>,
        hook: &ResolvedHook<'_>,
        next: Option<&ResolvedHook<'_>>,
    ) -> Result<Option<Fault>, HostError> {
        if input.is_none() && data.is_none() {
            return Ok(None);
        }
        let is_mixed = input.is_none() != data.is_none();
        let (input, data) = (input.or_else(|| self.input.clone()), data.or_else(|| self.data.clone()));
        if is_mixed
            && let Some(fault) = too_costly(&[("ctx.input", input.as_deref()), ("ctx.data", data.as_deref())], hook)
        {
            return Ok(Some(fault));
        }
        if let Some(next) = next {
            let json = self.with(input.as_deref(), data.as_deref())?;
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

    /// JavaScript reads what is kept together with the last plugin's reasons.
    fn too_costly_with(&self, details: &RawValue, hook: &ResolvedHook<'_>) -> Option<Fault> {
        let kept = [("ctx.input", self.input.as_deref()), ("ctx.data", self.data.as_deref())];
        if kept.iter().all(|(_, part)| part.is_none()) {
            return None;
        }
        let [input, data] = kept;
        too_costly(&[input, data, ("details", Some(details))], hook)
    }

    /// The text of what was given, with these in place of its own.
    fn with(&mut self, input: Option<&RawValue>, data: Option<&RawValue>) -> Result<String, HostError> {
        let given = match self.parts {
            Some(parts) => parts,
            None => *self.parts.insert(Parts::find(self.given)?),
        };
        given.changed(input, data)
    }
}

/// Parts that different plugins have sent, each within its limits: to JavaScript they are one result.
fn too_costly(parts: &[(&str, Option<&RawValue>)], hook: &ResolvedHook<'_>) -> Option<Fault> {
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

impl Serialize for ChainResult<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match &self.refusal {
            Some(refusal) => serialize_refusal(&mut map, refusal)?,
            None => map.serialize_entry("ok", &true)?,
        }
        serialize_changes(&mut map, self.input, self.data)?;
        map.serialize_entry("steps", self.steps)?;
        map.serialize_entry("usage", &self.usage)?;
        map.end()
    }
}
