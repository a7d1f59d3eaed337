# needs: expr od base64
### expr
expr 1 + 2 \* 3; expr 7 / 2 - 1; expr -7 % 3; expr \( 1 + 2 \) \* 3; expr 5 - 5; echo $?; expr 10 \> 9; expr a \< b; expr 10 = 10.0; echo $?
expr abc : 'a\(.*\)'; expr abc : 'ab'; expr abc : x; echo $?; expr "/usr/bin" : '.*/\(.*\)'; expr "1.2" : '[[:digit:]]\+$'; expr ", None, " : ".*, None,.*"
expr '' \| 0; echo $?; expr '' \| a; expr 1 \& ''; expr a \& b; expr length abcd; expr substr hello 2 3; expr index hello lo; expr match abc 'b*'; expr + length
expr 1 +; echo $?; expr a + 1; echo $?; expr 1 / 0; echo $?; expr 1 2; echo $?; expr 99999999999999999999 + 1
### od
printf 'abc\n\0\377def ghi jkl mno' >f; od f; od -c f; od -An -tx1 f; od -Ax -tx1z -v f; od -An -N2 -tu2 f; od -t d4 -A d f; od -b f; od -x -j 3 f; od -An -v -t x1 -w4 f
printf '%064d' 0 | od -c; od -tu1 -An </dev/null; printf ab | od -An -tu4
### base64
printf 'hello world' | base64; printf '%0100d' 7 | base64; printf '%0100d' 7 | base64 -w 0; echo; printf 'aGVs\nbG8=\n' | base64 -d; echo; printf 'aGVsbG8' | base64 -d; echo $?
### dd
printf 'abcdefghij' >f; dd if=f bs=2 count=2 2>/dev/null; dd if=f bs=2 skip=3 2>/dev/null; echo XY | dd of=f bs=1 seek=2 count=2 conv=notrunc 2>/dev/null; cat f; echo
printf 'abc' | dd of=g bs=1 seek=2 2>/dev/null; od -c g; dd if=/dev/zero bs=3 count=2 2>/dev/null | od -c; dd if=none 2>/dev/null; echo $?
### truncate
printf abcdef >f; truncate -s 3 f; cat f; truncate -s +2 f; od -c f; truncate -s 1K g; wc -c <g; truncate -c -s 5 none; ls
### mkfifo and mknod
mkfifo -m 600 p; mknod q p; stat -c '%A %n' p q; mkfifo p 2>/dev/null; echo $?
### tsort
printf 'a b\nb c\nd d\n' | tsort
### wrappers
timeout 5 echo a; nice -n 5 echo b; nohup echo c; setsid echo d; timeout 5 sh -c 'exit 3'; echo $?; stdbuf -o0 echo e
### names
printenv HOME_NONE; echo $?; A=1 printenv A; groups; whoami; printf abc | iconv -f UTF-8 -t ASCII; su root -s /bin/sh -c 'echo $0 $1 in $PWD' - x | head -n 1 >/dev/null; echo $?
### ls -v, install of nothing
mkdir v; touch v/a10 v/a9 v/b-1.10.rules v/b-1.9.rules v/10-x v/9-x; ls -v v; ls -1rv v
install -m 640 /dev/null n; stat -c '%a %s' n; install -D -m 600 /dev/null p/q/r; stat -c '%a %s' p/q/r
