# needs: find ls
### tests
mkdir -p d/sub; echo 123 >d/A.txt; : >d/b.conf; ln -s A.txt d/l; chmod 4755 d/b.conf; chmod 640 d/A.txt; ln d/A.txt d/hard
find d -iname '*.TXT'; find d -perm 640 | sort; find d -perm -4000; find d -perm /111 -type f; find d -perm -u+s; find d -size 4c | sort; find d -size +0 -type f | sort
find d -lname 'A*'; find d -wholename 'd/b*'; find d -regex '.*/[bA][^/]*' | sort; find d -samefile d/A.txt | sort; find d -nouser; find d -executable -type f; find d -false; find d -mtime +1
touch -r d/A.txt d/b.conf; find d -newer d/A.txt -type f | wc -l
### printf
mkdir d; printf abc >d/f; chmod 600 d/f; ln -s f d/l; find d -printf '%p %f %h %y %m %U:%G %u %g %l\n' | grep -v '^d ' | sort; find d/f -printf '%s\t%%\0' | od -c
### long list
mkdir d; printf abc >d/f; chmod 640 d/f; ls -ln d/f | awk '{ print $1, $3, $4, $5, $NF }'; ls -l d | awk 'NR > 1 { print $1, $3, $4, $9 }'
