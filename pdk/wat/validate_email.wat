;; validate_email: rejects an invalid e-mail address, normalizes a valid one, and adds the domain to what was stored.
;;
;; It builds no tree. It finds the values that it needs in the text of the context, and answers with that text and the
;; new values instead of the old ones. It assumes that the context is what `JSON.stringify` writes: white space inside
;; strings is itself or `\t`, `\n`, `\f`, `\r`, never `\u0020`; ASCII in names is not escaped; no name occurs twice.
;; Otherwise an address is rejected or left alone, and nothing outside the context is read.
;;
;; A position is an address in memory. Every reader takes one and returns one, 0 for "not there" or "not JSON".

(module
  (memory (export "memory") 1)

  ;; Texts. The first byte is the length of what follows.
  (global $INPUT i32 (i32.const 0x400))
  (data (i32.const 0x400) "\05input")
  (global $DATA i32 (i32.const 0x410))
  (data (i32.const 0x410) "\04data")
  (global $EMAIL i32 (i32.const 0x420))
  (data (i32.const 0x420) "\05email")
  (global $NAME i32 (i32.const 0x430))
  (data (i32.const 0x430) "\04name")
  (global $EMAIL_DOMAIN i32 (i32.const 0x440))
  (data (i32.const 0x440) "\0cemail_domain")
  (global $LOCAL_MARKS i32 (i32.const 0x450)) ;; what a local part may have in addition to letters and digits
  (data (i32.const 0x450) "\14.!#$%&'*+/=?^_`{|}~-")
  (global $WHITE_ESCAPES i32 (i32.const 0x470)) ;; \t \n \f \r
  (data (i32.const 0x470) "\04tnfr")

  (global $UNCHANGED i32 (i32.const 0x480))
  (data (i32.const 0x480) "\0b{\"ok\":true}")
  (global $CHANGED_INPUT i32 (i32.const 0x4a0))
  (data (i32.const 0x4a0) "\1a{\"ok\":true,\"ctx\":{\"input\":")
  (global $CHANGED_DATA i32 (i32.const 0x4c0))
  (data (i32.const 0x4c0) "\19{\"ok\":true,\"ctx\":{\"data\":")
  (global $CHANGED_END i32 (i32.const 0x4e0))
  (data (i32.const 0x4e0) "\02}}")
  (global $DOMAIN_MEMBER i32 (i32.const 0x4f0))
  (data (i32.const 0x4f0) "\0f\"email_domain\":")
  (global $QUOTE i32 (i32.const 0x510))
  (data (i32.const 0x510) "\01\"")
  (global $COMMA i32 (i32.const 0x520))
  (data (i32.const 0x520) "\01,")

  (global $BAD_CONTEXT i32 (i32.const 0x540))
  (data (i32.const 0x540) "\2b{\"ok\":false,\"error\":\"context is not valid\"}")
  (global $BAD_EMAIL i32 (i32.const 0x580))
  (data (i32.const 0x580)
    "\50{\"ok\":false,\"error\":\"email is not valid\",\"details\":[{\"field\":\"email\",\"message\":\"")
  (global $REQUIRED i32 (i32.const 0x5e0))
  (data (i32.const 0x5e0) "\15is required\",\"value\":")
  (global $NOT_STRING i32 (i32.const 0x600))
  (data (i32.const 0x600) "\1amust be a string\",\"value\":")
  (global $NOT_ADDRESS i32 (i32.const 0x620))
  (data (i32.const 0x620) "\20is not a valid address\",\"value\":")
  (global $NULL i32 (i32.const 0x650))
  (data (i32.const 0x650) "\04null")
  (global $BAD_EMAIL_END i32 (i32.const 0x660))
  (data (i32.const 0x660) "\03}]}")

  (global $MAX_ADDRESS i32 (i32.const 254))
  (global $MAX_LOCAL i32 (i32.const 64))
  (global $MAX_LABEL i32 (i32.const 63))

  (global $ADDRESS i32 (i32.const 0x700)) ;; room for one normalized address, up to $MAX_ADDRESS bytes
  (global $free (mut i32) (i32.const 0x800)) ;; the first free byte; it only grows

  (global $end (mut i32) (i32.const 0)) ;; where the context ends
  (global $copied (mut i32) (i32.const 0)) ;; up to where the context has been copied into the answer
  (global $answer (mut i32) (i32.const 0)) ;; where the answer starts
  (global $written (mut i32) (i32.const 0)) ;; where its next byte goes

  ;; ---- the ABI ----

  ;; Allocates $size bytes; 0 if there is no memory.
  (func $alloc (export "alloc") (param $size i32) (result i32)
    (local $start i32)
    (local $stop i64)
    (local $size_of_memory i64)
    (local.set $start (global.get $free))
    ;; In 64 bits, in which the sum cannot wrap around.
    (local.set $stop (i64.add (i64.extend_i32_u (local.get $start)) (i64.extend_i32_u (local.get $size))))
    (local.set $size_of_memory (call $size_of_memory))
    (if (i64.ge_u (local.get $stop) (i64.const 0x1_0000_0000)) (then (return (i32.const 0))))
    (if (i64.gt_u (local.get $stop) (local.get $size_of_memory))
      (then
        (i64.sub (local.get $stop) (local.get $size_of_memory))
        (i64.shr_u (i64.add (i64.const 0xffff)) (i64.const 16)) ;; in pages, rounded up
        (if (i32.eq (memory.grow (i32.wrap_i64)) (i32.const -1)) (then (return (i32.const 0))))))
    (global.set $free (i32.wrap_i64 (local.get $stop)))
    (local.get $start))

  ;; Nothing to do: the host drops the whole memory after the call.
  (func (export "dealloc") (param $ptr i32) (param $size i32))

  (func (export "before_hook") (param $ptr i32) (param $len i32) (result i64)
    (local $context i32)
    (local.set $context (call $open (local.get $ptr) (local.get $len)))
    (if (i32.eqz (local.get $context)) (then (return (call $pack_text (global.get $BAD_CONTEXT)))))
    (call $before (local.get $context)))

  (func (export "after_hook") (param $ptr i32) (param $len i32) (result i64)
    (local $context i32)
    (local.set $context (call $open (local.get $ptr) (local.get $len)))
    (if (i32.eqz (local.get $context)) (then (return (call $pack_text (global.get $BAD_CONTEXT)))))
    (call $after (local.get $context)))

  ;; The address and length of an answer, as a hook returns them.
  (func $pack (param $ptr i32) (param $len i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $ptr)) (i64.const 32))
      (i64.extend_i32_u (local.get $len))))

  (func $pack_text (param $text i32) (result i64)
    (call $pack (i32.add (local.get $text) (i32.const 1)) (i32.load8_u (local.get $text))))

  (func $size_of_memory (result i64)
    (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)))

  ;; ---- the hooks ----

  (func $before (param $context i32) (result i64)
    (local $input i32)
    (local $email i32)
    (local $email_end i32)
    (local $name i32)
    (local $name_end i32)
    (local $name_from i32)
    (local $name_to i32)
    (local $length i32)
    (local.set $input (call $member (local.get $context) (global.get $INPUT)))
    (if (i32.ne (call $byte (local.get $input)) (i32.const 0x7b (; { ;)))
      (then (return (call $pack_text (global.get $BAD_CONTEXT)))))

    (local.set $email (call $member (local.get $input) (global.get $EMAIL)))
    (if (i32.eqz (local.get $email)) (then (return (call $refuse (global.get $REQUIRED) (i32.const 0)))))
    (if (i32.eqz (call $is_string (local.get $email)))
      (then (return (call $refuse (global.get $NOT_STRING) (local.get $email)))))
    (local.set $length (call $normalize (local.get $email)))
    (if (i32.eqz (local.get $length))
      (then (return (call $refuse (global.get $NOT_ADDRESS) (local.get $email)))))
    (local.set $email_end (call $value_end (local.get $email)))

    ;; A name that is not a string is ignored.
    (local.set $name (call $member (local.get $input) (global.get $NAME)))
    (if (call $is_string (local.get $name))
      (then
        (local.set $name_end (call $value_end (local.get $name)))
        (call $trim (local.get $name))
        (local.set $name_to)
        (local.set $name_from))
      (else (local.set $name (i32.const 0))))

    (if (i32.and
          (call $holds (local.get $email) (global.get $ADDRESS) (local.get $length))
          (i32.or
            (i32.eqz (local.get $name))
            (call $holds
              (local.get $name)
              (local.get $name_from)
              (i32.sub (local.get $name_to) (local.get $name_from)))))
      (then (return (call $pack_text (global.get $UNCHANGED)))))

    (call $begin (global.get $CHANGED_INPUT) (local.get $input))
    (if (i32.lt_u (local.get $name) (local.get $email))
      (then
        (call $write_string (local.get $name) (local.get $name_end) (local.get $name_from) (local.get $name_to))))
    (call $write_string
      (local.get $email)
      (local.get $email_end)
      (global.get $ADDRESS)
      (i32.add (global.get $ADDRESS) (local.get $length)))
    (if (i32.gt_u (local.get $name) (local.get $email))
      (then
        (call $write_string (local.get $name) (local.get $name_end) (local.get $name_from) (local.get $name_to))))
    (call $finish (local.get $input)))

  ;; Adds the domain if `data` is an object with a plausible address. Otherwise it returns 0, an empty answer, which is
  ;; short for `{"ok":true}`.
  (func $after (param $context i32) (result i64)
    (local $data i32)
    (local $email i32)
    (local $length i32)
    (local $domain i32)
    (local $old i32)
    (local.set $data (call $member (local.get $context) (global.get $DATA)))
    (if (i32.ne (call $byte (local.get $data)) (i32.const 0x7b (; { ;))) (then (return (i64.const 0))))
    (local.set $email (call $member (local.get $data) (global.get $EMAIL)))
    (if (i32.eqz (call $is_string (local.get $email))) (then (return (i64.const 0))))
    (local.set $length (call $normalize (local.get $email)))
    (if (i32.eqz (local.get $length)) (then (return (i64.const 0))))

    ;; The address has exactly one `@`.
    (local.set $domain (global.get $ADDRESS))
    (loop $to_domain
      (local.set $domain (i32.add (local.get $domain) (i32.const 1)))
      (br_if $to_domain (i32.ne (i32.load8_u (i32.sub (local.get $domain) (i32.const 1))) (i32.const 0x40 (; @ ;)))))

    (call $begin (global.get $CHANGED_DATA) (local.get $data))
    (local.set $old (call $member (local.get $data) (global.get $EMAIL_DOMAIN)))
    (if (local.get $old)
      (then
        (call $copy_until (local.get $old))
        (global.set $copied (call $value_end (local.get $old))))
      (else
        (call $copy_until (i32.add (local.get $data) (i32.const 1)))
        (call $write_text (global.get $DOMAIN_MEMBER))))
    (call $write_text (global.get $QUOTE))
    (call $write (local.get $domain) (i32.add (global.get $ADDRESS) (local.get $length)))
    (call $write_text (global.get $QUOTE))
    ;; The new member comes first, and `email` follows it.
    (if (i32.eqz (local.get $old)) (then (call $write_text (global.get $COMMA))))
    (call $finish (local.get $data)))

  ;; ---- writing the answer ----

  ;; Starts an answer with $text, followed by the context from $from. The answer is never longer than the context and
  ;; all texts together.
  (func $begin (param $text i32) (param $from i32)
    (global.set $answer (call $alloc (i32.add (i32.sub (global.get $end) (local.get $from)) (i32.const 1024))))
    (if (i32.eqz (global.get $answer)) (then (unreachable))) ;; out of memory
    (global.set $written (global.get $answer))
    (global.set $copied (local.get $from))
    (call $write_text (local.get $text)))

  ;; The rest of the value that `$begin` got, and the end.
  (func $finish (param $value i32) (result i64)
    (call $copy_until (call $value_end (local.get $value)))
    (call $write_text (global.get $CHANGED_END))
    (call $pack_answer))

  (func $pack_answer (result i64)
    (call $pack (global.get $answer) (i32.sub (global.get $written) (global.get $answer))))

  (func $write (param $from i32) (param $to i32)
    (local $length i32)
    (local.set $length (i32.sub (local.get $to) (local.get $from)))
    (memory.copy (global.get $written) (local.get $from) (local.get $length))
    (global.set $written (i32.add (global.get $written) (local.get $length))))

  (func $write_text (param $text i32)
    (local $from i32)
    (local.set $from (i32.add (local.get $text) (i32.const 1)))
    (call $write (local.get $from) (i32.add (local.get $from) (i32.load8_u (local.get $text)))))

  (func $copy_until (param $position i32)
    (call $write (global.get $copied) (local.get $position))
    (global.set $copied (local.get $position)))

  ;; The context up to the string at $string, then $from..$to between its quotes. A $string of 0 writes nothing.
  (func $write_string (param $string i32) (param $string_end i32) (param $from i32) (param $to i32)
    (if (i32.eqz (local.get $string)) (then (return)))
    (call $copy_until (i32.add (local.get $string) (i32.const 1)))
    (call $write (local.get $from) (local.get $to))
    (global.set $copied (i32.sub (local.get $string_end) (i32.const 1))))

  ;; Rejects the e-mail at $value (0 if there is none) with $message.
  (func $refuse (param $message i32) (param $value i32) (result i64)
    (call $begin (global.get $BAD_EMAIL) (local.get $value))
    (call $write_text (local.get $message))
    (if (local.get $value)
      (then (call $copy_until (call $value_end (local.get $value))))
      (else (call $write_text (global.get $NULL))))
    (call $write_text (global.get $BAD_EMAIL_END))
    (call $pack_answer))

  ;; ---- what is an address ----

  ;; The start and end of the text between the quotes of the string at $string, without the ASCII white space at its
  ;; ends.
  (func $trim (param $string i32) (result i32 i32)
    (local $position i32)
    (local $width i32)
    (local $byte i32)
    (local $white i32)
    (local $from i32)
    (local $to i32)
    (local.set $position (i32.add (local.get $string) (i32.const 1)))
    (block $done
      (loop $next
        (local.set $byte (call $byte (local.get $position)))
        (br_if $done (i32.eq (local.get $byte) (i32.const 0x22 (; " ;))))
        (if (i32.eq (local.get $byte) (i32.const 0x5c (; \ ;)))
          (then
            (local.set $width (i32.const 2))
            (local.set $white
              (call $contains (global.get $WHITE_ESCAPES) (i32.load8_u offset=1 (local.get $position)))))
          (else
            (local.set $width (i32.const 1))
            (local.set $white (i32.eq (local.get $byte) (i32.const 0x20)))))
        (local.set $position (i32.add (local.get $position) (local.get $width)))
        (if (i32.eqz (local.get $white))
          (then
            (if (i32.eqz (local.get $from))
              (then (local.set $from (i32.sub (local.get $position) (local.get $width)))))
            (local.set $to (local.get $position))))
        (br $next)))
    (if (i32.eqz (local.get $from)) ;; nothing but white space
      (then
        (local.set $from (local.get $position))
        (local.set $to (local.get $position))))
    (local.get $from)
    (local.get $to))

  ;; Writes the address in the string at $string to $ADDRESS, trimmed and in lower case. Returns its length, or 0 if it
  ;; cannot be an address. An escape is rejected for its backslash, like every character that no address has.
  (func $normalize (param $string i32) (result i32)
    (local $from i32)
    (local $to i32)
    (local $length i32)
    (local $byte i32)
    (local $before i32) ;; the byte before $byte
    (local $in_domain i32)
    (local $part i32) ;; the length so far of the local part, then of each label
    (local $dots i32)
    (call $trim (local.get $string))
    (local.set $to)
    (local.set $from)
    (if (i32.gt_u (i32.sub (local.get $to) (local.get $from)) (global.get $MAX_ADDRESS))
      (then (return (i32.const 0))))

    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $to)))
        (local.set $before (local.get $byte))
        (local.set $byte (call $lower (i32.load8_u (local.get $from))))
        (i32.store8 (i32.add (global.get $ADDRESS) (local.get $length)) (local.get $byte))
        (local.set $length (i32.add (local.get $length) (i32.const 1)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))

        (if (i32.eqz (local.get $in_domain))
          (then
            (if (i32.eq (local.get $byte) (i32.const 0x40 (; @ ;)))
              (then
                (if (i32.eqz (local.get $part)) (then (return (i32.const 0))))
                (local.set $in_domain (i32.const 1))
                (local.set $part (i32.const 0))
                (br $next)))
            (if (i32.eqz (i32.or
                  (call $is_letter_or_digit (local.get $byte))
                  (call $contains (global.get $LOCAL_MARKS) (local.get $byte))))
              (then (return (i32.const 0))))
            (local.set $part (i32.add (local.get $part) (i32.const 1)))
            (if (i32.gt_u (local.get $part) (global.get $MAX_LOCAL)) (then (return (i32.const 0))))
            (br $next)))

        (if (i32.eq (local.get $byte) (i32.const 0x2e (; . ;)))
          (then
            (if (i32.eqz (call $ends_label (local.get $part) (local.get $before))) (then (return (i32.const 0))))
            (local.set $dots (i32.add (local.get $dots) (i32.const 1)))
            (local.set $part (i32.const 0))
            (br $next)))
        (if (i32.eq (local.get $byte) (i32.const 0x2d (; - ;)))
          (then (if (i32.eqz (local.get $part)) (then (return (i32.const 0)))))
          (else (if (i32.eqz (call $is_letter_or_digit (local.get $byte))) (then (return (i32.const 0))))))
        (local.set $part (i32.add (local.get $part) (i32.const 1)))
        (br $next)))

    (if (i32.eqz (local.get $dots)) (then (return (i32.const 0)))) ;; also if there is no `@`
    (if (i32.eqz (call $ends_label (local.get $part) (local.get $byte))) (then (return (i32.const 0))))
    (local.get $length))

  ;; May a label of $length bytes end with $last?
  (func $ends_label (param $length i32) (param $last i32) (result i32)
    (i32.and
      (i32.ne (local.get $last) (i32.const 0x2d (; - ;)))
      (i32.and
        (i32.ne (local.get $length) (i32.const 0))
        (i32.le_u (local.get $length) (global.get $MAX_LABEL)))))

  (func $lower (param $byte i32) (result i32)
    (i32.add
      (local.get $byte)
      (i32.mul
        (call $between (local.get $byte) (i32.const 0x41 (; A ;)) (i32.const 0x5a (; Z ;)))
        (i32.const 0x20))))

  ;; Of a byte from `$lower`.
  (func $is_letter_or_digit (param $byte i32) (result i32)
    (i32.or
      (call $between (local.get $byte) (i32.const 0x61 (; a ;)) (i32.const 0x7a (; z ;)))
      (call $between (local.get $byte) (i32.const 0x30 (; 0 ;)) (i32.const 0x39 (; 9 ;)))))

  (func $between (param $byte i32) (param $least i32) (param $most i32) (result i32)
    (i32.and
      (i32.ge_u (local.get $byte) (local.get $least))
      (i32.le_u (local.get $byte) (local.get $most))))

  (func $contains (param $text i32) (param $byte i32) (result i32)
    (local $left i32)
    (local.set $left (i32.load8_u (local.get $text)))
    (loop $next
      (local.set $text (i32.add (local.get $text) (i32.const 1)))
      (if (i32.eq (i32.load8_u (local.get $text)) (local.get $byte)) (then (return (i32.const 1))))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))
    (i32.const 0))

  ;; Has the string at $string exactly the $length bytes at $text between its quotes?
  (func $holds (param $string i32) (param $text i32) (param $length i32) (result i32)
    (local $index i32)
    (if (i32.ne
          (i32.sub (call $value_end (local.get $string)) (local.get $string))
          (i32.add (local.get $length) (i32.const 2)))
      (then (return (i32.const 0))))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $index) (local.get $length)))
        (if (i32.ne
              (i32.load8_u offset=1 (i32.add (local.get $string) (local.get $index)))
              (i32.load8_u (i32.add (local.get $text) (local.get $index))))
          (then (return (i32.const 0))))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br $next)))
    (i32.const 1))

  ;; ---- finding values in JSON text ----

  ;; The position of the context's `{`; 0 if not all of its bytes are in memory, or if they are not one whole object.
  (func $open (param $ptr i32) (param $len i32) (result i32)
    (local $context i32)
    (local $stop i64)
    (local.set $stop (i64.add (i64.extend_i32_u (local.get $ptr)) (i64.extend_i32_u (local.get $len))))
    (if (i64.gt_u (local.get $stop) (call $size_of_memory)) (then (return (i32.const 0))))
    (global.set $end (i32.wrap_i64 (local.get $stop)))
    (local.set $context (call $skip_space (local.get $ptr)))
    (if (i32.ne (call $byte (local.get $context)) (i32.const 0x7b (; { ;))) (then (return (i32.const 0))))
    (if (i32.ne (call $skip_space (call $value_end (local.get $context))) (global.get $end))
      (then (return (i32.const 0))))
    (local.get $context))

  ;; The byte at $position; 0, which JSON never has, outside the context and for "not there".
  (func $byte (param $position i32) (result i32)
    (if (i32.eqz (local.get $position)) (then (return (i32.const 0))))
    (if (i32.ge_u (local.get $position) (global.get $end)) (then (return (i32.const 0))))
    (i32.load8_u (local.get $position)))

  (func $is_string (param $position i32) (result i32)
    (i32.eq (call $byte (local.get $position)) (i32.const 0x22 (; " ;))))

  (func $skip_space (param $position i32) (result i32)
    (local $byte i32)
    (loop $next
      (local.set $byte (call $byte (local.get $position)))
      (if (call $is_space (local.get $byte))
        (then
          (local.set $position (i32.add (local.get $position) (i32.const 1)))
          (br $next))))
    (local.get $position))

  (func $is_space (param $byte i32) (result i32)
    (i32.or
      (i32.or (i32.eq (local.get $byte) (i32.const 0x20)) (i32.eq (local.get $byte) (i32.const 0x09)))
      (i32.or (i32.eq (local.get $byte) (i32.const 0x0a)) (i32.eq (local.get $byte) (i32.const 0x0d)))))

  ;; The value of the member $name of the object at $object; 0 if there is none.
  (func $member (param $object i32) (param $name i32) (result i32)
    (local $key i32)
    (local $position i32)
    (local.set $key (call $skip_space (i32.add (local.get $object) (i32.const 1))))
    (loop $next
      (if (i32.eqz (call $is_string (local.get $key))) (then (return (i32.const 0))))
      (local.set $position (call $skip_space (call $value_end (local.get $key))))
      (if (i32.ne (call $byte (local.get $position)) (i32.const 0x3a (; : ;))) (then (return (i32.const 0))))
      (local.set $position (call $skip_space (i32.add (local.get $position) (i32.const 1))))
      (if (call $holds (local.get $key) (i32.add (local.get $name) (i32.const 1)) (i32.load8_u (local.get $name)))
        (then (return (local.get $position))))
      (local.set $position (call $skip_space (call $value_end (local.get $position))))
      (local.set $key (call $skip_space (i32.add (local.get $position) (i32.const 1))))
      (br_if $next (i32.eq (call $byte (local.get $position)) (i32.const 0x2c (; , ;)))))
    (i32.const 0))

  ;; The position after the value at $position. Brackets are counted, not matched, because the host writes only valid
  ;; JSON. Anything else ends no later than the context.
  (func $value_end (param $position i32) (result i32)
    (local $byte i32)
    (local $depth i32)
    (loop $next
      (local.set $byte (call $byte (local.get $position)))
      (if (i32.eqz (local.get $byte)) (then (return (i32.const 0))))
      (if (i32.eq (local.get $byte) (i32.const 0x22 (; " ;)))
        (then
          (local.set $position (call $string_end (local.get $position)))
          (if (i32.eqz (local.get $position)) (then (return (i32.const 0))))
          (br_if $next (local.get $depth))
          (return (local.get $position))))
      ;; With bit 5 set `[` reads as `{`, and `]` as `}`.
      (if (i32.eq (i32.or (local.get $byte) (i32.const 0x20)) (i32.const 0x7b (; { ;)))
        (then (local.set $depth (i32.add (local.get $depth) (i32.const 1)))))
      (if (i32.eq (i32.or (local.get $byte) (i32.const 0x20)) (i32.const 0x7d (; } ;)))
        (then
          (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))
          (if (i32.eqz (local.get $depth)) (then (return (i32.add (local.get $position) (i32.const 1)))))))
      (local.set $position (i32.add (local.get $position) (i32.const 1)))
      (br_if $next (local.get $depth))
      ;; Outside brackets this is a number, true, false or null. It ends before a comma, a closing bracket or white space.
      (br_if $next (i32.eqz (call $ends_scalar (call $byte (local.get $position))))))
    (local.get $position))

  (func $ends_scalar (param $byte i32) (result i32)
    (i32.or
      (i32.or
        (i32.eqz (local.get $byte))
        (i32.eq (i32.or (local.get $byte) (i32.const 0x20)) (i32.const 0x7d (; } ;))))
      (i32.or
        (i32.eq (local.get $byte) (i32.const 0x2c (; , ;)))
        (call $is_space (local.get $byte)))))

  ;; The position after the closing quote of the string at $position.
  (func $string_end (param $position i32) (result i32)
    (local $byte i32)
    (loop $next
      (local.set $position (i32.add (local.get $position) (i32.const 1)))
      (local.set $byte (call $byte (local.get $position)))
      (if (i32.eqz (local.get $byte)) (then (return (i32.const 0))))
      (if (i32.eq (local.get $byte) (i32.const 0x5c (; \ ;)))
        (then
          (local.set $position (i32.add (local.get $position) (i32.const 1))) ;; any escaped character
          (br $next)))
      (br_if $next (i32.ne (local.get $byte) (i32.const 0x22 (; " ;)))))
    (i32.add (local.get $position) (i32.const 1)))
)
