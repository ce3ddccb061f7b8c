//! The functions by which a call enters a guest.

use wasmtime::{AsContextMut, Extern, ExternType, Func, Instance, Module, ModuleExport, Store, ValRaw, ValType};

use crate::sandbox::cell::Cell;

/// The number of a hook among those of its plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HookNumber(pub(crate) usize);

/// An exported function of a compiled module that has the type of `alloc`.
pub(crate) struct AllocExport(ModuleExport);

/// An exported function of a compiled module that has the type of a hook.
pub(crate) struct HookExport(ModuleExport);

/// The functions by which a call enters a guest. To look them up takes 0.2 µs, so it is done before the call if that is known.
///
/// Their types are those of the exports that they were found by: wasmtime need not be asked for them in each instance, which takes as
/// long again.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// The hook.
    pub(crate) of: HookNumber,
    alloc: Func,
    hook: Func,
}

impl AllocExport {
    /// `None` if the module has no such export, or one of another type.
    pub(crate) fn find(module: &Module, name: &str) -> Option<Self> {
        export(module, name, &[ValType::I32], &[ValType::I32]).map(Self)
    }
}

impl HookExport {
    /// `None` if the module has no such export, or one of another type.
    pub(crate) fn find(module: &Module, name: &str) -> Option<Self> {
        export(module, name, &[ValType::I32, ValType::I32], &[ValType::I64]).map(Self)
    }
}

impl Entry {
    /// `None` if the instance is of another module.
    pub(crate) fn find(
        store: &mut Store<Cell>,
        instance: Instance,
        alloc: &AllocExport,
        (of, hook): (HookNumber, &HookExport),
    ) -> Option<Self> {
        let mut function = |export| instance.get_module_export(store.as_context_mut(), export)?.into_func();
        Some(Self { of, alloc: function(&alloc.0)?, hook: function(&hook.0)? })
    }

    /// Asks the guest for room for so many bytes, and returns where it says that this is.
    pub(crate) fn alloc(&self, store: &mut Store<Cell>, length: u32) -> wasmtime::Result<u32> {
        let mut values = [ValRaw::u32(length)];
        // SAFETY: the function has the type that was checked when its export was found, by an index that belongs to one module, of
        // which `get_module_export` found this instance to be. There is room for its parameter and its result, neither is a
        // reference, and wasmtime panics if the function is of another store.
        #[expect(unsafe_code, reason = "wasmtime's typed functions ask for their type in each instance")]
        unsafe {
            self.alloc.call_unchecked(store, &raw mut values)?;
        }
        Ok(values[0].get_u32())
    }

    /// Calls the hook with a context of so many bytes, and returns its packed answer.
    pub(crate) fn hook(&self, store: &mut Store<Cell>, pointer: u32, length: u32) -> wasmtime::Result<u64> {
        let mut values = [ValRaw::u32(pointer), ValRaw::u32(length)];
        // SAFETY: as above.
        #[expect(unsafe_code, reason = "wasmtime's typed functions ask for their type in each instance")]
        unsafe {
            self.hook.call_unchecked(store, &raw mut values)?;
        }
        Ok(values[0].get_u64())
    }
}

/// Calls an exported function that has neither parameters nor results; `None` if the instance has none.
pub(crate) fn run_export(
    store: &mut Store<Cell>,
    instance: Instance,
    export: &ModuleExport,
) -> Option<wasmtime::Result<()>> {
    let function = instance.get_module_export(store.as_context_mut(), export).and_then(Extern::into_func)?;
    let function = function.typed::<(), ()>(&*store).ok()?;
    Some(function.call(store, ()))
}

/// The export of a function with this type.
fn export(module: &Module, name: &str, params: &[ValType], results: &[ValType]) -> Option<ModuleExport> {
    let Some(ExternType::Func(function)) = module.get_export(name) else { return None };
    let is_as_expected = are(function.params(), params) && are(function.results(), results);
    module.get_export_index(name).filter(|_| is_as_expected)
}

fn are(types: impl ExactSizeIterator<Item = ValType>, expected: &[ValType]) -> bool {
    types.len() == expected.len() && types.zip(expected).all(|(one, other)| ValType::eq(&one, other))
}

#[cfg(test)]
mod tests {
    use wasmtime::{Engine, Module};

    use super::{AllocExport, HookExport};

    #[test]
    fn exports_are_found_by_their_name_and_type() {
        let types = [
            ("", ""),
            ("i32", ""),
            ("i32", "i32"),
            ("i32", "i64"),
            ("i64", "i32"),
            ("f32", "i32"),
            ("i32 i32", "i64"),
            ("i32 i32", "i32"),
            ("i32 i64", "i64"),
            ("i32 i32", "f64"),
            ("i32 i32", "i64 i64"),
            ("i32 i32 i32", "i64"),
        ];
        let functions = types.map(|(params, results)| {
            format!(r#"(func (export "{params} -> {results}") (param {params}) (result {results}) unreachable)"#)
        });
        let source = format!(r#"(module (memory (export "memory") 1) {})"#, functions.concat());
        let module = Module::new(&Engine::default(), wat::parse_str(source).unwrap()).unwrap();
        let names = || module.exports().map(|export| export.name().to_owned()).chain(["none".to_owned()]);
        let allocs: Vec<_> = names().filter(|name| AllocExport::find(&module, name).is_some()).collect();
        assert_eq!(allocs, ["i32 -> i32"]);
        let hooks: Vec<_> = names().filter(|name| HookExport::find(&module, name).is_some()).collect();
        assert_eq!(hooks, ["i32 i32 -> i64"]);
    }
}
