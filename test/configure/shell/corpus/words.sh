### here-document
x=1; cat <<EOF
a $x ${x} $(echo b) `echo c` $((x+1)) \$x \\ "q" 'r' \a
EOF
### here-document, quoted
x=1; cat <<'EOF'
a $x $(echo b) \$x \\ "q"
EOF
### here-document, quoted otherwise
x=1; cat <<"E F"; cat <<E\OF
a $x
E F
b $x
EOF
### here-document with tabs
cat <<-EOF
	a
		b
  c
	EOF
echo end
### two here-documents
cat <<A; cat <<B
a
A
b
B
### here-document into a function
f() { cat; }; f <<EOF
x
EOF
### here-document in a loop
for i in 1 2; do cat <<EOF
$i
EOF
done
### here-document with a joined line
cat <<EOF
a\
b
c\\
EOF
echo end
### here-document without its end
cat <<EOF
a
### here-document and a pipeline
cat <<EOF | cat
a
EOF
echo end
### here-document in a substitution
echo "$(cat <<EOF
"a" 'b'
EOF
)"
### here-document with default in braces
unset x; cat <<EOF
${x:-a "b" 'c'} ${x:-"d  e"} "${x:-f}"
EOF
### here-document with at
set -- a 'b  c'; cat <<EOF
$@ "$@" $*
EOF
### here-document before other redirections
cat <<EOF >f; cat f
a
EOF
### here-document for a descriptor
cat <&3 3<<EOF
x
EOF
### here-document read by read
read a b <<EOF
1 2 3
EOF
echo "$a|$b"
### here-document in an if
if read x; then echo "got $x"; fi <<EOF
line
EOF
### empty here-document
cat <<EOF
EOF
echo end
### case patterns
for x in a abc b. '*' 'x y' ''; do case $x in a) echo A;; a*) echo A+;; ?.) echo dot;; \*) echo star;; 'x y') echo xy;; '') echo empty;; esac; done
### case alternatives
for x in b c d; do case $x in a|b) echo 1;; (c|d) echo 2;; esac; done
### case brackets
for x in a 5 - ] Z _; do case $x in [a-c]) echo l;; [0-9]) echo d;; [-]) echo m;; []]) echo b;; [[:upper:]]) echo u;; *) echo o;; esac; done
### case falls to the first match
case abc in *b*) echo 1;; abc) echo 2;; esac
### case with an expansion as a pattern
p='a*'; case abc in $p) echo glob;; esac; case abc in "$p") echo x;; *) echo quoted;; esac; case 'a*' in "$p") echo lit;; esac
### case with no match
false; case x in y) ;; esac; echo $?
### case with an empty body
false; case x in x) ;; esac; echo $?
### case status
case x in x) false;; esac; echo $?
### case on several lines
case "x" in
  y)
    echo y
    ;;
  x) echo x
esac
### case with a leading newline and comments
case a in # c

 # d
 a) echo a ;; # e
esac
### case negated bracket
case x in [!a-c]) echo yes;; esac; case a in [!a-c]) echo yes;; *) echo no;; esac
### case with backslash in a variable
x='\*'; case '*' in $x) echo esc;; *) echo no;; esac; case '\x' in "$x") echo q;; *) echo no;; esac
### unmatched bracket in a pattern
case '[a' in [a) echo lit;; *) echo no;; esac; case '[' in '[') echo one;; esac
### quoted characters in a bracket
case - in [a'-'c]) echo dash;; *) echo no;; esac; case b in [a'-'c]) echo range;; *) echo no;; esac; case ']' in ["]"]) echo b;; esac
### case with at
set -- a b; case "$@" in 'a b') echo joined;; esac; case $* in 'a b') echo too;; esac
### single quotes
echo 'a"b$c`d\' 'it'\''s'
### comments
echo a # b; echo c
# whole line
echo d;# e
### line continuation
echo a \
  b\
