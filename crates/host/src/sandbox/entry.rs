//! The functions by which a call enters a guest.

use wasmtime::{AsContextMut, Extern, Instance, ModuleExport, Store, TypedFunc, WasmParams, WasmResults};

use crate::sandbox::cell::Cell;

/// The number of a hook among those of its plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HookNumber(pub(crate) usize);

/// The functions by which a call enters a guest. To look them up takes 0.3 µs, so it is done before the call if that is known.
pub(crate) struct Entry {
    /// The hook.
    pub(crate) of: HookNumber,
    pub(crate) alloc: TypedFunc<u32, u32>,
    pub(crate) hook: TypedFunc<(u32, u32), u64>,
}

impl Entry {
    /// `None` if these are not exports of this instance, or of other types.
    pub(crate) fn find(
        store: &mut Store<Cell>,
        instance: Instance,
        alloc: &ModuleExport,
        (of, hook): (HookNumber, &ModuleExport),
    ) -> Option<Self> {
        Some(Self {
            of,
            alloc: exported_function(store, instance, alloc)?,
            hook: exported_function(store, instance, hook)?,
        })
    }
}

/// An exported function of this type.
pub(crate) fn exported_function<P: WasmParams, R: WasmResults>(
    store: &mut Store<Cell>,
    instance: Instance,
    export: &ModuleExport,
) -> Option<TypedFunc<P, R>> {
    let export = instance.get_module_export(store.as_context_mut(), export);
    export.and_then(Extern::into_func)?.typed(&*store).ok()
}
