use crate::context::{Context, Part};
use crate::patch::Patch;
use crate::rejection::Rejection;

/// What a hook returns: its context, whose `input` and `data` it may have changed, or a [`Rejection`].
pub type Answer<Input = crate::Object, Data = crate::Raw, Config = crate::Raw> =
    Result<Context<Input, Data, Config>, Rejection>;

/// What a hook can return: an [`Answer`], or as `Ok` a [`Patch`], or `()`, which changes nothing.
#[diagnostic::on_unimplemented(
    message = "a hook cannot return `{Self}`",
    label = "returns something else than an `Answer`",
    note = "return `Answer<Input, Data>`, `Result<Patch, Rejection>` or `Result<(), Rejection>`"
)]
pub trait Outcome {
    #[doc(hidden)]
    fn write(self) -> Vec<u8>;
}

impl<I: Part, D: Part, C: Part> Outcome for Answer<I, D, C> {
    fn write(self) -> Vec<u8> {
        self.map_or_else(|rejection| rejection.write(), Context::write)
    }
}

impl Outcome for Result<Patch, Rejection> {
    fn write(self) -> Vec<u8> {
        self.map_or_else(|rejection| rejection.write(), Patch::write)
    }
}

impl Outcome for Result<(), Rejection> {
    fn write(self) -> Vec<u8> {
        self.map_or_else(|rejection| rejection.write(), |()| Vec::new())
    }
}

/// Calls a hook with a context as JSON, and returns its answer as JSON, for your unit tests. No text means "ok, no changes".
///
/// # Panics
///
/// If the hook does, or if the context is not valid.
pub fn call<I: Part, D: Part, C: Part, O: Outcome>(hook: fn(Context<I, D, C>) -> O, context: &str) -> String {
    let bytes = answer(context.as_bytes().to_vec().leak(), hook);
    String::from_utf8(bytes).unwrap_or_default()
}

pub(crate) fn answer<I: Part, D: Part, C: Part, O: Outcome>(
    text: &'static [u8],
    hook: fn(Context<I, D, C>) -> O,
) -> Vec<u8> {
    match Context::read(text) {
        Ok(context) => hook(context).write(),
        Err(rejection) => rejection.write(),
    }
}
