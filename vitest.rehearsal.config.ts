import { defineConfig } from 'vitest/config';

// The pipeline of AWS on this machine, end to end: some minutes, so it is a command of its own (npm run rehearsal).
export default defineConfig({
  test: {
    include: ['test/rehearsal/*.rehearsal.ts'],
    globalSetup: ['test/servers/global-setup.ts', 'test/rehearsal/build.ts'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 300_000,
    disableConsoleIntercept: true,
  },
});
