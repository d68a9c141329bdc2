import { defineConfig } from 'vitest/config';

// Real engines and child processes run in the tests: forks keep a crash to its own file, and two
// workers keep their time limits true on the two cores of a small CI machine.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/servers/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
