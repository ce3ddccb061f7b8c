//! A worker on a thread of libuv's pool.

use std::sync::Arc;

use napi::bindgen_prelude::{Env, Result, Task};
use napi_derive::napi;

use crate::hook_queue::HookQueue;

/// Runs the calls of one runtime that are ready, and comes back when there are none.
pub struct Worker {
    queue: Arc<HookQueue>,
}

impl Worker {
    pub(crate) fn new(queue: Arc<HookQueue>) -> Self {
        Self { queue }
    }
}

#[napi]
impl Task for Worker {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<Self::Output> {
        self.queue.work();
        Ok(())
    }

    fn resolve(&mut self, env: Env, (): Self::Output) -> Result<Self::JsValue> {
        self.queue.shift_is_over(env)
    }
}
