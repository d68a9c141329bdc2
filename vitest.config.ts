import { defineConfig } from 'vitest/config';

// With `npm run rehearsal` the days that take longest are rehearsed as well.
const days = process.env['PURCHASES_REHEARSAL'] === 'all' ? ['test/rehearsal/*.long.ts'] : [];

// Real engines and child processes run in the tests: forks keep a crash to its own file, and two
// workers keep their time limits true on the two cores of a small CI machine.
export default defineConfig({
  test: {
    globalSetup: ['test/servers/global-setup.ts'],
    // What functions log and measure, and what the AWS SDK says of Node's age, is no test's output.
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
          // The pipeline of AWS on this machine, end to end: processes of its own, so nothing else
          // runs beside it.
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