c
### semicolons and newlines
echo a; echo b
echo c;
{ echo d; }
{ echo e
}
### reserved words as arguments
echo if then fi { } ! case in done
### reserved words in quotes are commands
'if' 2>/dev/null; echo $?; \echo x
### alias
alias hi='echo hello'
hi there; unalias hi
hi 2>/dev/null || echo gone
### alias of a keyword's place
alias e='echo a;'
e e b
### syntax error stops late
echo before
if then fi
echo after
### syntax error in eval
eval 'if'; echo after
### syntax error: unterminated quote
echo 'a
### syntax error: unexpected bracket
echo a )
### syntax error: missing fi
if true; then echo x
### empty script

### only comments
# a
# b
### function definition on several lines
f()
{
  echo f
}
f
### function with a subshell as body
x=1; f() ( x=2; echo $x ); f; echo $x
### function with other bodies
f() if [ "$1" = a ]; then echo A; else echo B; fi; f a; f b; g() case $1 in x) echo X;; esac; g x
### bad function name
echo a; 1f() { :; }; echo b
### special builtins cannot be functions
eval 'export() { echo mine; }'; echo after
### braces need blanks
{echo,x} 2>/dev/null; echo $?; echo {a,b}
### ampersand separates
echo a & wait; : & echo b; wait
### dash prints escapes
echo 'a\tb\nc\\d\0101\c' x; echo; echo -n x; echo -n; echo '-n' x; echo -e x; echo "a\\
b"
### nested compound commands
if while false; do :; done; then for i in 1 2; do case $i in 1) { (echo one); };; *) echo two;; esac; done; fi
### newlines after operators
true &&

echo a ||
echo b
echo c |
cat
### for without in
set -- a 'b c'; for i; do echo "<$i>"; done; for i do echo "[$i]"; done
for i
do echo "{$i}"; done
### for in nothing
for i in; do echo x; done; echo $? "[$i]"
### for keeps its variable
for i in 1 2; do :; done; echo $i
### while with a list as condition
n=0; while n=$((n+1)); [ $n -lt 3 ]; do echo $n; done
### until
n=0; until [ $n -ge 2 ]; do echo $n; n=$((n+1)); done; echo $?
### keywords after a pipe and !
! true | ! false; echo $?
### assignments before nothing
a=1 b=$a c=$b; echo $a $b $c
### assignment looks like
a=b=c; echo $a; a[1]=2 2>/dev/null; echo $?; 1a=2 2>/dev/null; echo $?; "x"=1 2>/dev/null; echo $?
### IO number
echo 2>f; cat f; echo 2 >f; cat f; echo a2>f; cat f; echo "2">f; cat f
### dollar single quote is no syntax of dash
echo $'a'
### double brackets are not known
[[ a = a ]] 2>/dev/null; echo $?
### CR is a character
printf 'echo a\r\n' >f; . ./f | { read x; printf '%s' "$x" | { IFS= read y; echo ${#y}; }; }
### bytes above 127
x='äé'; echo "$x" ${#x}; case $x in ä*) echo yes;; esac; for i in $x; do echo $i; done
### NUL and control characters
printf 'a\001b\177' | { read x; echo ${#x}; }; x=$(printf 'a\0b'); echo ${#x}
### if without else gives 0
if false; then :; fi; echo $?
### empty lines and semicolons

echo a


;echo b
### brace group as function argument words
echo } { ; { echo x; }
### time is no keyword
time 2>/dev/null; echo $?
### elif chain
for i in 1 2 3 4; do if [ $i = 1 ]; then echo one; elif [ $i = 2 ]; then echo two; elif [ $i = 3 ]; then echo three; else echo more; fi; done
### backquotes in double quotes with escapes
x=5; echo "`echo \"a  $x\" \\$x '\$x'`"
### comment in the middle of a list
true && # why
echo yes
### function call order of definition
f() { g; }; g() { echo 1; }; f; g() { echo 2; }; f
### tab as separator
echo	a	b
