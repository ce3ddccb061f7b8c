//! The two exports that say where a plugin's log is.

use wasmparser::{ConstExpr, ExternalKind, Global, Operator, Payload};

use crate::guest_text::quoted;
use crate::module::sections::sections;

/// The export with the address of the log.
pub(crate) const LOG_POINTER: &str = "log_ptr";
/// The export with the length of the log, in bytes.
pub(crate) const LOG_LENGTH: &str = "log_len";

/// Where one of the two numbers is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogGlobal {
    /// In a mutable global with this index.
    Mutable { name: &'static str, index: u32 },
    /// In memory, at this address. The global is immutable and holds the address, which is how linkers export a variable.
    Variable(u32),
}

/// Where both are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LogGlobals {
    pub(crate) pointer: LogGlobal,
    pub(crate) length: LogGlobal,
}

impl LogGlobals {
    /// Finds them in a module whose exports were checked. The error says what is wrong.
    pub(crate) fn of(module: &[u8]) -> Result<Self, String> {
        let mut indices = [None, None];
        let mut globals = Vec::new();
        for payload in sections(module) {
            match payload.map_err(|_| "it cannot be read")? {
                Payload::GlobalSection(section) => {
                    globals = section.into_iter().collect::<Result<_, _>>().map_err(|_| "it cannot be read")?;
                }
                Payload::ExportSection(exports) => {
                    for export in exports.into_iter().map_while(Result::ok) {
                        for (index, name) in indices.iter_mut().zip([LOG_POINTER, LOG_LENGTH]) {
                            if export.name == name && export.kind == ExternalKind::Global {
                                *index = Some(export.index);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        let [pointer, length] = indices;
        Ok(Self { pointer: global(LOG_POINTER, pointer, &globals)?, length: global(LOG_LENGTH, length, &globals)? })
    }
}

fn global(name: &'static str, index: Option<u32>, globals: &[Global<'_>]) -> Result<LogGlobal, String> {
    let found = index.and_then(|index| Some((index, globals.get(usize::try_from(index).ok()?)?)));
    let (index, global) = found.ok_or_else(|| format!("export {} is missing", quoted(name)))?;
    if global.ty.mutable {
        return Ok(LogGlobal::Mutable { name, index });
    }
    let address = constant(&global.init_expr);
    address.map(LogGlobal::Variable).ok_or_else(|| format!("export {} must be mutable or a constant", quoted(name)))
}

/// The value of `i32.const`.
fn constant(expression: &ConstExpr<'_>) -> Option<u32> {
    let mut operators = expression.get_operators_reader();
    match (operators.read().ok()?, operators.read().ok()?) {
        (Operator::I32Const { value }, Operator::End) => Some(value.cast_unsigned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{LogGlobal, LogGlobals};

    #[test]
    fn both_forms_of_the_globals_are_found() {
        let found = |globals: &str| LogGlobals::of(&wat::parse_str(format!("(module {globals})")).unwrap());
        let mutable = LogGlobal::Mutable { name: "log_ptr", index: 1 };
        let length = r#"(global (export "log_len") i32 (i32.const 0xffff0000))"#;
        assert_eq!(
            found(&format!(
                r#"(global i64 (i64.const 1)) (global (export "log_ptr") (mut i32) (i32.const 7)) {length}"#
            )),
            Ok(LogGlobals { pointer: mutable, length: LogGlobal::Variable(0xffff_0000) })
        );
        let sum = r#"(global (export "log_ptr") i32 (i32.add (i32.const 1) (i32.const 2)))"#;
        assert_eq!(
            found(&format!("{sum} {length}")),
            Err("export \"log_ptr\" must be mutable or a constant".to_owned())
        );
        assert_eq!(found(length), Err("export \"log_ptr\" is missing".to_owned()));
    }
}
