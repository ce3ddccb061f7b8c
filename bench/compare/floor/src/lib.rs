//! Two calls that do nothing on a thread of libuv's pool. What a hook call takes beyond them is hookcell's.

use std::mem;

use napi::bindgen_prelude::{AsyncTask, Env, Result, Task};
use napi_derive::napi;

/// The hop to a worker and back, with nothing to carry.
pub struct EmptyTask;

#[napi]
impl Task for EmptyTask {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<Self::Output> {
        Ok(())
    }

    fn resolve(&mut self, _env: Env, _output: Self::Output) -> Result<Self::JsValue> {
        Ok(())
    }
}

/// Resolves once a worker has looked at the task.
#[napi]
#[must_use]
pub fn empty_task() -> AsyncTask<EmptyTask> {
    AsyncTask::new(EmptyTask)
}

/// The hop with a text copied in and out, as a hook's context and result are.
pub struct EchoTask {
    text: String,
}

#[napi]
impl Task for EchoTask {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> Result<Self::Output> {
        Ok(mem::take(&mut self.text))
    }

    fn resolve(&mut self, _env: Env, text: Self::Output) -> Result<Self::JsValue> {
        Ok(text)
    }
}

/// Resolves the text it was given.
#[napi]
#[must_use]
pub fn echo_task(text: String) -> AsyncTask<EchoTask> {
    AsyncTask::new(EchoTask { text })
}
