# needs: bash
### pipefail
#!/bin/bash
false | true; echo $?; set -o pipefail; false | true; echo $?; (exit 3) | (exit 4) | true; echo $?; true | true; echo $?; set +o pipefail; false | true; echo $?
set -e -o pipefail; if false | true; then echo no; fi; false | cat; echo never
### functions
#!/bin/bash
function one () { echo "one $1"; }
function two { echo "two $1"; return 3; }
function three()
{
  local x=$1
  echo "three $x"
}
one a; two b; echo $?; x=$(three c); echo "$x" `two d`
