# needs: mawk
### fields
echo 'a b  c' | mawk '{ print $1, $NF, NF; print $2 $3; $5 = "e"; print; print NF; NF = 2; print; $0 = "x y"; print $2 }'
### patterns
printf '%s\n' one two three four five | mawk 'NR == 2, /four/ { print NR ": " $0 } END { print NR }'
printf '%s\n' one two three | mawk '/t/'
printf '%s\n' one two three | mawk '!/t/ { print "no", $1 } length > 3; length($0) == 3 { n++ } END { print n }'
### begin and end only
mawk 'BEGIN { print "a"; exit 3 } END { print "b" }'
### exit in END
echo x | mawk '{ exit 4 } END { print "end"; exit; print "never" }'
### field separators
echo 'a:b:c' | mawk -F: '{ print $2 }'
echo 'a|b|c' | mawk -F'|' '{ print $2 }'
echo 'a.b.c' | mawk -F. '{ print $2 }'
echo 'a1b22c' | mawk -F'[0-9]+' '{ print $3 }'
printf 'a b\tc d\n' | mawk -F'\t' '{ print $2 }'
echo 'x=1;y=2' | mawk -F'[=;]' -v OFS=- '{ $1 = $1; print }'
echo '::a' | mawk -F: '{ print NF }'
echo 'a b' | mawk '{ FS = ":"; print $1 }'
echo 'k = v' | mawk 'BEGIN { FS = " *= *" } { print $1 "," $2 }'
### variables from outside
echo x | mawk -v a='1\t2' -v n=010 '{ print a, n + 1, (n == 10), b }' b=3 -
A=5 mawk 'BEGIN { print ENVIRON["A"] + 1; print ARGC, ARGV[1], ARGV[2] }' one two
### files
printf 'a\nb\n' >f; printf 'c\n' >g
mawk '{ print FILENAME, FNR, NR, $0 }' f x=1 g
mawk 'END { print NR }' f none; echo $?
mawk -f - f <<'P'
{ print "p" $0 }
P
### arithmetic and its text
mawk 'BEGIN { print 1 + 2 * 3 ^ 2, -2 ^ 2, 7 % 3, -7 % 3, 1 / 3, 1e3, 0.1 + 0.2, 1e20, 100000 * 1000 }'
mawk 'BEGIN { x = 5; x += 2; x *= 3; x -= 1; x /= 4; x ^= 2; x %= 7; print x; print x++ + ++x, x--, x, -x, +"3x", !x, !"" }'
mawk 'BEGIN { print 1 " " -1, 1 - 1, 2 -1; print -12 " " -24; a = 3; print a " " a++ " " a }'
mawk 'BEGIN { CONVFMT = "%.2g"; a = 3.14159; b = a ""; print b; OFMT = "%.3f"; print a, a "" }'
### division or regular expression
mawk 'BEGIN { a = 8; b = 2; print a / b / 2; $0 = "x/y"; print /x\/y/, /[/]/ }'
### comparisons
echo '10 9 abc 1e1' | mawk '{ print ($1 > $2), ($1 > "9"), ($3 > $1), ($1 == $4), ($1 == 10.0), ("10" == 10) }'
mawk 'BEGIN { print (x == 0), (x == ""), !x, "a" < "b", 2 < 10, "2" < "10" }' </dev/null
mawk 'BEGIN { if (!("a" in z)) print "no"; z["a"]; if ("a" in z) print "yes"; print 1==1 ? "t" : "f" }'
### print and redirections
mawk 'BEGIN { print "a" > "f"; print "b" > "f"; print "c" >> "g"; close("f"); while ((getline line < "f") > 0) print "<" line; print (1 > 2) ? "gt" : "le" }'
cat f g
mawk 'BEGIN { printf("%s %d\n", "a", 42); printf "%5.2f|%-5s|%05d|%x|%o|%c|%c|%%|%e\n", 3.14159, "ab", 42, 255, 8, 65, "hello", 12345.678 }'
mawk 'BEGIN { printf "%*d|%-*s|%.3s\n", 5, 42, 4, "a", "abcdef"; printf "%i|\n", 3.99; printf "none\n" }'
mawk 'BEGIN { OFS = "-"; ORS = "!\n"; print "a", "b"; print("c", "d"); print "x" "y" }'
mawk 'BEGIN { print "to stdout" > "/dev/stdout"; print "lost" > "/dev/stderr" }'
### pipes
mawk 'BEGIN { print "b\na" | "sort"; close("sort"); print "after" }'
mawk 'BEGIN { "echo x y" | getline; print $2; "echo one; echo two" | getline v; print v; "echo one; echo two" | getline v; print v }'
mawk 'BEGIN { while (("echo a; echo b" | getline l) > 0) n++; print n, l }'
mawk 'BEGIN { r = system("exit 3"); print r; system("echo hi"); print "done" | "cat" }'
### getline
printf '1\n2\n3\n4\n' | mawk 'NR == 1 { getline; print "now " $0; getline x; print x, NR; next } { print "rest " $0 }'
mawk 'BEGIN { print (getline l < "none"); printf "a b\n" > "f"; close("f"); getline < "f"; print $2, NR }'
### control flow
mawk 'BEGIN { for (i = 0; i < 10; i++) { if (i == 2) continue; if (i == 5) break; printf "%d ", i } print ""; do i--; while (i > 2); print i; while (1) if (i++ > 6) break; print i; for (;;) { if (k++ > 3) break }; print k }'
mawk 'BEGIN { if (0) print "a"; else if (1) print "b"; else print "c"
  if (1)
    print "d"
  else
    print "e"
  { print "f" } ; ; }'
