//! How calls get in: from JavaScript's arguments to an offer to the queue.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hookcell_host::{CancelToken, Grants, Usage, WasmRuntime};
use napi::JsString;
use napi::bindgen_prelude::{Either, Env, Error, Result};

use crate::call::call_reply::CallReply;
use crate::call::chain::{Chain, NamedChain};
use crate::call::hook::{NamedHook, OneHook};
use crate::call::inline;
use crate::call::options::{CallOptions, poll_within};
use crate::call::work::Work;
use crate::limits::{LimitOptions, limit_overrides, whole};
use crate::queue::batch::{self, BatchText};
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

/// The milliseconds within which to `poll`, or the text of the reply to a call that has ended: `{"refused":…}`, or the result if it
/// ran inline.
pub(crate) type Taken = Either<f64, BatchText>;

/// Where the numbers of the reply to a call go that ends at once. The call may run inline if there is such a place.
pub(crate) type InlineNumbers<'a> = Option<&'a mut [f64]>;

impl Door {
    /// Offers a call of one hook. With `numbers`, it is first tried on the calling thread, and if it ends there, its reply is
    /// returned.
    pub(crate) fn call_hook(
        &self,
        env: Env,
        call: f64,
        named: &Arc<NamedHook>,
        context: JsString<'_>,
        options: CallOptions,
        numbers: InlineNumbers<'_>,
    ) -> Result<Taken> {
        let context = match self.admit(&named.plugin, context)? {
            Ok(context) => context,
            Err(refused) => return Ok(ended(refused, numbers)),
        };
        let (grants, granted) = granted(&options)?;
        let held = named.len().saturating_add(context.len()).saturating_add(granted);
        let limits = options.limits.as_ref().map(boxed);
        if numbers.is_some()
            && let Some(reply) = inline::hook(&self.runtime, named, &context, limits.as_deref(), grants.as_deref())
        {
            return Ok(ended(reply, numbers));
        }
        let work = Work::Hook(OneHook { named: Arc::clone(named), context, limits, grants });
        Ok(self.offer(env, call, options, held, work, numbers))
    }

    /// Offers a call of a chain, as for one hook.
    pub(crate) fn call_chain(
        &self,
        env: Env,
        call: f64,
        named: &Arc<NamedChain>,
        context: JsString<'_>,
        options: CallOptions,
        numbers: InlineNumbers<'_>,
    ) -> Result<Taken> {
        // Only the first plugin is checked now: it can make the context shorter for the next one.
        let context = match self.admit(named.first(), context)? {
            Ok(context) => context,
            Err(refused) => return Ok(ended(refused, numbers)),
        };
        let (grants, granted) = granted(&options)?;
        if numbers.is_some()
            && let Some(reply) = inline::chain(&self.runtime, named, &context, grants.as_deref())
        {
            return Ok(ended(reply, numbers));
        }
        let steps = Vec::with_capacity(named.count());
        let held = named.len().saturating_add(context.len()).saturating_add(granted);
        let held = held.saturating_add(named.count().saturating_mul(size_of::<Usage>()));
        let work = Work::Chain(Chain { named: Arc::clone(named), context, grants, steps });
        Ok(self.offer(env, call, options, held, work, numbers))
    }

    /// The context as text, or a refusal if it is longer than the plugin accepts now. A context that is much too long is not
    /// copied.
    fn admit(&self, plugin: &str, context: JsString<'_>) -> Result<std::result::Result<String, CallReply>> {
        let most = self.runtime.most_context_bytes(plugin);
        let refused = |length: usize| reply::refused(&hookcell_host::context_too_long(length, most)).into();
        if context.utf16_len()? > most {
            return Ok(Err(refused(context.utf8_len()?)));
        }
        let text = context.into_utf8()?.into_owned()?;
        Ok(if text.len() > most { Err(refused(text.len())) } else { Ok(text) })
    }

    fn offer(
        &self,
        env: Env,
        call: f64,
        options: CallOptions,
        held: usize,
        work: Work,
        numbers: InlineNumbers<'_>,
    ) -> Taken {
        let CallOptions { queue_timeout_ms, tenant, cancellable, limits: _, grants: _ } = options;
        // A tenant may be named by its client.
        let tenant_bytes = tenant.as_ref().map_or(0, String::len);
        let job = Job {
            work,
            bytes: held.saturating_add(tenant_bytes),
            cancel: cancellable.then(CancelToken::default),
            queued_at: Instant::now(),
            queue_timeout: queue_timeout_ms.map_or(self.queue_timeout, |ms| Duration::from_millis(ms.into())),
        };
        let bytes = job.bytes;
        match self.queue.offer(env, whole(call), tenant.as_deref(), job) {
            Admission::Admitted { poll_within: within } => Either::A(poll_within(within)),
            Admission::Refused(full) => ended(reply::no_room(full, bytes, &self.limits).into(), numbers),
        }
    }
}

fn ended(reply: CallReply, numbers: InlineNumbers<'_>) -> Taken {
    Either::B(batch::write_reply(reply, numbers.unwrap_or_default()))
}

/// What a call is granted, and its bytes.
fn granted(options: &CallOptions) -> Result<(Option<Box<Grants>>, usize)> {
    let Some(grants) = &options.grants else { return Ok((None, 0)) };
    let parsed = grants.parse().map_err(|error| Error::from_reason(error.to_string()))?;
    Ok((Some(Box::new(parsed)), grants.len()))
}

fn boxed(limits: &LimitOptions) -> Box<hookcell_host::LimitOverrides> {
    Box::new(limit_overrides(limits))
}
