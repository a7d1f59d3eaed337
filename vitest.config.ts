import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const report = process.env['KOALA_TEST_REPORT'];

/**
 * Tests import `src/`, so that editors and the type checker follow them, and run what ships, `dist/`: worker threads
 * load compiled files, and a test of anything else would not be a test of the package.
 */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^(?:\.\.\/)+src\/(.*)\.js$/, replacement: fileURLToPath(new URL('./dist/$1.js', import.meta.url)) },
    ],
  },
  test: {
    globalSetup: ['test/setup.ts'],
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    ...(report === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: report } }),
  },
});
