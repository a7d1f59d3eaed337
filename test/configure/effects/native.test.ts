import { describe, expect, it } from 'vitest';
import { scriptRunner } from '../../../src/configure/run-scripts.js';
import { mergePackages } from '../../../src/rootfs/merge.js';
import { mergeInput } from '../../rootfs/inputs.js';

/** The text that wngerman 20161207-11 and others have, byte for byte. */
const CONFIG = `#!/usr/bin/perl -w
use Debconf::Client::ConfModule q(:all);

version ('2.0');

my $class  = "wordlist";
my $script = "/usr/share/dictionaries-common/dc-debconf-select.pl";

if ( -e $script ){
    require $script;
    dc_debconf_select($class);
}
`;

function outcome(config: string, files: readonly string[] = []) {
  const packages = [mergeInput('words', files, { control: { config } })];
  const tree = mergePackages(packages, 'amd64', 0);
  const architectures = { native: 'amd64', foreign: [] };
  return scriptRunner(tree, { architectures, epoch: 0, mode: 'full' }).run(packages)[0]?.outcome;
}

describe('a native effect', () => {
  it.each([
    ['a text that is known', CONFIG, [], 'native-effect'],
    ['another text', CONFIG.replace('2.0', '2.1'), [], 'not-understood'],
    [
      'a tree in which it would do more',
      CONFIG,
      ['/usr/share/dictionaries-common/dc-debconf-select.pl'],
      'not-understood',
    ],
  ])('of %s', (_, config, files, expected) => {
    expect(outcome(config, files)).toBe(expected);
  });
});
