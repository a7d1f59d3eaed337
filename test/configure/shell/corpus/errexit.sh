### a failing command ends the script
set -e; echo a; false; echo b
### status of the end is the command's
set -e; (exit 7); echo b
### left of && does not count
set -e; false && echo x; echo after $?
### the last of an && list counts
set -e; true && false; echo after
### left of || does not count
set -e; false || echo x; echo after
### the last of an || list counts
set -e; false || false; echo after
### middle of a list
set -e; true && false && true; echo after $?
### mixed list
set -e; false && true || false; echo after
### mixed list that ends well
set -e; false && true || true; echo after
### negation of success
set -e; ! true; echo after $?
### negation of failure
set -e; ! false; echo after $?
### if condition
set -e; if false; then echo x; fi; echo after $?
### elif condition
set -e; if false; then :; elif false; then :; else echo e; fi; echo after
### while condition
set -e; while false; do :; done; echo after $?
### until condition
set -e; n=0; until [ $n = 2 ]; do n=$((n+1)); done; echo after $n
### body of if
set -e; if true; then false; echo x; fi; echo after
### body of while
set -e; while true; do false; echo x; done; echo after
### body of for
set -e; for i in 1 2; do echo $i; [ $i = 2 ]; done; echo after
### body of case
set -e; case x in x) false; echo x;; esac; echo after
### function fails
set -e; f() { false; echo in; }; f; echo after
### function in a condition
set -e; f() { false; echo in; }; if f; then echo yes; fi; echo after
### function left of ||
set -e; f() { false; echo in; }; f || echo no; echo after
### function left of && is not looked into
set -e; f() { false; echo in; return 3; }; f && echo yes; echo after $?
### function behind !
set -e; f() { false; echo in; }; ! f; echo after $?
### function that returns non-zero
set -e; f() { return 4; }; f; echo after
### function that ends in a failed && list
set -e; f() { false && true; }; f; echo after
### function that ends in a failed && list, in a brace group
set -e; { false && true; }; echo after $?
### group left of ||
set -e; { false; echo in; } || echo no; echo after
### group fails
set -e; { echo a; false; echo in; }; echo after
### subshell fails
set -e; (false; echo in); echo after
### subshell left of ||
set -e; (false; echo in) || echo no; echo after
### subshell with its own errexit left of ||
(set -e; false; echo in) || echo no; echo after
### subshell that ends in a failed list
set -e; (false && true); echo after
### pipeline: only the last counts
set -e; false | true; echo after
### pipeline: the last fails
set -e; true | false; echo after
### pipeline in a condition
set -e; if true | false; then echo x; fi; echo after
### inside of a pipeline
set -e; { false; echo in; } | cat; echo after
### negated pipeline
set -e; ! true | true; echo after $?
### assignment from a failing substitution
set -e; x=$(false); echo after
### assignment from a failing substitution in a condition
set -e; if x=$(false); then echo y; fi; echo after
### substitution as an argument
set -e; echo x$(false)y; echo after
### export hides the status
set -e; export x=$(false); echo after $?
### local hides the status
set -e; f() { local x=$(false); echo in $?; }; f; echo after
### errexit inside of a substitution
set -e; x=$(false; echo in) || echo no; echo "[$x]"
### substitution is not in the condition
set -e; if [ "$(false; echo in)" = in ]; then echo yes; else echo no; fi
### substitution in the right side of an assignment, last status
set -e; x=$(false)$(true); echo after $?
### assignment keeps the status of none
false; x=y; echo $?
### assignment in else branch after failed if
set -e; if false; then :; else U=n; fi; echo $U
### two assignments, last substitution counts
set -e; a=$(true) b=$(false); echo after
### eval
set -e; eval 'false; echo in'; echo after
### eval left of ||
set -e; eval 'false; echo in' || echo no; echo after
### sourced file
set -e; echo 'false; echo in' >f; . ./f; echo after
### sourced file left of ||
set -e; echo 'false; echo in' >f; . ./f || echo no; echo after
### redirection that fails
set -e; echo x >/nonexist/y; echo after
### redirection that fails left of ||
set -e; echo x >/nonexist/y || echo no; echo after
### redirection of a group that fails
set -e; { echo in; } </nonexist; echo after
### unknown command
set -e; nosuchcommand 2>/dev/null; echo after
### unknown command left of ||
set -e; nosuchcommand 2>/dev/null || echo $?; echo after
### background
set -e; false & echo after
### wait for a background command
set -e; (exit 3) & wait $!; echo after
### wait in a condition
set -e; (exit 3) & wait $! || echo $?; echo after
### set +e
set -e; set +e; false; echo after
### set -e in a function stays
f() { set -e; }; f; false; echo after
### set -e in a subshell does not leave it
(set -e); false; echo after
### set -e in a tested function has no effect there
f() { set -e; false; echo in; }; f || echo no; echo after; false; echo end
### errexit runs the trap
set -e; trap 'echo trap $?' EXIT; false; echo after
### errexit in the trap
set -e; trap 'echo a; false; echo b' EXIT; echo end
### return in a loop in a function
set -e; f() { for i in 1 2; do return 0; done; false; }; f; echo after
### nested functions
set -e; g() { false; echo g; }; f() { g; echo f; }; f || :; echo after; f; echo end
### case with failing substitution as the word
set -e; case $(false) in '') echo empty;; esac; echo after
### for with failing substitution in the words
set -e; for i in a$(false); do echo $i; done; echo after
### test brackets
set -e; [ -f /nonexist ]; echo after
### and list in a function, last command
set -e; f() { [ -f /nonexist ] && echo x; }; f; echo after
### and list as last command of a while body
set -e; for i in 1 2; do [ $i = 3 ] && echo x; done; echo after $?
### while reads to the end
set -e; printf 'a\nb\n' | while read l; do echo $l; done; echo after
### command with a failing builtin
set -e; command false; echo after
### shift too far
set -e; set -- a; shift 2; echo after
### the status of an empty case
set -e; false || case x in y) ;; esac; echo $?
### empty substitution after failure
false; x=$(); echo $?
### condition with several commands
set -e; if false; true; then echo yes; fi; echo after
### not in the middle
set -e; { ! true; }; echo a; (! true); echo b
### subshell in not
set -e; ! (false; echo in); echo after
### if as the last of an || list
set -e; false || if false; then :; fi; echo $?
### redirected compound command fails inside
set -e; { false; echo x; } >/dev/null; echo after
### redirected compound command in a condition
set -e; if { false; echo x; } >f; then cat f; fi; echo after
### function with redirections
set -e; f() { false; echo x; } >f; f || :; cat f; f; echo after
### exit in substitution
set -e; x=$(exit 5) || echo $?; echo after
### subshell in background is not tested
set -e; { (false; echo in) & } || :; wait; echo after
### return behind ! is not negated
f() { ! { return 4; }; }; f; echo $?; for i in 1; do ! break; done; echo $?
