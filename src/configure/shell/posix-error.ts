const MESSAGES = {
  E2BIG: 'Argument list too long',
  EACCES: 'Permission denied',
  EBADF: 'Bad file descriptor',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  EINVAL: 'Invalid argument',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  ENAMETOOLONG: 'File name too long',
  ENOENT: 'No such file or directory',
  ENOEXEC: 'Exec format error',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  ENOTEMPTY: 'Directory not empty',
  ENXIO: 'No such device or address',
  EPERM: 'Operation not permitted',
  EXDEV: 'Invalid cross-device link',
} as const;

export type PosixCode = keyof typeof MESSAGES;

/** A system call that failed; `message` is what strerror(3) says of the code. */
export class PosixError extends Error {
  readonly code: PosixCode;

  constructor(code: PosixCode) {
    super(MESSAGES[code]);
    this.name = 'PosixError';
    this.code = code;
  }
}
