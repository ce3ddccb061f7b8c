//! A module in halves, compiling its data half, and linking both.

use std::borrow::Cow;

use wasmtime::Linker;

use crate::compile::compilation::Compilation;
use crate::compile::compiled::Compiled;
use crate::compile::compiler::SharedCompiled;
use crate::compile::module_id::{ModuleDigest, ModuleIdentity};
use crate::error::HostError;
use crate::module::contract::MEMORY;
use crate::module::halves::{GlobalValue, Halves, exported_function, exported_global};
use crate::plugin::form::LinkedHalves;
use crate::plugin::loading::Loading;

/// The variant of a data half. Part of its identity: the number changes when the same module gets another one.
const DATA_HALF: &str = "data half/1";

/// A module in halves, and the load that it is for.
pub(super) struct TwoHalves<'a> {
    pub(super) key: &'a str,
    pub(super) halves: Halves<'a>,
    pub(super) loading: &'a Loading<'a>,
}

impl TwoHalves<'_> {
    /// Links both halves. `globals` are those that do not begin with their value in the code half.
    pub(super) fn link(
        &self,
        code: &Compiled,
        data: &Compiled,
        globals: &[(u32, GlobalValue)],
        runs_start: bool,
    ) -> Result<LinkedHalves, HostError> {
        let lost = || HostError::Internal("a half does not match the module".to_owned());
        let export = |name: &str| code.module.get_export_index(name).ok_or_else(lost);
        let globals = globals
            .iter()
            .map(|(index, value)| Ok((export(&exported_global(*index))?, *value)))
            .collect::<Result<_, HostError>>()?;
        let start = self.halves.start().filter(|_| runs_start);
        Ok(LinkedHalves {
            data: Linker::new(data.module.engine())
                .instantiate_pre(&data.module)
                .map_err(|error| HostError::internal(&error))?,
            memory: data.module.get_export_index(MEMORY).ok_or_else(lost)?,
            own_memory: self.loading.engine.memory_of(data)?,
            code: code.module.clone(),
            globals,
            start: start.map(|index| export(&exported_function(index))).transpose()?,
        })
    }

    /// The data half as the module has it. It is made in less time than a code cache takes.
    pub(super) fn own_data(&self, digest: ModuleDigest) -> Result<SharedCompiled, HostError> {
        let identity = ModuleIdentity { digest, variant: Cow::Borrowed(DATA_HALF) };
        let compilation = Compilation { cache: None, ..self.data_compilation() };
        let compiler = self.loading.engine.compiler();
        let data = compiler.module(identity, &compilation, || compiler.compile(&self.halves.data(), &compilation))?;
        data.0.make_image()?;
        Ok(data)
    }

    /// How a data half is compiled: here, because it has no code.
    pub(super) fn data_compilation(&self) -> Compilation<'_> {
        Compilation { isolate: None, ..self.loading.compilation(self.key) }
    }

    /// The globals that begin with another value than zero.
    pub(super) fn own_globals(&self) -> Vec<(u32, GlobalValue)> {
        let initial = self.halves.mutable_globals().iter().filter_map(|global| Some((global.index, global.initial?)));
        initial.filter(|(_, value)| !value.is_zero()).collect()
    }
}
