/** What is compared: at most this part of the other run's wall time (or CPU time). */
export const TARGETS = [
  ['koala minbase', 'debootstrap minbase', 0.14],
  ['koala minbase', 'mmdebstrap minbase', 0.2],
  ['koala minbase', 'mmdebstrap extract', 0.4],
  ['koala minbase', 'cdebootstrap minimal', undefined],
  ['koala minbase', 'multistrap', undefined],
  ['koala minbase', 'floor', undefined],
  ['koala minbase', 'floor', 1.5, 'cpu'],
  ['koala minbase, from a lock', 'floor', 1.15],
  ['koala minbase, from a lock, unpacked', 'floor', undefined],
  ['koala minbase, from a lock, again', 'floor', 0.25],
  ['koala debug after base, warm', 'floor', 0.1],
  ['koala base', 'mmdebstrap extract, base', 0.4],
  ['koala minbase.tar.gz, unpacked', ['koala minbase, from a lock, unpacked', 'pigz -6'], 1],
  ['koala minbase.tar.zst, unpacked', ['koala minbase, from a lock, unpacked', 'zstd -T0'], 1],
  ['koala minbase.tar.xz, unpacked', ['koala minbase, from a lock, unpacked', 'xz -6 -T0'], undefined],
  ['koala minbase, foreign', 'koala minbase', undefined],
  ['koala minbase, foreign', 'koala minbase', undefined, 'cpu'],
];

/** Peak memory in MB that a run may take. */
export const MEMORY = [
  ['koala minbase', 250],
  ['koala set of 1.5 GB', 400],
];

/** What is added to `minbase` for a set of about this many bytes unpacked. */
export const SETS = [
  ['koala set of 100 MB', []],
  ['koala set of 500 MB', ['default-jdk-headless']],
  ['koala set of 1.5 GB', ['default-jdk-headless', 'gcc', 'llvm', 'clang', 'llvm-dev']],
];
