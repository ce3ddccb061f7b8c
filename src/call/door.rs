//! How calls get in: from JavaScript's arguments to an offer to the queue.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hookcell_host::{CancelToken, WasmRuntime};
use napi::JsString;
use napi::bindgen_prelude::{Either, Env, Result};

use crate::call::chain::{self, Chain};
use crate::call::hook::{NamedHook, OneHook};
use crate::call::inline;
use crate::call::options::{NativeCallOptions, poll_within};
use crate::call::work::Work;
use crate::limits::{LimitOptions, limit_overrides, whole};
use crate::queue::hook_queue::{Admission, HookQueue};
use crate::queue::job::Job;
use crate::queue::limits::QueueLimits;
use crate::reply;

/// Offers the calls of one runtime to its queue.
pub(crate) struct Door {
    pub(crate) runtime: Arc<WasmRuntime>,
    pub(crate) queue: Arc<HookQueue>,
    pub(crate) limits: QueueLimits,
    pub(crate) queue_timeout: Duration,
}

/// The milliseconds within which to `poll`, or the reply to a call that has ended: `{"refused":…}`, or the result if it ran inline.
pub(crate) type Taken = Either<f64, String>;

impl Door {
    /// Offers a call of one hook. With `may_run_inline`, it is first tried on the calling thread, and if it ends there, its reply
    /// is returned.
    pub(crate) fn call_hook(
        &self,
        env: Env,
        call: f64,
        named: &Arc<NamedHook>,
        context: JsString<'_>,
        options: Option<NativeCallOptions>,
        may_run_inline: bool,
    ) -> Result<Taken> {
        let context = match self.admit(&named.plugin, context)? {
            Ok(context) => context,
            Err(refused) => return Ok(Either::B(refused)),
        };
        let held = named.len().saturating_add(context.len());
        let options = options.unwrap_or_default();
        let limits = options.limits.as_ref().map(boxed);
        if may_run_inline && let Some(reply) = inline::hook(&self.runtime, named, &context, limits.as_deref()) {
            return Ok(Either::B(reply));
        }
        let work = Work::Hook(OneHook { named: Arc::clone(named), context, limits });
        Ok(self.offer(env, call, options, held, work))
    }

    /// Offers a call of a chain, as for one hook. `plugins` is a JSON array of `{"plugin","limits"}`.
    pub(crate) fn call_chain(
        &self,
        env: Env,
        call: f64,
        plugins: &str,
        hook: String,
        context: JsString<'_>,
        options: Option<NativeCallOptions>,
    ) -> Result<Taken> {
        let chain = match chain::parse(plugins) {
            Ok(chain) => chain,
            Err(error) => return Ok(Either::B(reply::refused(&error))),
        };
        // Only the first plugin is checked now: it can make the context shorter for the next one.
        let first = chain.first().map_or("", |(plugin, _)| plugin);
        let context = match self.admit(first, context)? {
            Ok(context) => context,
            Err(refused) => return Ok(Either::B(refused)),
        };
        let options = options.unwrap_or_default();
        if options.may_run_inline == Some(true)
            && let Some(reply) = inline::chain(&self.runtime, &chain, &hook, &context)
        {
            return Ok(Either::B(reply));
        }
        let held = [plugins, &hook, &context].into_iter().map(str::len).fold(0, usize::saturating_add);
        let work = Work::Chain(Box::new(Chain { plugins: chain, hook, context }));
        Ok(self.offer(env, call, options, held, work))
    }

    /// The context as text, or a refusal if it is longer than the plugin accepts now. A context that is much too long is not
    /// copied.
    fn admit(&self, plugin: &str, context: JsString<'_>) -> Result<std::result::Result<String, String>> {
        let most = self.runtime.most_context_bytes(plugin);
        let refused = |length: usize| reply::refused(&hookcell_host::context_too_long(length, most));
        if context.utf16_len()? > most {
            return Ok(Err(refused(context.utf8_len()?)));
        }
        let text = context.into_utf8()?.into_owned()?;
        Ok(if text.len() > most { Err(refused(text.len())) } else { Ok(text) })
    }

    fn offer(&self, env: Env, call: f64, options: NativeCallOptions, held: usize, work: Work) -> Taken {
        let NativeCallOptions { queue_timeout_ms, tenant, cancellable, limits: _, may_run_inline: _ } = options;
        // A tenant may be named by its client.
        let tenant_bytes = tenant.as_ref().map_or(0, String::len);
        let job = Job {
            work,
            bytes: held.saturating_add(tenant_bytes),
            cancel: cancellable.unwrap_or_default().then(CancelToken::default),
            queued_at: Instant::now(),
            queue_timeout: queue_timeout_ms.map_or(self.queue_timeout, |ms| Duration::from_millis(ms.into())),
        };
        let bytes = job.bytes;
        match self.queue.offer(env, whole(call), tenant.as_deref(), job) {
            Admission::Admitted { poll_within: within } => Either::A(poll_within(within)),
            Admission::Refused(full) => Either::B(reply::no_room(full, bytes, &self.limits)),
        }
    }
}

fn boxed(limits: &LimitOptions) -> Box<hookcell_host::LimitOverrides> {
    Box::new(limit_overrides(Some(limits)))
}
