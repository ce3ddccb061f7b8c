  ;; Extism's ABI around a plugin of hookcell's contract. A host of Extism's keeps input and output in memory of its own,
  ;; which a plugin reads and writes by calling the host, eight bytes at a time where it can, as Extism's own development
  ;; kits do.

  (func (export "call") (result i32)
    (local $heap i32)
    (local $length i32)
    (local $context i32)
    (local $answer i64)
    (local.set $heap (global.get {HEAP}))
    (local.set $length (i32.wrap_i64 (call $extism_input_length)))
    (local.set $context (call {ALLOC} (local.get $length)))
    (call $extism_read (local.get $context) (local.get $length))
    (local.set $answer (call {HOOK} (local.get $context) (local.get $length)))
    (call $extism_write
      (i32.wrap_i64 (i64.shr_u (local.get $answer) (i64.const 32)))
      (i32.wrap_i64 (local.get $answer)))
    ;; The plugin never frees: hookcell drops its memory after each call. A reused plugin would grow.
    (global.set {HEAP} (local.get $heap))
    (i32.const 0))

  (func $extism_read (param $to i32) (param $length i32)
    (local $at i32)
    (block $done
      (loop $next
        (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 8)) (local.get $length)))
        (i64.store align=1
          (i32.add (local.get $to) (local.get $at))
          (call $extism_input_load_u64 (i64.extend_i32_u (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $length)))
        (i32.store8
          (i32.add (local.get $to) (local.get $at))
          (call $extism_input_load_u8 (i64.extend_i32_u (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next))))

  (func $extism_write (param $from i32) (param $length i32)
    (local $at i32)
    (local $block i64)
    (if (i32.eqz (local.get $length)) (then (return)))
    (local.set $block (call $extism_alloc (i64.extend_i32_u (local.get $length))))
    (block $done
      (loop $next
        (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 8)) (local.get $length)))
        (call $extism_store_u64
          (i64.add (local.get $block) (i64.extend_i32_u (local.get $at)))
          (i64.load align=1 (i32.add (local.get $from) (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $length)))
        (call $extism_store_u8
          (i64.add (local.get $block) (i64.extend_i32_u (local.get $at)))
          (i32.load8_u (i32.add (local.get $from) (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (call $extism_output_set (local.get $block) (i64.extend_i32_u (local.get $length))))
