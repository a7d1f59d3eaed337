import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canonicalDigest, canonicalJson } from '../../../src/formats/canonical-json.js';
import { formatLock, parseLock } from '../../../src/solve/lock/file.js';
import { lockJsonSchemaText } from '../../../src/solve/lock/schema.js';
import { LOCK, PACKAGE } from '../../builder/lock.js';

/** A lock file with other fields and the digest of these. */
function forged(change: (lock: Record<string, unknown>) => unknown): string {
  const content = structuredClone(LOCK) as unknown as Record<string, unknown>;
  const changed = change(content) as Record<string, unknown>;
  return JSON.stringify({ ...changed, digest: canonicalDigest(changed) });
}

const withPackage = (fields: Record<string, unknown>) =>
  forged((lock) => {
    const stages = [{ name: 'web', packages: [{ ...PACKAGE, ...fields }] }];
    return { ...lock, architectures: { amd64: { archives: [0], stages } } };
  });

describe('a lock file', () => {
  it('is read as it was written, however it is indented', async () => {
    const text = formatLock(LOCK);
    expect(await parseLock(text, 'x')).toEqual(LOCK);
    expect(await parseLock(JSON.stringify(JSON.parse(text)).replaceAll(',', ',\r\n'), 'x')).toEqual(LOCK);
  });

  it('has the same bytes for architectures in any order', () => {
    const { amd64 } = LOCK.architectures;
    if (amd64 === undefined) throw new Error('it has none');
    const [one, other] = [
      { amd64, arm64: amd64 },
      { arm64: amd64, amd64 },
    ].map((architectures) => formatLock({ ...LOCK, architectures }));
    expect(one).toBe(other);
  });

  it.each([
    ['', 'it is not JSON'],
    ['null', 'it is no lock'],
    ['{}', 'it is no lock'],
    ['{"version": 2}', 'it is of version 2 of the format, this program reads version 1'],
    [JSON.stringify(LOCK), 'its content does not have its digest'],
    [formatLock(LOCK).replace('"hello"', '"jello"'), 'its content does not have its digest'],
    [forged((lock) => ({ ...lock, more: 1 })), 'it is no lock'],
    [withPackage({ path: '../../etc/passwd' }), 'it is no lock'],
    [withPackage({ path: '/etc/passwd' }), 'it is no lock'],
    [withPackage({ name: '../x' }), 'it is no lock'],
    [withPackage({ sha256: '../../x' }), 'it is no lock'],
    [withPackage({ size: -1 }), 'it is no lock'],
    [withPackage({ version: 'a b' }), 'it is no lock'],
    [withPackage({ archive: 1 }), 'amd64 refers to an archive that it does not have'],
    [
      forged((lock) => ({ ...lock, architectures: { amd64: { archives: [], stages: [] } } })),
      'amd64 refers to an archive that it does not have',
    ],
  ])('is refused: %#', async (text, why) => {
    await expect(parseLock(text, 'some.json')).rejects.toThrow(`cannot use the lock some.json: ${why}`);
  });

  it('has a schema that is the one in the package', () => {
    const file = new URL('../../../profiles/lock.schema.json', import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(lockJsonSchemaText());
  });
});

describe('canonical JSON', () => {
  it.each([
    [{ b: 1, a: [true, null, 'ä"\n'], c: undefined, d: {} }, '{"a":[true,null,"ä\\"\\n"],"b":1,"d":{}}'],
    [[], '[]'],
    [undefined, 'null'],
    [[undefined], '[null]'],
  ])('%j', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
    expect(canonicalJson(JSON.parse(text))).toBe(text);
  });
});
