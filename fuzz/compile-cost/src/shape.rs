//! A module to compile, as a short description that can be changed at random.

use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, Instruction as I, MemorySection, MemoryType, Module, RefType,
    StartSection, TableSection, TableType, TypeSection, ValType,
};

use crate::atom::{self, Atom, Kind, Site};
use crate::random::Random;

const TYPES: &[ValType] = &[ValType::I32, ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The type that the functions work on.
    pub ty: ValType,
    /// The number of local variables of that type in each function.
    pub locals: u32,
    /// The number of open blocks around the pattern.
    pub blocks: u32,
    /// The repeated pattern.
    pub pattern: Vec<Atom>,
    /// The number of repetitions in each function.
    pub turns: u32,
    /// The number of functions.
    pub functions: u32,
    /// Does a start section call the first of them?
    pub starts: bool,
    /// Are all locals used after the blocks?
    pub uses_locals: bool,
    /// Entries of a passive element segment.
    pub elements: u32,
}

impl Shape {
    /// The worst shapes that long searches found. Each search begins with them.
    pub fn known() -> Vec<Self> {
        let shape = |ty, locals, blocks, uses_locals, pattern: &[(Kind, u32)]| Self {
            ty,
            locals,
            blocks,
            pattern: pattern.iter().map(|&(kind, number)| Atom { kind, number }).collect(),
            turns: 1,
            functions: 1,
            starts: false,
            uses_locals,
            elements: 1,
        };
        let (set, add, indirect) = (Kind::SetLocal, Kind::BinaryWithConstant, Kind::CallIndirect);
        vec![
            shape(ValType::F64, 2, 64, false, &[(set, 1_029_396), (add, 285_145), (indirect, 311_652)]),
            shape(ValType::F64, 2, 1, true, &[(Kind::TableSize, 134_646), (indirect, 311_652)]),
            shape(ValType::I32, 4, 1, true, &[(Kind::Constants, 706_106), (Kind::MemoryGrow, 368_671)]),
            shape(ValType::I64, 300, 8, true, &[(indirect, 926_031)]),
            shape(ValType::V128, 8, 64, true, &[(Kind::Keep, 270_677), (Kind::Unary, 23_048), (Kind::Unary, 649_119)]),
        ]
    }

    pub fn any(random: &mut Random) -> Self {
        let atoms = 1 + random.below(4);
        Self {
            ty: random.one_of(TYPES),
            locals: random.one_of(&[1, 2, 8, 60, 300, 1900]),
            blocks: random.one_of(&[1, 2, 8, 64]),
            pattern: (0..atoms).map(|_| Atom::any(random)).collect(),
            turns: 1,
            functions: 1,
            starts: random.below(10) == 0,
            uses_locals: random.below(2) == 0,
            elements: if random.below(10) == 0 { 2_000 } else { 1 },
        }
    }

    pub fn changed(&self, random: &mut Random) -> Self {
        let mut shape = self.clone();
        for _ in 0..=random.below(2) {
            let at = usize::try_from(random.below(shape.pattern.len() as u64)).unwrap_or(0);
            match random.below(10) {
                0 => shape.ty = random.one_of(TYPES),
                1 => {
                    shape.locals =
                        (u32::try_from(random.below(u64::from(shape.locals) * 3)).unwrap_or(1) + 1).min(1_990);
                }
                2 => shape.blocks = random.one_of(&[1, 2, 8, 64, 500]),
                3 if shape.pattern.len() > 1 => drop(shape.pattern.remove(at)),
                3..=5 => shape.pattern.insert(at, Atom::any(random)),
                6 => shape.pattern[at].number = u32::try_from(random.below(1 << 20)).unwrap_or(0),
                7 => shape.pattern[at] = Atom::any(random),
                8 => shape.uses_locals = !shape.uses_locals,
                _ => shape.starts = random.below(4) == 0,
            }
        }
        shape
    }

    pub fn to_module(&self) -> Vec<u8> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32], [ValType::I32]);
        types.ty().function([ValType::I32, ValType::I32], []);
        types.ty().function([ValType::I32, ValType::I32], [ValType::I64]);
        types.ty().function([self.ty], [self.ty]);
        types.ty().function([self.ty], vec![self.ty; 21]);
        types.ty().function([], []);
        module.section(&types);
        let mut functions = FunctionSection::new();
        for ty in [0, 1, 2, 3, 4].into_iter().chain((0..self.functions).map(|_| 5)) {
            functions.function(ty);
        }
        module.section(&functions);
        let mut tables = TableSection::new();
        let table =
            TableType { element_type: RefType::FUNCREF, table64: false, minimum: 10, maximum: None, shared: false };
        tables.table(table);
        module.section(&tables);
        let mut memories = MemorySection::new();
        memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
        module.section(&memories);
        let mut globals = GlobalSection::new();
        let kind = GlobalType { val_type: self.ty, mutable: true, shared: false };
        globals.global(kind, &ConstExpr::extended([atom::constant(self.ty, 1)]));
        module.section(&globals);
        let mut exports = ExportSection::new();
        exports.export("memory", ExportKind::Memory, 0);
        for (index, name) in (0..).zip(["alloc", "dealloc", "before_hook"]) {
            exports.export(name, ExportKind::Func, index);
        }
        module.section(&exports);
        if self.starts {
            module.section(&StartSection { function_index: 5 });
        }
        let mut elements = ElementSection::new();
        elements.passive(Elements::Functions(vec![0; self.elements as usize].into()));
        elements.declared(Elements::Functions(vec![0].into()));
        module.section(&elements);
        module.section(&DataCountSection { count: 1 });
        let mut code = CodeSection::new();
        for body in
            [vec![I::I32Const(1_024)], vec![], vec![I::I64Const(0)], vec![I::LocalGet(0)], vec![I::LocalGet(0); 21]]
        {
            code.function(&function([], &body));
        }
        let body = self.body();
        for _ in 0..self.functions {
            code.function(&body);
        }
        module.section(&code);
        let mut data = DataSection::new();
        data.passive([7; 64]);
        module.section(&data);
        module.finish()
    }

    fn body(&self) -> Function {
        let mut code = Vec::new();
        code.extend((0..self.blocks).map(|_| I::Block(wasm_encoder::BlockType::Empty)));
        code.push(I::GlobalGet(0));
        let mut kept = 0;
        for turn in 0..self.turns {
            let site = Site { ty: self.ty, locals: self.locals, blocks: self.blocks, turn };
            for atom in &self.pattern {
                kept += atom::write(*atom, &site, &mut code);
            }
        }
        code.extend((0..kept).map(|_| atom::binary(self.ty, 0)));
        code.push(I::GlobalSet(0));
        code.extend((0..self.blocks).map(|_| I::End));
        if self.uses_locals {
            code.push(I::GlobalGet(0));
            code.extend((0..self.locals).flat_map(|local| [I::LocalGet(local), atom::binary(self.ty, 0)]));
            code.push(I::GlobalSet(0));
        }
        function([(self.locals, self.ty), (1, ValType::I32)], &code)
    }
}

fn function(locals: impl IntoIterator<Item = (u32, ValType), IntoIter: ExactSizeIterator>, code: &[I<'_>]) -> Function {
    let mut function = Function::new(locals);
    for instruction in code {
        function.instruction(instruction);
    }
    function.instruction(&I::End);
    function
}
