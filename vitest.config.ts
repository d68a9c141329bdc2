import { defineConfig } from 'vitest/config';

// `npm run rehearsal` includes the days that take longest.
const days = process.env['PURCHASES_REHEARSAL'] === 'all' ? ['test/rehearsal/*.long.ts'] : [];

// Real engines and child processes run in the tests: forks keep a crash to its own file, and two
// workers keep time limits valid on the two cores of a small CI machine.
export default defineConfig({
  test: {
    globalSetup: ['test/servers/global-setup.ts'],
    // Silences the logs and metrics of functions, and the AWS SDK's warning about Node's age.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['{src,test,bench}/**/*.test.ts'],
          env: { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' },
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          // The pipeline of AWS on this machine, end to end: it starts its own processes, so
          // nothing else runs at the same time.
          name: 'rehearsal',
          include: ['test/rehearsal/*.rehearsal.ts', ...days],
          globalSetup: ['test/rehearsal/build.ts'],
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          testTimeout: 1_800_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
