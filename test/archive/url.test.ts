import { expect, it } from 'vitest';
import { proxyFor } from '../../src/archive/proxy.js';
import { joinUrl, maskUrl } from '../../src/archive/url.js';

it.each([
  ['http://host/x', 'http://host/x'],
  ['https://me:secret@host/x', 'https://me:***@host/x'],
  ['https://me:se:cr@et@host/x', 'https://me:***@host/x'],
  ['http://host:80/a@b', 'http://host:80/a@b'],
  ['file:///a:b@c', 'file:///a:b@c'],
])('maskUrl(%s)', (url, masked) => {
  expect(maskUrl(url)).toBe(masked);
});

it.each([
  [
    'http://m/debian',
    'pool/main/g/g++/g++_4%3a1.0~rc_all.deb',
    'http://m/debian/pool/main/g/g++/g++_4%253a1.0~rc_all.deb',
  ],
  ['http://m/debian/', './Packages', 'http://m/debian/Packages'],
  ['http://m', 'a b#c?d', 'http://m/a%20b%23c%3Fd'],
])('joinUrl(%s, %s)', (base, path, url) => {
  expect(joinUrl(base, path)).toBe(url);
});

const proxy = 'http://p:3128';
it.each([
  ['http://m/', {}, undefined],
  ['http://m/', { http_proxy: proxy }, proxy],
  ['http://m/', { http_proxy: 'p:3128' }, proxy],
  ['http://m/', { HTTP_PROXY: proxy }, undefined],
  ['http://m/', { https_proxy: proxy }, undefined],
  ['https://m/', { HTTPS_PROXY: proxy }, proxy],
  ['https://m/', { http_proxy: proxy }, undefined],
  ['https://m/', { all_proxy: proxy }, proxy],
  ['http://m/', { ALL_PROXY: proxy, http_proxy: '' }, proxy],
  ['http://m/', { http_proxy: proxy, no_proxy: '*' }, undefined],
  ['http://m.example.org/', { http_proxy: proxy, no_proxy: 'x, example.org' }, undefined],
  ['http://m.example.org/', { http_proxy: proxy, NO_PROXY: '.example.org' }, undefined],
  ['http://badexample.org/', { http_proxy: proxy, no_proxy: 'example.org' }, proxy],
  ['http://m:8080/', { http_proxy: proxy, no_proxy: 'm:80' }, proxy],
  ['http://m/', { http_proxy: proxy, no_proxy: 'm:80' }, undefined],
  ['http://[::1]/', { http_proxy: proxy, no_proxy: '[::1]' }, undefined],
  ['http://[::1]/', { http_proxy: proxy, no_proxy: '::1' }, undefined],
])('proxyFor(%s) in %j', (url, environment, expected) => {
  expect(proxyFor(new URL(url), environment)).toBe(expected);
});

it('refuses a proxy of another kind', () => {
  expect(() => proxyFor(new URL('http://m/'), { http_proxy: 'socks5://me:secret@p' })).toThrow(
    'cannot use the proxy socks5://me:***@p: it is not an http or https URL',
  );
});