printf '1\n2\n3\n' | mawk '$1 == 2 { next } { print } $1 == 3 { exit 7 }'
### arrays
mawk 'BEGIN { a[1] = "x"; a["k"] = "y"; a[1, 2] = "z"; print length(a), (1, 2) in a, ((1, 3) in a); delete a[1]; for (k in a) n++; print n; delete a; for (k in a) m++; print m + 0; if (a["new"] == "") print "empty"; print ("new" in a) }'
mawk 'BEGIN { a["01"] = 1; print (1 in a), ("01" in a); i = 0.1 + 0.2; a[i] = 1; print ("0.3" in a); a[12] = 1; print ("12" in a) }'
printf 'b\na\nb\n' | mawk '!seen[$0]++'
printf 'a 1\nb 2\na 3\n' | mawk '{ s[$1] += $2 } END { for (k in s) print k, s[k] | "sort" }'
### functions
mawk 'function f(a, b,  i) { i = 5; a[1] = b; b = 9; return i + 1 } BEGIN { x = 2; print f(z, x), z[1], x, i }'
mawk 'function fact(n) { return n <= 1 ? 1 : n * fact(n - 1) } BEGIN { print fact(10) }'
mawk 'function g(a) { h(a); return a["k"] } function h(b) { b["k"] = "deep" } BEGIN { print g(arr); print arr["k"] }'
mawk 'function none() { } BEGIN { x = none(); print "[" x "]", x + 0 }'
mawk 'function e() { exit 5 } BEGIN { e(); print "never" } END { print "end" }'
### text functions
mawk 'BEGIN { print length("abc"), index("foobar", "bar"), index("a", "z"), substr("hello", 2, 3), substr("hello", 4), substr("hello", 0), substr("hello", 2, 0) "|" }'
mawk 'BEGIN { print toupper("aBc1"), tolower("AbC1"), sprintf("%03d", 7), int(3.9), int(-3.9), int("4x") }'
mawk 'BEGIN { print match("foobar", /o+/), RSTART, RLENGTH; print match("x", /y/), RSTART, RLENGTH; print substr("a=b", match("a=b", "=") + 1) }'
mawk 'BEGIN { n = split("a:b:c", p, ":"); print n, p[1], p[3]; n = split("", p); print n, length(p); n = split(" a  b ", p); print n, p[1]; n = split("a1b2c", p, /[0-9]/); print n, p[2] }'
mawk 'BEGIN { print sqrt(16), exp(0), log(1), cos(0), sin(0), atan2(0, 1) }'
### substitution
mawk 'BEGIN { s = "foo bar foo"; n = gsub(/o/, "0", s); print n, s; sub(/0/, "[&]", s); print s; sub(/bar/, "\\&", s); print s; gsub(/x*/, "-", s); print s }'
echo 'aaa bbb' | mawk '{ gsub("a", "b"); print; sub(/b+/, "<&&>", $1); print; print gsub(/z/, "y"), $0 }'
mawk 'BEGIN { s = "a/b/c"; gsub("/", "\\/", s); print s; t = "path.d"; sub("\\.", "-", t); print t; u = "hello"; gsub(/l*/, "x", u); print u; v = "abc"; gsub(/^/, ">", v); print v; gsub(/$/, "<", v); print v }'
### record separators
printf 'a b\nc\n\n\nd\ne f\n' | mawk 'BEGIN { RS = "" } { print NR ": " $1 "," $NF "," NF }'
printf 'a b\nc d\n\ne\n' | mawk 'BEGIN { RS = ""; FS = "\n" } { print $1 "|" $2 }'
printf 'a;b;c' | mawk 'BEGIN { RS = ";" } { print }'
printf 'a\nb' | mawk '{ print $0 "." }'
printf 'x12y345z' | mawk 'BEGIN { RS = "[0-9]+" } { print }'
### regular expressions
printf '%s\n' 'a.b' axb 'a+b' | mawk '/a\.b/ { print "dot", $0 } /a\+b/ { print "plus", $0 } $0 ~ "a.b" { n++ } END { print n }'
printf '%s\n' foo bar | mawk '$1 ~ /^(foo|baz)$/ { print } $0 !~ /^f/ { print "not", $0 }'
echo 'Status: install ok installed' | mawk '{ if ($0 ~ /^Status:.* installed$/) print "inst" }'
echo 'a	b' | mawk '/a\tb/ { print "tab" } /[[:space:]]b$/ { print "space" }'
### layout
mawk 'BEGIN { x = 1 # comment
  y = x +\
  2
  if (x &&
      y) print x,
    y
}
# another
function f(a,
  b) {
  return a
}
BEGIN { print f(1,
  2) }; END { }' </dev/null
### as maintainer scripts have it
printf 'root:x:0:0:root:/root:/bin/sh\nman:x:6:12:man:/var/cache/man:/usr/sbin/nologin\n' >passwd
mawk -F: '($3 >= 5) && ($3 < 10) { print $1 ":" $6 }' passwd
mawk -F: '$1 == "man" { found = 1 } END { exit !found }' passwd && echo found
printf 'Package: a\nVersion: 1\n\nPackage: b\nVersion: 2\n' | mawk '/^Package:/ { p = $2 } /^Version:/ { v[p] = $2 } END { print v["a"] v["b"] }'
echo '5bbf  file name' | mawk '{ print $1; exit }'
printf '# c\n\nkey = value\n' | mawk '!/^#/ && NF { gsub(/[ \t]+/, ""); split($0, kv, "="); print kv[1] "->" kv[2] }'
### errors
mawk 'BEGIN { print 1' 2>/dev/null; echo $?
mawk 'BEGIN { print f(1) }' 2>/dev/null; echo $?
