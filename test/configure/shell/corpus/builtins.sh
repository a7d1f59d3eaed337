### getopts
set -- -a -b val -c file; while getopts ab:c o; do echo "$o ${OPTARG-none} $OPTIND"; done; shift $((OPTIND-1)); echo "$@" $#
### getopts, letters together
set -- -abval x; while getopts ab: o; do echo "$o:$OPTARG"; done; echo $OPTIND
### getopts, an unknown letter
set -- -x -a; while getopts a o 2>/dev/null; do echo "$o [$OPTARG]"; done
### getopts, silent
set -- -x -b; while getopts :ab: o; do echo "$o [$OPTARG]"; done; echo "$o" $OPTIND
### getopts, missing argument
set -- -b; getopts b: o 2>/dev/null; echo "$? $o [${OPTARG-unset}]"
### getopts, double dash
set -- -a -- -b; while getopts ab o; do echo $o; done; shift $((OPTIND-1)); echo "$@"
### getopts, own arguments
getopts xy: o -y 5; echo $o $OPTARG $OPTIND; getopts xy: o -y 5; echo $? $o
### getopts in a function
f() { OPTIND=1; while getopts a o; do echo f$o; done; }; f -a -a; f -a
### getopts again from the front
set -- -a; getopts ab o; echo $o; OPTIND=1; set -- -b; getopts ab o; echo $o
### getopts, single dash ends
set -- -a - -b; while getopts ab o; do echo $o; done; echo $OPTIND
### read
printf 'a b c\n' | { read x y; echo "$x|$y"; }
### read one
printf '  a b  \n' | { read x; echo "[$x]"; }
### read, more names than fields
echo a | { read x y z; echo "$x|$y|$z|"; }
### read with backslashes
printf 'a\\ b\\\nc d\n' | { read x y; echo "$x|$y"; }
### read -r
printf 'a\\ b\\\nc\n' | { read -r x y; echo "$x|$y"; }
### read at the end of the input
printf 'abc' | { read x; echo "$? $x"; read y; echo "$? [$y]"; }
### read with IFS
echo a:b::c: | { IFS=: read w x y z; echo "$w|$x|$y|$z"; }
### read with IFS, the last field
echo 'a:b:c:' | { IFS=: read x y; echo "$x|$y"; }; echo 'a:b:' | { IFS=: read x y; echo "$x|$y"; }
### read with IFS, one field
echo 'a:' | { IFS=: read x; echo "$x"; }; echo ':a' | { IFS=: read x; echo "$x"; }; echo 'a::' | { IFS=: read x; echo "$x"; }
### read with empty IFS
printf '  a  b \n' | { IFS= read -r x; echo "[$x]"; }
### read with mixed IFS
echo ' a : b : c ' | { IFS=' :' read x y; echo "[$x][$y]"; }; echo 'a b : ' | { IFS=' :' read x y; echo "[$x][$y]"; }
### read leaves the rest
printf '1\n2\n3\n' | { read a; read b; cat; echo "$a $b"; }
### read in a loop
printf 'a b\nc d\n' | while read x y; do echo "$y $x"; done
### read into loop with redirect
printf '1\n2\n' >f; while read x; do echo "<$x>"; done <f; n=0; while read x; do n=$((n+1)); done <f; echo $n
### read without a name
read </dev/null; echo $?
### read keeps IFS
echo a:b | { IFS=: read x y; echo "$x a:b"; z=c:d; for i in $z; do echo $i; done; }
### test with nothing
[ ]; echo $?; test; echo $?; [ '' ]; echo $?; [ a ]; echo $?
### test with two
[ -n '' ]; echo $?; [ -z '' ]; echo $?; [ ! a ]; echo $?; [ ! '' ]; echo $?; [ -n ]; echo $?; [ -z ]; echo $?
### test with three
[ a = a ]; echo $?; [ a != a ]; echo $?; [ 1 -lt 2 ]; echo $?; [ ! -n a ]; echo $?; [ ! = a ]; echo $?; [ = = = ]; echo $?
### test with four
[ ! a = b ]; echo $?; [ ! 1 -eq 1 ]; echo $?; [ \( a = a \) ]; echo $?
### test numbers
for o in -eq -ne -lt -le -gt -ge; do [ 1 $o 2 ]; a=$?; [ 2 $o 2 ]; echo "$o $a $?"; done; [ 010 -eq 10 ]; echo $?; [ -5 -lt ' 3 ' ]; echo $?
### test with a bad number
[ a -eq 1 ] 2>/dev/null; echo $?; [ '' -eq 0 ] 2>/dev/null; echo $?
### test -a and -o
[ a -a b ]; echo $?; [ a -a '' ]; echo $?; [ '' -o b ]; echo $?; [ a = a -a b = c ]; echo $?; [ a = b -o b = b ]; echo $?; [ ! a -o b ]; echo $?
### test with brackets
[ \( a = b \) -o \( b = b \) ]; echo $?; [ ! \( a = b \) ]; echo $?
### test files
: >f; echo x >g; for t in -e -f -d -s -r -w -L -p -b -c; do [ $t f ]; a=$?; [ $t g ]; b=$?; [ $t . ]; c=$?; [ $t nope ]; echo "$t $a $b $c $?"; done
### test -x
: >f; [ -x f ]; echo $?; [ -x . ]; echo $?; [ -x ../bin/cat ]; echo $?
### test /dev/null
[ -c /dev/null ]; echo $?; [ -e /dev/null ]; echo $?; [ -f /dev/null ]; echo $?; [ -s /dev/null ]; echo $?
### test -ef
: >f; [ f -ef ./f ]; echo $?; [ f -ef . ]; echo $?; [ f -ef nope ]; echo $?
### test -t
[ -t 0 ] </dev/null; echo $?
### test strings that look like operators
[ -f = -f ]; echo $?; x='('; [ "$x" = '(' ]; echo $?; [ "$x" ]; echo $?; [ "!" = "!" ]; echo $?; [ -z = ]; echo $?; [ "-n" = "" ]; echo $?
### test compares strings
[ a \< b ]; echo $?; [ b \< a ]; echo $?; [ b \> a ]; echo $?
### test without the bracket
[ a = a 2>/dev/null; echo $?
### test with too much
[ a b ] 2>/dev/null; echo $?; [ a = b c ] 2>/dev/null; echo $?; [ a b c ] 2>/dev/null; echo $?
### printf
printf '%s-%s\n' a b c; printf '%d %i %u\n' 5 -3 7; printf '%x %X %o\n' 255 255 8
### printf widths
printf '[%5s][%-5s][%05d][%+d][% d][%5.2s][%.3d]\n' ab ab 42 5 5 abc 7
### printf star
printf '[%*s][%-*s][%.*s]\n' 5 a 5 b 2 abc
### printf escapes
printf 'a\tb\\n\101\n'; printf '%b|%s\n' 'a\tb\0101' 'a\tb'; printf '%b' 'x\cy' z; echo
### printf percent
printf '100%%\n'; printf '%5d%%\n' 50
### printf without arguments
printf '%s|%d|%c|\n'; printf 'x\n' a b
### printf characters
printf '%c%c\n' abc def; printf '%d %d\n' "'a" '"b'
### printf numbers in other bases
printf '%d %d %d\n' 0x10 010 -0x10
### printf with bad numbers
printf '%d\n' abc 2>/dev/null; echo $?; printf '%d\n' 5x 2>/dev/null; echo $?
### printf floating point
printf '%f %.2f %e %g %g %g\n' 1.5 2.345 12345.678 0.0001 1000000 123456789; printf '[%8.3f][%-8.1f][%+.0f]\n' 3.14159 2.55 3
### printf wrong format
printf '%z\n' 2>/dev/null; echo $?; printf '%' 2>/dev/null; echo $?
### printf with hash
printf '%#x %#o %#X\n' 255 8 255; printf '%x\n' -1; printf '%u\n' -1
### printf dash dash
printf -- '-%s\n' a; printf '%s\n' -- -a
### printf repeats
printf '%s=%s;' a 1 b 2 c; echo; printf '<%s>' 'a b' '' c; echo
### echo
echo; echo a  b; echo 'a  b'; echo -n a; echo b; echo -- a
### shift
set -- a b c; shift; echo "$@"; shift 2; echo $#; shift 0; echo $?
### shift too far
set -- a; (shift 2); echo $?; shift 2; echo after
### set
set -- a b; echo $#; set x; echo $1 $#; set --; echo $#; set -- -a -b; echo "$@"
### set with a dash
set - a b; echo "$@"; set -x 2>/dev/null; set +x; echo ok
### set -o
set -o errexit; set +o errexit; false; set -o noglob; echo *; case $- in *f*) echo f;; esac
### set -o prints
set -o | { read a b c; echo $a; while read n v; do case $n in errexit|nounset) echo $n $v;; esac; done; }
### set with a wrong option
set -Z 2>/dev/null; echo after
### set prints variables
unset PATH PWD OLDPWD PPID; zz='a b'; yy="it's"; set | { while read l; do case $l in yy*|zz*) echo "$l";; esac; done; }
### unset
x=1; unset x; echo "[${x-unset}]"; f() { echo f; }; unset -f f; f 2>/dev/null; echo $?; unset -v nothing; echo $?
### unset leaves the function
x() { echo fx; }; x=1; unset x; x; echo "[${x-unset}]"
### readonly
readonly r=1; echo $r; (r=2) 2>/dev/null; echo $?; unset r 2>/dev/null; echo after
### readonly assignment ends the script
readonly r=1; r=2; echo after
### readonly prints
readonly a='x y'; readonly -p | { while read k v; do case $v in a=*) echo "$k $v";; esac; done; }
### export
x=1; export x; sh -c 'echo $x'; export y=2 z; sh -c 'echo $y ${z-unset}'; z=3; sh -c 'echo $z'
### export prints
export b='q r'; export -p | { while read k v; do case $v in b=*) echo "$k $v";; esac; done; }
### environment of one command
x=1; x=2 sh -c 'echo $x'; echo $x; y=3 sh -c 'echo $y'; echo "[$y]"
### assignment before a builtin
x=1; x=2 true; echo $x; x=3 :; echo $x; x=4 eval 'echo $x'; echo $x
### assignment before a function
f() { echo "$x"; sh -c 'echo ${x-no}'; x=5; }; x=1; x=2 f; echo $x
### local
x=1; f() { local x; echo "[$x]"; x=2; g; }; g() { echo $x; }; f; echo $x
### local with a value
f() { local a=1 b="x y" c; c=3; echo "$a $b $c"; }; c=0; f; echo "[${a-}][${b-}][$c]"
### local outside of a function
local x 2>/dev/null; echo after
### local does not export
f() { local v=1; sh -c 'echo ${v-no}'; }; f; export v=0; f; sh -c 'echo $v'
### local nests
f() { local n=$1; [ $n -gt 0 ] && f $((n-1)); echo $n; }; f 3
### local dash
f() { local -; set -f; echo *; }; : >a; f; echo *
### return
f() { return 3; echo no; }; f; echo $?; g() { false; return; }; g; echo $?; h() { :; }; h; echo $?
### return from a loop
f() { while :; do for i in 1 2; do return 5; done; done; }; f; echo $?
### return from a sourced file
echo 'echo a; return 4; echo b' >f; . ./f; echo $?
### return ends the script
echo a; return 3; echo b
### return in a subshell
f() { (return 4; echo x); echo $?; }; f
### break and continue
for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done; echo $?
### break 2
for i in a b; do for j in 1 2; do echo $i$j; break 2; done; done; echo end
### continue 2
for i in a b; do for j in 1 2; do [ $j = 2 ] && continue 2; echo $i$j; done; echo no; done
### break in a while condition
while break; do echo x; done; echo $?; while :; do while break 2; do :; done; echo no; done; echo end
### break outside of a loop
break; echo $?; continue; echo after
### break with too many levels
for i in 1 2; do for j in 1 2; do break 9; done; echo no; done; echo end
### break in a function does not leave the caller's loop
f() { break; }; for i in 1 2; do f; echo $i; done
### eval
x='echo a; y=b'; eval "$x"; echo $y; eval; echo $?; eval false; echo $?; eval 'echo "a  b"' c
### eval builds names
a_b=5; n=b; eval "v=\$a_$n"; echo $v; eval 'set -- "a b" c'; echo $#
### eval with return and break
f() { eval 'return 3'; echo no; }; f; echo $?; for i in 1 2; do eval break; echo no; done; echo end
### dot
echo 'x=5; echo $1 $#' >f; . ./f; echo $x; PATH=.:$PATH; . f
### dot with a missing file
. ./nope; echo after
### command dot with a missing file
command . ./nope 2>/dev/null; echo $?
### command
f() { echo function; }; echo() { printf 'mine\n'; }; command echo real; echo; unset -f echo; command f 2>/dev/null; echo $?
### command -v
f() { :; }; command -v f cd; command -v cat; command -v if; command -v nope; echo $?
### command -v with a path
command -v ../bin/cat; command -v ./nope; echo $?
### type
f() { :; }; type f cd set if nope; echo $?
### command keeps going after an error
command set -Z 2>/dev/null; echo $?; command shift 9 2>/dev/null; echo $?
### exec with redirections
exec 3>f; echo a >&3; echo b >&3; exec 3>&-; cat f; echo c >&3 2>/dev/null; echo $?
### exec a command
exec echo a; echo b
### exec a file
trap 'echo trap' EXIT; exec cat /dev/null; echo b
### exec an unknown command
exec nosuchcommand 2>/dev/null; echo after
### exec from a file
printf 'l1\nl2\n' >f; exec 4<f; read a <&4; read b <&4; echo $a $b; exec 4<&-
### exec in a subshell
(exec echo in; echo no); echo out
### cd
cd ../bin; pwd; cd - ; cd; echo $?
### cd to nowhere
cd nope 2>/dev/null; echo $?; pwd
### cd sets variables
cd ..; echo $PWD $OLDPWD; cd w; cd ./../bin/.; echo $PWD
### cd with HOME and CDPATH
w=$PWD; cd ../bin; HOME=$PWD; cd ..; t=$PWD; cd; pwd; CDPATH=$t; cd w; CDPATH=:$t; cd ./.; cd bin; cd nope 2>/dev/null; pwd
### cd in a subshell
(cd ..; pwd); pwd
### umask
umask; umask 027; umask; umask -S; umask u=rwx,g=rx,o=; umask; umask g+w; umask; (umask 0); umask
### umask refuses
umask 9 2>/dev/null; echo $?
### trap on EXIT
trap 'echo bye' EXIT; echo hi
### trap on EXIT with a status
trap 'echo $?' EXIT; exit 4
### trap changes the status
trap 'exit 6' EXIT; exit 4
### trap does not change the status
trap 'false' 0; exit 4
### trap exit without a number
trap 'true; exit' EXIT; exit 4
### trap is printed
trap 'echo "a b"' EXIT; trap "echo it's" TERM; trap; trap - EXIT TERM; trap
### trap is removed
trap 'echo a' EXIT; trap - EXIT; echo b
### trap in a subshell
trap 'echo outer' EXIT; (echo in); (trap 'echo inner' EXIT; echo in2)
### trap in a substitution
trap 'echo outer' EXIT; x=$(trap 'echo inner' EXIT; echo a); echo "$x"
### trap in a function
f() { trap 'echo t' EXIT; }; f; echo end
### trap with a signal
trap 'echo got' USR1; kill -USR1 $$; echo after; trap '' USR1; kill -s USR1 $$; echo ignored
### trap keeps the status
trap 'true' USR1; (exit 3); kill -USR1 $$; false; echo $?
### trap with several
trap 'echo x' INT TERM HUP; trap | cat; trap - INT; trap
### trap with a bad signal
trap 'x' NOSUCH 2>/dev/null; echo $?
### trap and an error
trap 'echo trap $?' EXIT; : ${x?no}; echo after
### trap and a syntax error
trap 'echo trap $?' EXIT
fi
### kill
kill -0 $$; echo $?; kill -l 15; kill -l 130; kill -0 99999999 2>/dev/null; echo $?
### wait
(exit 3) & wait $!; echo $?; wait; echo $?; wait 99999 ; echo $?
### background status
false & echo $?; x=$!; [ -n "$x" ] && echo pid; wait $x; echo $?
### times and ulimit
times >/dev/null; echo $?; ulimit -n >/dev/null; echo $?
### hash
hash; hash -r; hash cat; echo $?; hash nope 2>/dev/null; echo $?
### xtrace goes to standard error
set -x; x=1; echo a $x; set +x; echo b
### noexec
set -n; echo never
### allexport
set -a; x=1; set +a; y=2; sh -c 'echo $x ${y-no}'
### noclobber
set -C; echo a >f; echo b >f; echo $?; echo c >|f; cat f; echo d >>f; cat f; echo x >/dev/null; echo $?
### true, false and colon
true; echo $?; false; echo $?; : a b; echo $?
### exit
(exit); echo $?; (false; exit); echo $?; (exit 300); echo $?; exit 9; echo no
### exit with a bad number
(exit abc) 2>/dev/null; echo $?
### sh -c
sh -c 'echo $0 $1 $#' a b c; sh -c 'exit 3'; echo $?; sh -ec 'false; echo x'; echo $?
### sh with a file
echo 'echo "$0" "$@"' >f; sh f a b; sh ./f; sh nope 2>/dev/null; echo $?
### sh from standard input
echo 'echo in $1' | sh; echo 'echo in $1' | sh -s x; sh <<E
echo here
E
### sh options
sh -u -c 'echo $-' ; sh -o nounset -c 'echo ${x-a}'; sh +e -c 'false; echo b'
### sh: a syntax error
sh -c 'if' 2>/dev/null; echo $?
### unknown command
nosuch; echo $?; ./nosuch; echo $?; ../w; echo $?
### PATH decides
PATH=/nowhere; cat /dev/null; echo $?; PATH=/t/bin:$PATH
### unalias unknown
unalias nope 2>/dev/null; echo $?
### bad options of builtins
read -Z x 2>/dev/null; echo $?; unset -Z 2>/dev/null; echo after
