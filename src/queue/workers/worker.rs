//! A worker on a thread of libuv's pool.

use std::sync::Arc;

use napi::bindgen_prelude::{Env, Result, Task};
use napi_derive::napi;

/// The work of a worker on its thread, and what follows on JavaScript's thread.
pub(crate) trait Shift: Send + Sync {
    /// Runs calls on the current thread until none is ready.
    fn work(&self);

    /// The worker has returned to JavaScript's thread.
    fn is_over(self: Arc<Self>, env: Env) -> Result<()>;
}

/// Runs the ready calls of one runtime, and returns when there are none.
pub struct Worker {
    shift: Arc<dyn Shift>,
}

impl Worker {
    pub(crate) fn new(shift: Arc<dyn Shift>) -> Self {
        Self { shift }
    }
}

#[napi]
impl Task for Worker {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<Self::Output> {
        self.shift.work();
        Ok(())
    }

    fn resolve(&mut self, env: Env, (): Self::Output) -> Result<Self::JsValue> {
        Arc::clone(&self.shift).is_over(env)
    }
}
