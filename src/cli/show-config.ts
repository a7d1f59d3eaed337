import { jsonText } from '../formats/json-text.js';
import { profileFields } from '../profile/write.js';
import { profileGiven } from './choice.js';
import type { Io } from './io.js';

/** The options of `show-config` as the parser gives them. */
export interface ShowConfigArguments {
  readonly profile: string | undefined;
  readonly json: boolean;
}

/** Prints a profile with all that it extends, as one file would have it. */
export async function runShowConfig({ profile, json }: ShowConfigArguments, io: Io): Promise<void> {
  const fields = profileFields(await profileGiven({ profile }));
  if (json) {
    io.stdout.write(jsonText(fields));
    return;
  }
  const { stringify } = await import('yaml');
  io.stdout.write(stringify(fields, { version: '1.2', schema: 'core', lineWidth: 0, aliasDuplicateObjects: false }));
}
