import { expect, it } from 'vitest';
import { CORE_COMMANDS } from '../../../src/configure/commands/core/registry.js';
import { World } from '../effects/harness.js';

it.each([
  [['--output=avail', '/var'], 'Avail\n1073741824\n'],
  [['-Pk', '/var'], 'Filesystem 1K-blocks Used Avail Use% Mounted on\noverlay 1073741824 0 1073741824 0% /\n'],
])('df %j says that there is room', (args, shown) => {
  expect(new World(undefined, { commands: CORE_COMMANDS }).run(['df', ...args])).toEqual({
    status: 0,
    stdout: shown,
    stderr: '',
  });
});
