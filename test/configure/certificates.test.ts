import { describe, expect, it } from 'vitest';
import { trustCertificates } from '../../src/configure/certificates.js';
import { readText } from '../../src/rootfs/content.js';
import type { TreeNode } from '../../src/rootfs/types.js';
import { CERTIFICATES } from '../builder/certificates.js';
import { file, treeOf } from '../emit/trees.js';

const [OWN, SHIPPED] = CERTIFICATES;
const OWNER = { type: 'profile', name: 'p' } as const;
const BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

function trusted(nodes: Record<string, TreeNode>) {
  const tree = treeOf({ '/etc/hostname': file(''), ...nodes });
  const certificates = [{ name: 'own', pem: OWN.pem }];
  trustCertificates(tree, certificates, { owner: OWNER, epoch: 5, architecture: 'amd64' });
  return tree;
}

const WITH_PROGRAM = {
  '/usr/sbin/update-ca-certificates': file('#!/bin/sh\n', { mode: 0o755 }),
  '/usr/share/ca-certificates/shipped.crt': file(SHIPPED.pem),
  '/etc/ca-certificates.conf': file('shipped.crt\n'),
};

describe("a profile's certificates", () => {
  it('are trusted as an administrator has them trusted', () => {
    const tree = trusted(WITH_PROGRAM);
    expect(readText(tree, '/usr/local/share/ca-certificates/own.crt')).toBe(OWN.pem);
    expect(readText(tree, BUNDLE)).toBe(SHIPPED.pem + OWN.pem);
    expect(readText(tree, `/etc/ssl/certs/${OWN.hash}.0`)).toBe(OWN.pem);
    expect(tree.get(BUNDLE)?.owner).toEqual(OWNER);
  });

  it('are told to the hooks', () => {
    const hook = file('#!/bin/sh\ncat > /told\n', { mode: 0o755 });
    const tree = trusted({ ...WITH_PROGRAM, '/bin/cat': file(''), '/etc/ca-certificates/update.d/jks': hook });
    expect(readText(tree, '/told')).toBe('+/etc/ssl/certs/shipped.pem\n+/etc/ssl/certs/own.pem\n');
    const failing = { '/etc/ca-certificates/update.d/x': file('#!/bin/sh\nexit 4\n', { mode: 0o755 }) };
    expect(() => trusted({ ...WITH_PROGRAM, ...failing })).toThrow(
      "cannot trust the profile's certificates: update-ca-certificates says E: /etc/ca-certificates/update.d/x exited with code 4.",
    );
  });

  it.each<[string, Record<string, TreeNode>, string]>([
    ['added to the bundle that is there', { [BUNDLE]: file(SHIPPED.pem) }, SHIPPED.pem + OWN.pem],
    ['the bundle where there is none', {}, OWN.pem],
    ['in it once', { [BUNDLE]: file(OWN.pem) }, OWN.pem],
  ])('are, without the program, %s', (_, nodes, expected) => {
    expect(readText(trusted(nodes), BUNDLE)).toBe(expected);
  });
});
