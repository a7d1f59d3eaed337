import { describe, expect, it } from 'vitest';
import { annotationsOf, type ImageFacts, imageConfig } from '../../../src/emit/oci/config.js';
import type { ImageConfig, RunConfig } from '../../../src/formats/oci/types.js';
import { NO_IMAGE_SETTINGS } from '../../../src/profile/image.js';
import type { ImageSettings } from '../../../src/profile/types.js';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const LAYER = { diffId: `sha256:${'2'.repeat(64)}`, createdBy: 'koala-bootstrap stage web' };

function factsOf(
  image: Partial<ImageSettings>,
  more: Partial<ImageFacts> & { readonly runAs?: string } = {},
): ImageFacts {
  const { runAs, ...facts } = more;
  const profile = {
    name: 'web',
    description: 'A server',
    accounts: { users: [], groups: [], runAs },
    environment: { B: '2', A: '1' },
    image: { ...NO_IMAGE_SETTINGS, ...image },
  };
  return { profile, architecture: 'armhf', epoch: 1_700_000_000, version: '13', base: undefined, ...facts };
}

function baseOf(config: RunConfig): NonNullable<ImageFacts['base']> {
  const base: ImageConfig = {
    os: 'linux',
    architecture: 'arm',
    config,
    rootfs: { type: 'layers', diff_ids: [DIGEST] },
    history: [{ created_by: 'them' }],
  };
  return { name: 'docker.io/library/debian:trixie', digest: DIGEST, config: base };
}

const runOf = (facts: ImageFacts): RunConfig | undefined => imageConfig(facts, {}, [LAYER]).config;

describe('annotations of an image', () => {
  it('say what is known, and what the profile says over that', () => {
    const image = {
      vcsUrl: 'https://me@example.org/x.git@0a1b',
      annotations: { 'org.opencontainers.image.title': 'T', x: 'y' },
    };
    expect(annotationsOf(factsOf(image, { base: baseOf({}) }))).toEqual({
      'org.opencontainers.image.created': '2023-11-14T22:13:20Z',
      'org.opencontainers.image.title': 'T',
      'org.opencontainers.image.description': 'A server',
      'org.opencontainers.image.version': '13',
      'org.opencontainers.image.source': 'https://me@example.org/x.git',
      'org.opencontainers.image.revision': '0a1b',
      'org.opencontainers.image.base.name': 'docker.io/library/debian:trixie',
      'org.opencontainers.image.base.digest': DIGEST,
      x: 'y',
    });
  });

  it.each([
    ['https://example.org/x', 'https://example.org/x', undefined],
    ['git@example.org:x.git', 'git@example.org:x.git', undefined],
    ['git@example.org:x.git@v1', 'git@example.org:x.git', 'v1'],
    ['https://me@example.org/x', 'https://me@example.org/x', undefined],
  ])('%s is a source and perhaps a revision', (vcsUrl, source, revision) => {
    const annotations = annotationsOf(factsOf({ vcsUrl }));
    expect(annotations['org.opencontainers.image.source']).toBe(source);
    expect(annotations['org.opencontainers.image.revision']).toBe(revision);
  });
});

describe('the configuration of an image', () => {
  it('is all that the profile says', () => {
    const image = {
      entrypoint: ['/bin/web', '-x'],
      cmd: ['--port', '80'],
      stopSignal: 'SIGQUIT',
      workDir: '/srv',
      volumes: ['/data'],
      exposedPorts: ['80/tcp'],
      labels: { team: 'a', title: 'L' },
    };
    expect(imageConfig(factsOf(image, { runAs: 'web' }), { title: 'T' }, [LAYER])).toEqual({
      os: 'linux',
      architecture: 'arm',
      variant: 'v7',
      created: '2023-11-14T22:13:20Z',
      config: {
        User: 'web',
        ExposedPorts: { '80/tcp': {} },
        Env: ['A=1', 'B=2'],
        Entrypoint: ['/bin/web', '-x'],
        Cmd: ['--port', '80'],
        Volumes: { '/data': {} },
        WorkingDir: '/srv',
        Labels: { team: 'a', title: 'L' },
        StopSignal: 'SIGQUIT',
      },
      rootfs: { type: 'layers', diff_ids: [LAYER.diffId] },
      history: [{ created: '2023-11-14T22:13:20Z', created_by: 'koala-bootstrap stage web' }],
    });
  });

  it('has nothing that nobody says', () => {
    expect(runOf(factsOf({}))).toEqual({ Env: ['A=1', 'B=2'], Labels: {} });
  });

  const below: RunConfig = {
    User: 'them',
    ExposedPorts: { '22/tcp': {} },
    Env: ['A=0', 'C=3=4', 'D'],
    Entrypoint: ['/bin/them'],
    Cmd: ['-x'],
    Volumes: { '/them': {} },
    WorkingDir: '/them',
    Labels: { l: '1' },
    StopSignal: 'SIGINT',
  };

  it.each<[string, Partial<ImageSettings>, RunConfig]>([
    ['what a base says holds', {}, { ...below, Env: ['A=1', 'B=2', 'C=3=4', 'D='] }],
    ['another program has none of its arguments', { entrypoint: ['/w'] }, { Entrypoint: ['/w'] }],
    ['other arguments are of its program', { cmd: ['-y'] }, { Entrypoint: ['/bin/them'], Cmd: ['-y'] }],
    [
      'ports, volumes and labels are added',
      { exposedPorts: ['80/tcp'], volumes: ['/v'], labels: { m: '2' } },
      {
        ExposedPorts: { '22/tcp': {}, '80/tcp': {} },
        Volumes: { '/them': {}, '/v': {} },
        Labels: { l: '1', m: '2' },
      },
    ],
  ])('%s', (_, image, expected) => {
    const run = runOf(factsOf(image, { base: baseOf(below) }));
    expect(run).toMatchObject(expected);
    if (image.entrypoint !== undefined) expect(run).not.toHaveProperty('Cmd');
  });

  it("has a base's layers and history below its own", () => {
    const { rootfs, history } = imageConfig(factsOf({}, { base: baseOf({}) }), {}, [LAYER]);
    expect(rootfs.diff_ids).toEqual([DIGEST, LAYER.diffId]);
    expect(history?.map((entry) => entry.created_by)).toEqual(['them', 'koala-bootstrap stage web']);
  });
});
