import { compareStrings } from '../shell/bytes.js';
import type { Bytes } from '../shell/types.js';
import type { Files } from './files.js';

export const PAM_TYPES = ['auth', 'account', 'password', 'session', 'session-noninteractive'] as const;
export type PamType = (typeof PAM_TYPES)[number];

/** A file of /usr/share/pam-configs. */
export interface PamProfile {
  readonly name: Bytes;
  readonly priority: number;
  readonly isDefault: boolean;
  readonly conflicts: ReadonlySet<Bytes>;
  /** All fields as they are read: `Auth`, `Auth-Type`, `Auth-Initial` and so on. */
  readonly fields: ReadonlyMap<Bytes, Bytes>;
}

const PROFILES = '/usr/share/pam-configs';

/** The profiles, the highest priority first, equal ones by name downward (pam-auth-update's order). */
export function readProfiles(files: Files): PamProfile[] {
  const names = files.list(PROFILES).filter((name) => !name.endsWith('~') && !/^#.+#$/.test(name));
  const profiles = names.map((name) => parseProfile(name, files.read(`${PROFILES}/${name}`) ?? ''));
  const usable = profiles.filter(({ fields }) => ![...fields.values()].some((value) => value.includes('pam_tally')));
  return usable.sort((a, b) => b.priority - a.priority || compareStrings(b.name, a.name));
}

function parseProfile(name: Bytes, text: Bytes): PamProfile {
  const fields = new Map<Bytes, Bytes>();
  let conflicts: ReadonlySet<Bytes> = new Set();
  let current = '';
  for (const line of text.split('\n')) {
    const [, field, value = ''] = /^(\S+):\s+(.*)\s*$/.exec(`${line}\n`) ?? [];
    if (field !== undefined) {
      current = field.replace(/-Final$/, '');
      if (current === 'Conflicts') conflicts = new Set(value.split(', '));
      else fields.set(current, value);
    } else if (line.trim() !== '') {
      fields.set(current, `${fields.get(current) ?? ''}\n${line.trim()}`.replace(/^\s+/, ''));
    }
  }
  // Session modules also serve sessions that are not interactive, unless the profile says otherwise.
  if (fields.get('Session-Interactive-Only') !== 'yes') {
    for (const suffix of ['-Type', '', '-Initial']) {
      const value = fields.get(`Session${suffix}`);
      if (value !== undefined) fields.set(`Session-noninteractive${suffix}`, value);
    }
  }
  return {
    name,
    priority: Number(fields.get('Priority') ?? 0),
    isDefault: fields.get('Default') === 'yes',
    conflicts,
    fields,
  };
}

/** The lines that a profile gives for a type; the first profile of a stack has lines of its own. */
export function moduleLines({ fields }: PamProfile, type: PamType, first: boolean): Bytes {
  const field = fieldOf(type);
  const initial = fields.get(`${field}-Initial`);
  return first && initial !== undefined && initial !== '' ? initial : (fields.get(field) ?? '');
}

/** `Primary`, `Additional` or '' where the profile has no lines for a type. */
export function blockOf({ fields }: PamProfile, type: PamType): Bytes {
  return fields.get(`${fieldOf(type)}-Type`) ?? '';
}

function fieldOf(type: PamType): Bytes {
  return type.charAt(0).toUpperCase() + type.slice(1);
}
