/** `ignoreBOM` keeps U+FEFF, which in a file name is a character like any other. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes `bytes[start, end)`, which must be UTF-8; undefined where it is not. */
export function decodeText(bytes: Buffer, start: number, end: number): string | undefined {
  let all = 0;
  for (let i = start; i < end; i++) all |= bytes[i] ?? 0;
  if (all < 0x80) return bytes.toString('latin1', start, end);
  try {
    return UTF8.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

/** The index of the first NUL in `bytes[start, end)`, else `end`: names in headers are C strings unless they fill the field. */
export function endOfString(bytes: Buffer, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i] !== 0) i++;
  return i;
}
