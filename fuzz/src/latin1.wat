;; Answers with one byte for each character of its context, the lower half of U+0000 to U+01FF: that way a context, which
;; is text, can make it say any bytes.
(module
  (memory (export "memory") 4)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "dealloc") (param i32 i32))
  (func (export "before_hook") (param $from i32) (param $length i32) (result i64)
    (local $to i32)
    (local $end i32)
    (local $byte i32)
    (local.set $to (local.get $from))
    (local.set $end (i32.add (local.get $from) (local.get $length)))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $from) (local.get $end)))
        (local.set $byte (i32.load8_u (local.get $from)))
        (if (i32.ge_u (local.get $byte) (i32.const 0x80))
          (then
            (local.set $from (i32.add (local.get $from) (i32.const 1)))
            (local.set $byte
              (i32.or
                (i32.shl (i32.and (local.get $byte) (i32.const 0x03)) (i32.const 6))
                (i32.and (i32.load8_u (local.get $from)) (i32.const 0x3f))))))
        (i32.store8 (local.get $to) (local.get $byte))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (br $next)))
    (i64.or
      (i64.shl (i64.const 1024) (i64.const 32))
      (i64.extend_i32_u (i32.sub (local.get $to) (i32.const 1024))))))
