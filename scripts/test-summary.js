// Prints `N passed, N failed` from a report of vitest's JSON reporter, and fails if a test failed.
// Usage: node scripts/test-summary.js REPORT. A missing report means that the tests did not start
// and counts as one failure.
import { readFileSync } from 'node:fs';

/**
 * Counts of a report. A file that failed before its first test, or an error outside any test,
 * counts as a failure.
 */
export function summary(report) {
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = report.numFailedTests + broken.length;
  return { passed: report.numPassedTests, failed: report.success || failed > 0 ? failed : 1 };
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { testResults: [], numPassedTests: 0, numFailedTests: 1, success: false };
  }
}

const [path] = process.argv.slice(2);
if (path !== undefined) {
  const { passed, failed } = summary(read(path));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
