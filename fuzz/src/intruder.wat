;; Leaves its marks in all the memory and all the table that it can get.
(module
  (memory (export "memory") 1)
  (table 1000 funcref)
  (elem declare func $mark)
  (func $mark)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "dealloc") (param i32 i32))
  (func (export "before_hook") (param i32 i32) (result i64)
    (drop (memory.grow (i32.const 31)))
    (memory.fill (i32.const 0) (i32.const 0xaa) (i32.const 0x200000))
    (table.fill (i32.const 0) (ref.func $mark) (i32.const 1000))
    (i64.const 0)))
