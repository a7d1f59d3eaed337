import { expect, it } from 'vitest';
import { World } from './harness.js';

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
