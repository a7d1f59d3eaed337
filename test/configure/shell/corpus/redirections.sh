### to and from a file
echo a >f; cat <f; echo b >>f; cat f; >f; cat f; echo end
### both
echo a >f; { read x; echo b >&0; } <>f; echo $x; cat f
### standard error
{ echo out; echo err >&2; } 2>&1 | cat; { echo out; echo err >&2; } 2>/dev/null
### order matters
{ echo out; echo err >&2; } 2>&1 >f; echo -; cat f
### descriptors above two
{ echo a >&3; echo b; } 3>f; cat f; { echo c >&4; } 4>&1
### swap
{ { echo o; echo e >&2; } 3>&1 1>&2 2>&3 | cat >f; } 2>/dev/null; cat f
### close
{ echo a; } >&- 2>/dev/null; echo $?; cat <&- 2>/dev/null; echo "x" 2>&-
### duplicate a closed one
echo a >&5 2>/dev/null; echo $?
### bad descriptor
echo a 2>/dev/null >&x; echo after
### from a variable
n=3; exec 3>f; echo a >&$n; x=g; echo b >$x; exec 3>&-; cat f g
### target is not split
x='a b'; echo q >$x; cat 'a b'
### target is not globbed
: >a1; echo q >a*; cat 'a*'
### missing file
cat <nope; echo $?; echo a >nope/x; echo $?; echo b >../w; echo $?
### a directory
echo a >.; echo $?; cat <nope/.; echo $?
### a special builtin fails
: <nope; echo after
### exec fails
exec <nope; echo after
### command exec does not end the script
command exec <nope; echo after $?
### on a function call
f() { echo in; echo err >&2; }; f >f1 2>f2; cat f1 f2
### on a definition
f() { echo in; } >f1; f; echo -; cat f1
### on loops
for i in 1 2; do echo $i; done >f; while read x; do echo "<$x>"; done <f
### on if and case
if true; then echo a; fi >f; case x in x) echo b;; esac >>f; cat f
### on a subshell
(echo a; echo b >&2) >f 2>&1; cat f
### append keeps the end
{ echo a; echo b >>f; echo c; } >f; cat f
### two writers
{ echo a; echo x >f; echo c; } >f; cat f
### nothing but a redirection
>f; [ -e f ] && echo yes; <f; echo $?; <nope; echo $?
### redirection before the command
>f echo a; cat f; 2>/dev/null cat nope; echo $?
### expansion in a target
f() { echo "$1.out"; }; echo a >$(f x); cat x.out; echo b >"${PWD}/y"; cat y
### tilde in a target
HOME=/t/w; cd ..; x=w; cd $x; HOME=$PWD; echo a >~/f; cat f
### pipelines
echo a | cat | cat; printf '1\n2\n' | while read x; do y=$x; done; echo "[$y]"
### status of a pipeline
true | false; echo $?; false | true; echo $?; (exit 3) | (exit 4); echo $?
### pipeline parts are subshells
x=1; x=2 | x=3; echo $x; echo a | read y; echo "[$y]"
### pipeline with redirections
echo a 2>/dev/null | cat >f; cat f; { echo e >&2; } 2>&1 | { read x; echo "got $x"; }
### input is shared
printf '1\n2\n3\n' | { read a; (read b; echo $b); read c; echo $a $c; }
### subshell cannot change us
x=1; (x=2; cd /; umask 0; set -f; echo $x); echo $x; umask; echo $-
### group changes us
x=1; { x=2; }; echo $x
### files are shared
(echo a >f); cat f
### here-document and a file
{ cat; cat <&3; } <<A 3<<B
a
A
b
B
### read and write a file in place
echo abc >f; x=$(cat f); echo "$x$x" >f; cat f
### dev files
echo a >/dev/null; cat /dev/null; { echo b >/dev/stdout; } | cat; echo c | cat /dev/stdin; { echo d 2>&1 >/dev/stderr; } 2>&1 | cat
### dev fd
echo x | cat /dev/fd/0; { { echo y >/dev/fd/3; } 3>&1; } | cat
### noclobber and a new file
set -C; echo a >n; cat n; { echo b >n; } 2>/dev/null; cat n
### numbers
echo a 1>f; cat 0<f; echo b 1>>f; cat f
### error message goes to the old place
{ nosuch; } 2>f; [ -s f ] && echo said; nosuch 2>g; [ -s g ] && echo said
### local redirection of a builtin
read x <<E; echo $x
v
E
### exec both
exec 3>&1 >f; echo hidden; exec >&3 3>&-; echo shown; cat f
### substitution and descriptors
x=$(echo a; echo b >&2) 2>/dev/null; echo "$x"; y=$( { echo c >&2; } 2>&1 ); echo "$y"
### nested substitution output
x=$(echo $(echo a >&2) b 2>/dev/null) 2>/dev/null; echo $x
