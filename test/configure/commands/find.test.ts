import { expect, it } from 'vitest';
import { CORE_COMMANDS } from '../../../src/configure/commands/core/registry.js';
import { World } from '../effects/harness.js';

// As GNU find 4.10 answers.
it.each([
  [['-printf', '%f:%h:%y:%m\\n'], 'd::d:755\na.1:/d:f:644\nb:/d:l:777\n'],
  [['-name', 'b', '-printf', '%p -> %l %u %%\\t'], '/d/b -> a.1 root %\t'],
  [['-regex', '.*/[a-z]\\.[0-9]+'], '/d/a.1\n'],
  [['-iregex', '/D/\\(a\\|B\\)\\(.1\\)?'], '/d/a.1\n/d/b\n'],
])('find /d %j', (args, shown) => {
  const world = new World(undefined, { commands: CORE_COMMANDS }).add({
    '/etc/passwd': 'root:x:0:0::/:/bin/sh\n',
    '/d/a.1': 'x',
    '/d/b': '-> a.1',
  });
  expect(world.run(['find', '/d', ...args])).toEqual({ status: 0, stdout: shown, stderr: '' });
});
