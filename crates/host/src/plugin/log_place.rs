//! Where a plugin's log is while it runs.

use wasmtime::{AsContextMut, Extern, ModuleExport, Store};

use crate::call::guest_slice::GuestSlice;
use crate::module::log_globals::{LogGlobal, LogGlobals};
use crate::plugin::form::Form;
use crate::sandbox::cell::Cell;
use crate::sandbox::open_cell::Instantiated;

/// Where a plugin says where its log is, looked up once.
pub(crate) struct LogPlace {
    pointer: Number,
    length: Number,
}

enum Number {
    Global(ModuleExport),
    /// The address of four bytes.
    Variable(u32),
}

impl LogPlace {
    /// `None` if the globals are of another module.
    pub(crate) fn of(globals: &LogGlobals, form: &Form) -> Option<Self> {
        Some(Self { pointer: Number::of(globals.pointer, form)?, length: Number::of(globals.length, form)? })
    }

    /// The log as it is now. `None` if it is empty.
    pub(crate) fn slice(&self, store: &mut Store<Cell>, inside: Instantiated) -> Option<GuestSlice> {
        let length = self.length.read(store, inside).filter(|length| *length > 0)?;
        Some(GuestSlice::new(self.pointer.read(store, inside)?, length))
    }
}

impl Number {
    fn of(global: LogGlobal, form: &Form) -> Option<Self> {
        match global {
            LogGlobal::Mutable { name, index } => form.global(name, index).map(Self::Global),
            LogGlobal::Variable(address) => Some(Self::Variable(address)),
        }
    }

    fn read(&self, store: &mut Store<Cell>, inside: Instantiated) -> Option<u32> {
        match self {
            Self::Global(export) => {
                let global =
                    inside.code.get_module_export(store.as_context_mut(), export).and_then(Extern::into_global)?;
                global.get(store).i32().map(i32::cast_unsigned)
            }
            Self::Variable(address) => {
                let bytes = GuestSlice::new(*address, 4).of(inside.memory.data(&*store))?;
                bytes.try_into().ok().map(u32::from_le_bytes)
            }
        }
    }
}
