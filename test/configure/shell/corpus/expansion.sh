### default values
x=; unset y; echo "[${x-a}][${x:-a}][${y-a}][${y:-a}]"
### alternative values
x=; unset y; z=1; echo "[${x+a}][${x:+a}][${y+a}][${z:+a}]"
### assigning values
x=; unset y; echo "[${x=a}][${x:=b}][${y=c}][$x][$y]"
### assigning in the midst
unset a; echo ${a:=b c} "$a"; for i in ${b:=1 2}; do echo "<$i>"; done
### error values
unset x; (echo ${x?}) 2>/dev/null; echo $?; (echo ${x?some text}) 2>&1 | cat; x=; (: ${x:?null}) 2>&1; echo $?
### error ends the script
unset x; echo a; : ${x?gone}; echo b
### length
x=hello; y=; echo ${#x} ${#y} ${#}; set -- a b c; echo ${#} $# ${#1}
### length of an unset variable
unset q; echo ${#q}
### suffixes
f=/usr/lib/foo.tar.gz; echo ${f%.*} ${f%%.*} ${f%/*} ${f%nomatch} ${f%%/*}
### prefixes
f=/usr/lib/foo.tar.gz; echo ${f#*/} ${f##*/} ${f#*.} ${f##*.} ${f#nomatch}
### quoted patterns
x='a*b*c'; echo "${x%'*'*}" "${x%\**}" "${x#*"*"}" ${x#a'*'}
### pattern from a variable
p='*.'; x=a.b.c; echo "${x##$p}" "${x##"$p"}" ${x#$p}
### pattern with classes
x=abc123; echo ${x%[0-9]} ${x%%[0-9]*} ${x##[a-z]*[a-z]} ${x#[!b]} ${x#[[:alpha:]]}
### nested expansion
a=1; b=; unset c; echo ${c:-${b:-${a}}} "${c:-"${b:-'q'}"}"
### quotes in defaults
unset x; echo ${x:-'a  b'} "${x:-'a  b'}" ${x:-"a  b"} "${x:-"a  b"}"
### splitting in defaults
unset x; for i in ${x:-a b "c d"}; do echo "<$i>"; done
### no splitting in quotes
unset x; for i in "${x:-a b "c d"}"; do echo "<$i>"; done
### braces in quotes
unset x; echo "${x:-}}" ${x:-"}"} "${x:-\}}" '}'
### substitution in a default
unset x; echo "${x:-$(echo a b)}" ${x:-`echo c`}
### arithmetic in a default
unset x; echo ${x:-$((1+2))}
### positional parameters beyond nine
set -- a b c d e f g h i j k; echo $1 $10 ${10} ${11} ${12-none}
### special parameters
set -- a 'b c'; echo $# "$*" "$@" $0; (exit 3); echo $?
### at and star
set -- a 'b c' ''; for i in "$@"; do echo "<$i>"; done; for i in "$*"; do echo "<$i>"; done
### at and star without quotes
set -- a 'b c' '' d; for i in $@; do echo "<$i>"; done; for i in $*; do echo "[$i]"; done
### at with text around it
set -- 1 '2 3' 4; for i in "x$@y"; do echo "<$i>"; done
### at with no parameters
set --; for i in "$@"; do echo "<$i>"; done; for i in "" "$@"; do echo "[$i]"; done; for i in x"$@"y; do echo "{$i}"; done
### at with other things empty
set --; x=; for i in "$@$x"; do echo "<$i>"; done; for i in "$x$@"; do echo "[$i]"; done
### star with IFS
set -- a b c; IFS=-; echo "$*" "$@"; IFS=; echo "$*"; unset IFS; echo "$*"
### star with IFS, not quoted
set -- a b-c d; IFS=-; echo $*; for i in $*; do echo "<$i>"; done
### star in an assignment
set -- a 'b  c'; IFS=:; x=$*; y="$*"; z=$@; IFS=' '; echo "$x|$y|$z"
### at with an operator
set -- a b; for i in "${@:-x}" ${1+"$@"}; do echo "<$i>"; done; set --; for i in ${1+"$@"}; do echo "<$i>"; done; echo "${@:-none}"
### splitting by default
x='  a  b	c
d '; for i in $x; do echo "<$i>"; done
### splitting by a colon
IFS=:; x=a::b:; for i in $x; do echo "<$i>"; done
### splitting at the front
IFS=:; x=:a; for i in $x; do echo "<$i>"; done
### splitting by a mix
IFS=' :'; x=' a : b :: c '; for i in $x; do echo "<$i>"; done
### splitting with text around
x=' b '; for i in a$x'c'; do echo "<$i>"; done
### splitting of two in a row
x='a '; y=' b'; for i in $x$y; do echo "<$i>"; done; for i in $x"$y"; do echo "[$i]"; done
### no splitting without an expansion
IFS=:; for i in a:b; do echo "<$i>"; done
### empty expansion gives no field
x=; for i in $x; do echo "<$i>"; done; for i in "$x" ''; do echo "[$i]"; done; set -- $x $x; echo $#
### empty quotes beside an empty expansion
x=; set -- ""$x; echo $#; set -- $x""; echo $#
### no splitting in assignments
x='a  b'; y=$x; echo "$y"; z=$(echo 'c  d'); echo "$z"
### no splitting in case
x='a b'; case $x in 'a b') echo yes;; esac
### no splitting with empty IFS
IFS=; x='a b'; for i in $x; do echo "<$i>"; done
### command substitution loses newlines at the end
x=$(printf 'a\n\nb\n\n\n'); echo "[$x]"
### command substitution splits
for i in $(echo 'a b'; echo c); do echo "<$i>"; done
### command substitution nests
echo $(echo $(echo a) "$(echo "b  $(echo c)")")
### backquotes nest
echo `echo \`echo a\``; echo "`echo "x  y"`"; echo `echo '\$x' \\\\`
### command substitution with a case
echo $(case x in x) echo yes;; esac) $(case x in (x) echo yes;; esac)
### command substitution with comments and quotes
echo $(echo a # )
echo ')' "b"
)
### command substitution with a here-document
x=$(cat <<EOF
a $((1+1))
EOF
); echo "$x"
### command substitution status
x=$(exit 3); echo $?; echo $(exit 4); echo $?
### command substitution cannot change variables
x=1; y=$(x=2; echo $x); echo $x $y
### arithmetic
echo $((1+2*3)) $(( (1+2)*3 )) $((7/2)) $((7%3)) $((-7/2)) $((-7%3)) $((2-3-4))
### arithmetic comparisons
echo $((1<2)) $((2<=2)) $((3>4)) $((1==1)) $((1!=1)) $((5>=6))
### arithmetic logic
echo $((1&&0)) $((0||2)) $((!5)) $((!0)) $((~5)) $((6&3)) $((6|3)) $((6^3)) $((1<<4)) $((-16>>2))
### arithmetic conditional
echo $((1?2:3)) $((0?2:3)) $((0?1:0?2:3)) $((1?0?4:5:6))
### arithmetic assignment
x=5; echo $((x=x+1)) $x $((x+=2)) $((x-=1)) $((x*=3)) $((x/=2)) $((x%=4)) $((x<<=3)) $((x|=1)) $((x&=24)) $((x^=3)) $((x>>=1)) $x
### arithmetic does not assign what it passes over
x=1; echo $((0&&(x=2))) $x $((1||(x=3))) $x $((1?4:(x=5))) $x
### arithmetic variables
x=3; y=x; unset z; echo $((x)) $(($x*2)) $((z)) $((z+1)); e=; echo $((e+1))
### arithmetic bases
echo $((010)) $((0x1f)) $((0)) $((0xFF))
### arithmetic with spaces and newlines
echo $((  1
+ 2 ))
### arithmetic limits
echo $((9223372036854775807)) $((9223372036854775807+1)) $((-9223372036854775807-1))
### arithmetic precedence
echo $((1|2&3^1)) $((1+2<<3)) $((2<3==1)) $((-2*-3)) $((!1+1)) $((- -3))
### arithmetic associativity
echo $((100/10/2)) $((2-1+5)) $((1<<2<<1)) $((x=y=4)) $x $y
### arithmetic division by zero
echo $((1/0)); echo after
### arithmetic syntax error
echo $((1+)); echo after
### arithmetic with a bad value
x=abc; echo $((x+1)); echo after
### arithmetic expands first
a='1+2'; echo $(($a*3)); i=2; set -- 5 6; echo $(($2+$#)) $((${i}${i}))
### arithmetic with command substitution
echo $(($(echo 3)+`echo 4`))
### tilde
HOME=/h; echo ~ ~/x "~" '~' \~ a~ x=~ ~+; y=~/a:~/b; echo $y; z=a~; echo $z
### tilde of unknown users
echo ~nosuchuser ~nosuchuser/x
### tilde in defaults
HOME=/h; unset x; echo ${x:-~} "${x:-~}" ${x:-~/a}; y=${x:-~}; echo $y
### tilde is not split or globbed
HOME='/h *'; for i in ~/x; do echo "<$i>"; done
### tilde from a variable is none
HOME=/h; x='~'; echo $x; HOME=; echo "[$(echo ~)]"
### tilde in declarations
HOME=/h; export x=~/a:~; echo $x; f() { local y=~; echo $y; }; f; command export z=~; echo $z
### pathname expansion
touch() { for t; do : >"$t"; done; }; touch b a c.txt .hidden; echo *; echo *.txt; echo [ab]; echo [!ab]*; echo ?; echo .h*; echo "*" '*' \*
### pathname expansion without a match
echo x* 'y'*; x='z*'; echo $x "$x"
### pathname expansion with directories
cd ..; : >w/a; : >w/b; echo w/* */a */[b] ./w/* w//a* [w]/../w/?; echo */ w/*/; echo nope/* w/a/*
### pathname expansion order
for n in b B a A 10 2 _; do : >$n; done; echo *; echo [a-z]; echo [A-Z]*
### pathname expansion off
: >a; set -f; echo *; set +f; echo *
### pathname expansion of results
: >aa; : >ab; x='a*'; echo $x "$x"; for i in $x; do echo "<$i>"; done; y=$x; echo "$y"
### pathname expansion with quoted parts
: >'a*b'; : >axb; echo a'*'b a*b a\*b; x='a\*b'; echo $x
### pathname expansion with brackets
: >'a]'; : >a-; : >ab; echo a[]] a[-] a[!b] a[b-]
### pathname expansion needs the dot
: >.a; : >b; echo * .* | cat >/dev/null; echo [.]a ?a
### no pathname expansion in assignments and case
: >a; x=*; case * in '*') echo star;; esac; echo "$x"
### nounset
set -u; x=; echo "[$x]" "${y-d}"; echo ${#x}; echo "$y"; echo after
### nounset and parameters
set -u; set --; echo "$@" "$*" $#; echo $1; echo after
### nounset in a subshell
set -u; (echo $nope); echo $?
### bad substitution
echo ${x!y}; echo after
### bad substitution is no syntax error
if false; then echo ${x!y} ${}; fi; echo fine
### dollar alone
echo $ "$" a$ "$ x" $% "a$"
### continuation in a name
ab=1; echo $a\
b ${a\
b} "$a\
b"
### star in brace without quotes
set -- 'a b' c; echo "${*}" ${*} "${#}" ${@}
### value with a backslash
x='a\b\\c'; echo $x "$x"; printf '%s\n' $x "$x"
### substitution keeps inner blanks in quotes
x="$(printf 'a  b\n c')"; printf '<%s>\n' "$x"
### hash in words
echo a#b '#c' \#d #e
echo ${#}#x
### status after expansions
false; echo $? $?; true; x=$(false) y=$?; echo $x $y
### pid is the same in a subshell
[ $$ = "$(echo $$)" ] && ( [ $$ = "$$" ] ) && echo same
### options in the parameter
set -f; set -u; echo $-; set +f; echo $-
### default with a pattern in it
: >a1; unset x; echo ${x:-a*} "${x:-a*}" ${x:-'a*'}
### plus keeps quotes
set -- 'a  b'; for i in ${1+"$1"}; do echo "<$i>"; done; for i in ${1+$1}; do echo "[$i]"; done
### empty plus
x=1; for i in ${x:+} "${x:+}"; do echo "<$i>"; done
### quoted at in a default
set -- 'a b' c; unset x; for i in ${x-"$@"}; do echo "<$i>"; done; for i in "${x-$@}"; do echo "[$i]"; done
### trims of star
set -- abc; echo ${1%c} "${1#a}"; x=' a b '; echo "[${x# }]" "[${x% }]" "[${x#*[! ]}]"
### trim removes white space around
x='   a b  '; x="${x#"${x%%[![:space:]]*}"}"; x="${x%"${x##*[![:space:]]}"}"; echo "[$x]"
### greedy trims with question marks
x=aXbXc; echo ${x#?X} ${x##*X} ${x%X?} ${x%%X*} ${x#??} ${x%%?}
### IFS white space only at the end
IFS=' -'; x='a - b-'; for i in $x; do echo "<$i>"; done
### read only special characters
x='$y `z` \n'; echo "$x"
### quotes in command substitution in quotes
echo "$(echo "a  b" 'c  d')" "`echo "e  f"`"
### backslashes in quotes
echo "a\b\$c\"d\\e\`f" 'a\b' a\b\c
### newline in quotes
echo "a
b" 'c
d' e\
f
### negative length pattern
x=abc; echo "${x%%*}" "${x##*}" "${x%*}" "${x#*}"
### nested quotes in a pattern
x='a"b'; echo ${x%\"*} "${x%\"*}" "${x%'"'*}"
