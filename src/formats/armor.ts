const BLOCK = /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n([\s\S]*?)-----END PGP PUBLIC KEY BLOCK-----/g;
const LINE = /.{1,64}/g;

/** The bytes of all armoured key blocks of a text, one after the other (RFC 9580, 6.2); of what has none, undefined. */
export function unarmour(text: string): Uint8Array | undefined {
  const blocks = [...text.matchAll(BLOCK)].map(([, block = '']) => {
    // Headers end at the first empty line; a line that begins with = holds the checksum.
    const body = block.replace(/^(?:[^\n]*:[^\n]*\n)*[ \t\r]*\n/, '').replace(/^=[A-Za-z0-9+/]{4}\s*$/m, '');
    return Buffer.from(body, 'base64');
  });
  return blocks.length === 0 ? undefined : Buffer.concat(blocks);
}

/** Certificates as one armoured block, with its checksum (RFC 9580, 6.1 and 6.2); ends in a line feed. */
export function armour(bytes: Uint8Array): string {
  const body = Buffer.from(bytes).toString('base64').match(LINE) ?? [];
  const checksum = Buffer.alloc(3);
  checksum.writeUIntBE(crc24(bytes), 0, 3);
  return [
    '-----BEGIN PGP PUBLIC KEY BLOCK-----',
    '',
    ...body,
    `=${checksum.toString('base64')}`,
    '-----END PGP PUBLIC KEY BLOCK-----',
    '',
  ].join('\n');
}

/** RFC 9580, 6.1.1. */
function crc24(bytes: Uint8Array): number {
  let crc = 0xb7_04_ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if (crc & 0x1_00_00_00) crc ^= 0x1_86_4c_fb;
    }
  }
  return crc;
}
