import { expect, it } from 'vitest';
import { World } from './harness.js';

it.each([
  ['cap_net_raw+ep', '/bin/ping cap_net_raw=ep\n'],
  ['cap_dac_override,cap_bpf=p', '/bin/ping cap_dac_override,cap_bpf=p\n'],
  ['-r', ''],
])('getcap after setcap %s', (capabilities, shown) => {
  const world = new World().add({ '/bin/ping': 'program' });
  world.run(['setcap', capabilities, '/bin/ping']);
  expect(world.run(['getcap', '/bin/ping'])).toEqual({ status: 0, stdout: shown, stderr: '' });
});

// The bytes are what `getfattr -n security.capability -e hex` shows after the real setcap.
it.each([
  ['cap_net_raw+ep', '0100000200200000000000000000000000000000'],
  ['cap_dac_override,cap_sys_admin,cap_net_admin=ep', '0100000202102000000000000000000000000000'],
  ['cap_bpf+p', '0000000200000000000000008000000000000000'],
])('setcap %s', (capabilities, hex) => {
  const world = new World().add({ '/bin/ping': 'program' });
  expect(world.run(['setcap', capabilities, '/bin/ping']).status).toBe(0);
  const value = world.tree.get('/bin/ping')?.xattrs.get('security.capability');
  expect(Buffer.from(value ?? []).toString('hex')).toBe(hex);
});
