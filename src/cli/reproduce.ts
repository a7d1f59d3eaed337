import type { BuildOptions } from '../build-types.js';
import type { FirstDifference } from '../diff/first-difference.js';
import { KoalaError } from '../formats/errors.js';
import { type ArtifactForm, formOf, reproduce } from '../reproduce.js';
import { commonSettingsOf } from './build.js';
import { fileText } from './diff.js';
import { imageSettingsOf } from './images.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { withProgress } from './progress.js';
import { counted, type Look, lookOf } from './text.js';
import type { VerifyArguments } from './verify.js';

/**
 * Builds an artifact anew from its lock, and compares each byte.
 *
 * @returns what to say where they are the same
 * @throws KoalaError `verify` that names the first file and what is other of it
 */
export async function runReproduce(given: VerifyArguments, io: Io, interruption: Interruption): Promise<string> {
  const { artifact, lock } = given;
  if (lock === undefined) {
    throw new KoalaError('usage', `cannot build ${artifact} anew without a lock: give --lock FILE`, {
      hint: 'koala-bootstrap lock writes one',
    });
  }
  const form = await formOf(artifact);
  return withProgress(io, given, interruption, async (_, watch) => {
    const { place, make } = await makerOf(form, given, io);
    const found = await reproduce(artifact, place, (output) => make({ ...watch, output }));
    if (found === undefined) return `the same as ${lock} gives`;
    throw difference(artifact, found, lookOf(io.stderr, io.environment));
  });
}

interface Maker {
  readonly place: Pick<BuildOptions, 'cacheDir' | 'offline'>;
  make(where: Pick<BuildOptions, 'output' | 'signal' | 'onEvent'>): Promise<unknown>;
}

/** What builds something of the same form, by the options of a build. */
async function makerOf(form: ArtifactForm, given: VerifyArguments, io: Io): Promise<Maker> {
  // What a build left in the cache would be no proof.
  const anew = { reuse: false, takeStages: false };
  if (form.type === 'image') {
    const { format, architectures, layerCompression } = form;
    const arch = given.arch.length > 0 ? given.arch : architectures;
    const settings = { ...(await imageSettingsOf({ ...given, arch }, io)), format, layerCompression, ...anew };
    return { place: settings, make: (where) => io.buildImages({ ...settings, ...where }) };
  }
  const { choice, architectures: _, ...common } = await commonSettingsOf(given, io);
  const settings = { ...choice, ...common, format: form.format, ...anew };
  return { place: settings, make: (where) => io.build({ ...settings, ...where }) };
}

function difference(artifact: string, { place, what, more }: FirstDifference, look: Look): KoalaError {
  const where = place === undefined ? '' : `${place}: `;
  const others =
    more === 0 ? [] : [`and ${counted(more, 'more file')} of ${place === undefined ? 'it' : 'that layer'}`];
  if (typeof what === 'string') {
    return new KoalaError('verify', `cannot reproduce ${artifact}: ${where}${what}`, { details: others });
  }
  const { path, before, after, fields } = what;
  const how =
    before === undefined
      ? 'is missing'
      : after === undefined
        ? 'is there, and the lock does not give it'
        : `differs in ${[...new Set(fields.map((field) => ATTRIBUTES[field]))].join(', ')}`;
  return new KoalaError('verify', `cannot reproduce ${artifact}: ${where}${path} ${how}`, {
    details: [fileText(what, { ...look, color: false }), ...others],
  });
}

const ATTRIBUTES = {
  type: 'type',
  mode: 'mode',
  owner: 'owner',
  size: 'content',
  sha256: 'content',
  target: 'target',
  xattrs: 'xattr',
  mtime: 'mtime',
} as const;
