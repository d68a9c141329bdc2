import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { held } from './peak.ts';
import { type Style, writeBomb, writeLarge, writeLongLine } from './write-large.ts';

/** Size of the large files; `npm run test:long` uses 1,000, which implies a bomb of 10 GB. */
const MEGABYTES = Number(process.env['PURCHASES_TEST_MEGABYTES'] ?? '30');
const BYTES = MEGABYTES * 1e6;
const MOST_MEMORY = 1e9;
const TIMEOUT = 120_000 + MEGABYTES * 3_000;

type Report = {
  rows: { read: number; accepted: number; duplicate: number; quarantined: number };
  objects: { quarantined: number };
};

/** A lake with one object, which `write` creates; its run and the peak of its memory. */
async function ran<T>(key: string, write: (path: string) => Promise<T>) {
  const root = await mkdtemp(join(tmpdir(), 'large-'));
  const path = join(root, 'lake/bronze', key);
  try {
    await mkdir(dirname(path), { recursive: true });
    const written = await write(path);
    const { code, stdout, stderr, memory, seconds } = await held(
      root,
      'run',
      '--lake',
      'lake',
      '--json',
    );
    if (code !== 0) throw new Error(`the run ended with ${code}: ${stderr}`);
    const { stdout: listed } = await held(root, 'quarantine', '--lake', 'lake', '--json');
    console.log(`${key}: ${seconds.toFixed(1)} s, at most ${(memory / 1e6).toFixed(0)} MB`);
    return { written, report: JSON.parse(stdout) as Report, memory, listed };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

test.each<{ style: Style; key: string }>([
  { style: 'plain', key: 'shop/2026-04-01/plain.csv' },
  { style: 'quoted', key: 'shop/2026-04-01/quoted.csv' },
  { style: 'ndjson', key: 'shop/2026-04-01/lines.ndjson' },
])(
  `${MEGABYTES} MB of purchases, $style, go through in less than 1 GB, every row accounted for`,
  { timeout: TIMEOUT },
  async ({ style, key }) => {
    const { written, report, memory } = await ran(key, (path) => writeLarge(path, style, BYTES));
    expect(report.rows).toMatchObject({
      read: written.rows,
      accepted: written.rows - written.rejected - written.duplicate,
      duplicate: written.duplicate,
      quarantined: written.rejected,
    });
    expect(memory).toBeLessThan(MOST_MEMORY);
  },
);

test(
  `a gzip bomb of ${MEGABYTES * 10} MB is rejected in less than 1 GB, with the reason`,
  { timeout: TIMEOUT },
  async () => {
    const { report, memory, listed } = await ran('shop/2026-04-01/bomb.csv.gz', (path) =>
      writeBomb(path, BYTES * 10),
    );
    expect(report.objects.quarantined).toBe(1);
    expect(listed).toContain('200 times its size');
    expect(memory).toBeLessThan(MOST_MEMORY);
  },
);

test(
  'an object with a line of 300 MB is rejected in less than 1 GB, with the reason',
  { timeout: TIMEOUT },
  async () => {
    const { report, memory, listed } = await ran('shop/2026-04-01/line.csv', (path) =>
      writeLongLine(path, 300e6),
    );
    expect(report.objects.quarantined).toBe(1);
    expect(listed).toContain('longer than the 268435456');
    expect(memory).toBeLessThan(MOST_MEMORY);
  },
);

test(
  "a row of eight million values, too large for one worker's memory, is read with more",
  { timeout: TIMEOUT },
  async () => {
    const start = '{"customer_id":1,"purchase_date":"2026-04-01","amount":1,"currency":"AUD"';
    const { report } = await ran('shop/2026-04-01/values.ndjson', (path) =>
      writeFile(
        path,
        `${start},"purchase_id":"a"}\n${start},"purchase_id":"b","x":[${'1,'.repeat(8_000_000)}1]}\n`,
      ),
    );
    expect(report.rows).toMatchObject({ read: 2, accepted: 2 });
  },
);
