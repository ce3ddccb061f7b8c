;; order_limit: refuses an order of more than ten of an item.
;;
;; It looks for the name `"quantity":` in the text of the context and reads the digits behind it. No string can look
;; like that name: within one, its quotes would be escaped.
(module
  (memory (export "memory") 17) ;; the context, of 1 MiB at most, behind one page of texts

  (global $NAME i32 (i32.const 16))
  (global $NAME_LENGTH i32 (i32.const 11))
  (data (i32.const 16) "\"quantity\":")
  (global $REFUSAL i64 (i64.const 32))
  (global $REFUSAL_LENGTH i64 (i64.const 108))
  (data (i32.const 32)
    "{\"ok\":false,\"error\":\"at most 10 of an item\",\"details\":[{\"field\":\"quantity\",\"message\":\"must be at most 10\"}]}")

  (func (export "alloc") (param $size i32) (result i32)
    (select (i32.const 0x10000) (i32.const 0) (i32.le_u (local.get $size) (i32.const 0x100000))))
  (func (export "dealloc") (param $ptr i32) (param $size i32)) ;; the host drops the memory after the call

  (func (export "before_hook") (param $ptr i32) (param $len i32) (result i64)
    (if (i32.gt_u (call $quantity (local.get $ptr) (i32.add (local.get $ptr) (local.get $len))) (i32.const 10))
      (then
        (return
          (i64.or (i64.shl (global.get $REFUSAL) (i64.const 32)) (global.get $REFUSAL_LENGTH)))))
    (i64.const 0)) ;; no bytes: accepted, nothing changed

  ;; The number behind the name; 0 where there is none.
  (func $quantity (param $position i32) (param $end i32) (result i32)
    (block $none
      (loop $next
        (br_if $none (i32.gt_u (i32.add (local.get $position) (global.get $NAME_LENGTH)) (local.get $end)))
        (if (call $is_name (local.get $position))
          (then (return (call $number (i32.add (local.get $position) (global.get $NAME_LENGTH)) (local.get $end)))))
        (local.set $position (i32.add (local.get $position) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  (func $is_name (param $position i32) (result i32)
    (local $index i32)
    (loop $next
      (if (i32.ne
            (i32.load8_u (i32.add (local.get $position) (local.get $index)))
            (i32.load8_u (i32.add (global.get $NAME) (local.get $index))))
        (then (return (i32.const 0))))
      (local.set $index (i32.add (local.get $index) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $index) (global.get $NAME_LENGTH))))
    (i32.const 1))

  ;; Stops at 1,000, so that no number is too large for it.
  (func $number (param $position i32) (param $end i32) (result i32)
    (local $number i32)
    (local $digit i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $position) (local.get $end)))
        (local.set $digit (i32.sub (i32.load8_u (local.get $position)) (i32.const 0x30 (; 0 ;))))
        (br_if $done (i32.gt_u (local.get $digit) (i32.const 9)))
        (local.set $number (i32.add (i32.mul (local.get $number) (i32.const 10)) (local.get $digit)))
        (br_if $done (i32.gt_u (local.get $number) (i32.const 999)))
        (local.set $position (i32.add (local.get $position) (i32.const 1)))
        (br $next)))
    (local.get $number))
)
