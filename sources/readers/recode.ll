; Characters of one byte (ASCII) and of two, turned to UTF-8. See recoding.py.
;
; raw, start, end: the bytes to read. out: room for twice as many and eight. table: by first and second byte the UTF-8 in the low three bytes and its
; length in the fourth, 0 where two bytes are no character. place: where reading ended, at `end`, within a character or before what the table lacks.
; Returns the number of bytes written.
define i64 @recode(ptr noalias %raw, i64 %start, i64 %end, ptr noalias %out, ptr noalias %table, ptr noalias %place) {
entry:
  br label %loop
loop:
  %from = phi i64 [%start, %entry], [%after_one, %one], [%after_two, %two]
  %to = phi i64 [0, %entry], [%to_one, %one], [%to_two, %two]
  %more = icmp slt i64 %from, %end
  br i1 %more, label %look, label %done
look:
  %first_at = getelementptr i8, ptr %raw, i64 %from
  %first = load i8, ptr %first_at
  %target = getelementptr i8, ptr %out, i64 %to
  %ascii = icmp sge i8 %first, 0
  br i1 %ascii, label %one, label %pair
one:
  store i8 %first, ptr %target
  %after_one = add i64 %from, 1
  %to_one = add i64 %to, 1
  br label %loop
pair:
  %after_two = add i64 %from, 2
  %whole = icmp sle i64 %after_two, %end
  br i1 %whole, label %find, label %done
find:
  %second_at = getelementptr i8, ptr %first_at, i64 1
  %second = load i8, ptr %second_at
  %high = zext i8 %first to i64
  %low = zext i8 %second to i64
  %shifted = shl i64 %high, 8
  %key = or i64 %shifted, %low
  %entry_at = getelementptr i32, ptr %table, i64 %key
  %found = load i32, ptr %entry_at
  %known = icmp ne i32 %found, 0
  br i1 %known, label %two, label %done
two:
  store i32 %found, ptr %target, align 1
  %length_32 = lshr i32 %found, 24
  %length = zext i32 %length_32 to i64
  %to_two = add i64 %to, %length
  br label %loop
done:
  store i64 %from, ptr %place
  ret i64 %to
}
