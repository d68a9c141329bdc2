import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEnvironment, played } from './environment.ts';
import { noCounts, type Environment } from './world.ts';

/** How many histories are played; `npm run test:attacks` plays 500. */
const HISTORIES = Number(process.env['PURCHASES_TEST_HISTORIES'] ?? '4');
const SEED = Number(process.env['PURCHASES_TEST_SEED'] ?? '1');
const MS_A_HISTORY = 120_000;
const MOST_FAILURES = Number(process.env['PURCHASES_TEST_MOST_FAILURES'] ?? '5');
const REPORTED_EVERY = 25;

let environment: Environment;
const counts = noCounts();
beforeAll(async () => {
  environment = await newEnvironment(counts);
});
afterAll(() => environment[Symbol.asyncDispose]());

const WITHOUT = process.env['PURCHASES_TEST_WITHOUT'];
const replay = (seed: number): string =>
  `${WITHOUT === undefined ? '' : `PURCHASES_TEST_WITHOUT=${WITHOUT} `}PURCHASES_TEST_SEED=${seed} PURCHASES_TEST_HISTORIES=1 npx vitest run --project tests test/attacks/histories.test.ts`;

const summary = (wrong: number): string =>
  `${counts.histories} histories from seed ${SEED} on: ${counts.steps} steps, ${counts.runs} runs, ${counts.kills} kills, ${counts.erasures} erasures, ${counts.copies} copies, ${counts.backups} backups, ${counts.refusals} refusals; ${wrong} with violations`;

test(
  'after any changes to files, lakes, copies and tables, totals follow the rules or the command is refused',
  async () => {
    const wrong: string[] = [];
    for (let seed = SEED; seed < SEED + HISTORIES && wrong.length < MOST_FAILURES; seed++) {
      const { found, log } = await played(environment, seed);
      if (found.length > 0) {
        wrong.push([replay(seed), ...log.map((one) => `  ${one}`), ...found].join('\n'));
        console.log(wrong.at(-1));
      }
      counts.histories += 1;
      if (counts.histories % REPORTED_EVERY === 0 || counts.histories === HISTORIES)
        console.log(summary(wrong.length));
    }
    expect(wrong.join('\n\n')).toBe('');
  },
  HISTORIES * MS_A_HISTORY,
);
