import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
const { packages } = JSON.parse(read('package-lock.json')) as {
  packages: Record<string, { integrity?: string; resolved?: string; version: string }>;
};
const direct = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((kind) =>
  Object.entries(manifest[kind] ?? {}),
);

describe('dependencies', () => {
  it('are of exact versions', () => {
    expect(direct.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    expect(direct.map(([name]) => [name, packages[`node_modules/${name}`]?.version])).toEqual(direct);
  });

  it('are locked by their digests, and from no registry of anybody', () => {
    const locked = Object.entries(packages).filter(([path]) => path !== '');
    expect(locked.length).toBeGreaterThan(direct.length);
    expect(locked.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))).toEqual([]);
    expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  it('are each justified in docs/dependencies.md', () => {
    const text = read('docs/dependencies.md');
    const missing = direct
      .map(([name]) => name)
      .filter((name) => !name.startsWith('@types/') && !text.includes(`\`${name}\``));
    expect(missing).toEqual([]);
  });
});
