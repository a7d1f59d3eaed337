import { describe, expect, it } from 'vitest';
import { NO_IMAGE_SETTINGS } from '../../../src/profile/image.js';
import type { Profile } from '../../../src/profile/types.js';
import { changedParts, type LockConfigInput, lockedConfig } from '../../../src/solve/lock/config.js';
import { archiveSpec } from '../../builder/sources.js';
import { stage } from '../universe.js';

const ARCHIVE = archiveSpec({
  suite: 'test',
  keyrings: ['/home/me/keys.asc'],
  uris: ['http://a.example/debian'],
  origin: 'profile p',
});

const PROFILE: Profile = {
  name: 'p',
  description: 'One',
  origin: './p.yaml',
  suite: 'test',
  architectures: [],
  foreignArchitectures: [],
  archives: [ARCHIVE],
  pins: [],
  stages: [stage('a')],
  configure: undefined,
  debconf: [],
  accounts: { users: [], groups: [], runAs: undefined },
  paths: [],
  environment: {},
  image: NO_IMAGE_SETTINGS,
  excludePaths: [],
  includePaths: [],
  levels: [],
  slices: [],
  accept: [],
};

const INPUT: LockConfigInput = {
  profile: PROFILE,
  from: './p.yaml',
  suite: 'test',
  updates: false,
  snapshot: undefined,
  include: [],
  sources: [],
  keyringFiles: new Map([
    ['/home/me/keys.asc', 'digest'],
    ['/srv/keys.asc', 'digest'],
  ]),
};

const changed = (profile: Partial<Profile>, input: Partial<LockConfigInput> = {}) =>
  changedParts(lockedConfig(INPUT), lockedConfig({ ...INPUT, profile: { ...PROFILE, ...profile }, ...input }));

describe('what a lock was made by', () => {
  it.each<[string, Partial<Profile>, Partial<LockConfigInput>?]>([
    ['stage base', { stages: [stage('a', { recommends: true })] }],
    ['stage more,stages', { stages: [stage('a'), stage('b', { name: 'more' })] }],
    ['archives', { archives: [{ ...ARCHIVE, components: ['main', 'contrib'] }] }],
    ['archives', { archives: [{ ...ARCHIVE, checkValidUntil: false }] }],
    ['archives', { archives: [{ ...ARCHIVE, keyrings: ['other.asc'] }] }],
    ['exclude-paths', { excludePaths: ['/usr/share/doc/*'] }],
    ['slices', { slices: [{ package: 'a', keep: ['/usr/bin/*'] }] }],
    ['foreign-architectures', { foreignArchitectures: ['i386'] }],
    ['configure', { configure: 'none' }],
    ['environment', { environment: { A: '' } }],
    ['archives', {}, { keyringFiles: new Map([['/home/me/keys.asc', 'other']]) }],
    ['suite', {}, { suite: 'sid' }],
    ['--updates', {}, { updates: true }],
    ['--include', {}, { include: ['b'] }],
    ['--sources,archives', {}, { sources: [{ text: 'deb http://x y z' }] }],
    // None of these decides on a package or a path.
    ['', { accept: [{ missing: '*', path: undefined, reason: 'Nobody calls it' }] }],
    ['', { description: 'Other', origin: '/elsewhere/p.yaml', architectures: ['arm64'] }],
    ['', { archives: [{ ...ARCHIVE, keyrings: ['/srv/keys.asc'], origin: 'profile q' }] }],
    ['', { volumes: [], entrypoint: undefined } as Partial<Profile>],
    ['', {}, { snapshot: '20260701T000000Z' }],
  ])('%s', (parts, profile, input) => {
    expect(changed(profile, input).sort().join()).toBe(parts);
  });
});
