;; A tenant's plugin. It answers with its mark and the context that it was given, {"mark": "t00-v000000", "seen": …}:
;; before as the input, after as the data. The loader writes tenant and version over the mark. Other hooks of it
;; take their time, take memory, or never end.
;;
;; It traps where it finds anything that an earlier call left.
(module
  (memory (export "memory") 1)
  (global $is_used (mut i32) (i32.const 0))
  (data (i32.const 0) "{\"ok\":true,\"ctx\":{\"input\":{\"mark\":\"t00-v000000\",\"seen\":")
  (global $INPUT_LENGTH i32 (i32.const 55))
  (data (i32.const 128) "{\"ok\":true,\"ctx\":{\"data\":{\"mark\":\"t00-v000000\",\"seen\":")
  (global $DATA i32 (i32.const 128))
  (global $DATA_LENGTH i32 (i32.const 54))
  (data (i32.const 256) "}}}")
  (global $BRACES i32 (i32.const 256))
  ;; The context lies here, with room in front for the mark and behind for the braces.
  (global $CONTEXT i32 (i32.const 1024))

  (func (export "alloc") (param $size i32) (result i32)
    (local $pages i32)
    (local.set $pages (i32.add (i32.shr_u (i32.add (local.get $size) (i32.const 1027)) (i32.const 16)) (i32.const 1)))
    (if (i32.gt_u (local.get $pages) (memory.size))
      (then (drop (memory.grow (i32.sub (local.get $pages) (memory.size))))))
    (global.get $CONTEXT))

  (func (export "dealloc") (param $pointer i32) (param $size i32))

  (func $answer (param $text i32) (param $text_length i32) (param $length i32) (result i64)
    (local $start i32)
    (if (global.get $is_used) (then (unreachable)))
    (global.set $is_used (i32.const 1))
    (local.set $start (i32.sub (global.get $CONTEXT) (local.get $text_length)))
    ;; Nothing has been written between the texts and the context.
    (if (i32.or (i32.load (i32.const 512)) (i32.load (local.get $start))) (then (unreachable)))
    (memory.copy (local.get $start) (local.get $text) (local.get $text_length))
    (memory.copy (i32.add (global.get $CONTEXT) (local.get $length)) (global.get $BRACES) (i32.const 3))
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $start)) (i64.const 32))
      (i64.extend_i32_u (i32.add (i32.add (local.get $text_length) (local.get $length)) (i32.const 3)))))

  (func $before_hook (export "before_hook") (param $pointer i32) (param $length i32) (result i64)
    (call $answer (i32.const 0) (global.get $INPUT_LENGTH) (local.get $length)))

  (func (export "after_hook") (param $pointer i32) (param $length i32) (result i64)
    (call $answer (global.get $DATA) (global.get $DATA_LENGTH) (local.get $length)))

  ;; Goes round two million times first: some milliseconds.
  (func (export "slow_hook") (param $pointer i32) (param $length i32) (result i64)
    (local $rounds i32)
    (local.set $rounds (i32.const 2000000))
    (loop $again
      (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
      (br_if $again (local.get $rounds)))
    (call $before_hook (local.get $pointer) (local.get $length)))

  ;; Takes 100 pages more first, looks whether they are empty, and fills them.
  (func (export "heavy_hook") (param $pointer i32) (param $length i32) (result i64)
    (local $position i32)
    (local $end i32)
    (local.set $position (i32.shl (memory.grow (i32.const 100)) (i32.const 16)))
    (local.set $end (i32.shl (memory.size) (i32.const 16)))
    (loop $again
      (if (i64.ne (i64.load (local.get $position)) (i64.const 0)) (then (unreachable)))
      (memory.fill (local.get $position) (i32.const 0xa5) (i32.const 1024))
      (local.set $position (i32.add (local.get $position) (i32.const 1024)))
      (br_if $again (i32.lt_u (local.get $position) (local.get $end))))
    (call $before_hook (local.get $pointer) (local.get $length)))

  (func (export "loop_hook") (param $pointer i32) (param $length i32) (result i64)
    (loop $again (br $again))
    (unreachable))

  ;; Fills 12 MiB again and again. A bulk operation is not interrupted in its midst.
  (func (export "fill_hook") (param $pointer i32) (param $length i32) (result i64)
    (drop (memory.grow (i32.const 192)))
    (loop $again
      (memory.fill (i32.const 65536) (i32.const 0xa5) (i32.const 12582912))
      (br $again))
    (unreachable)))
