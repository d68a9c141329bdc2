import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Cloud, startCloud } from '../servers/moto.ts';
import { startPostgres } from '../servers/postgres.ts';
import type { TestServer } from '../servers/process.ts';
import { document, purchases } from '../support/cli.ts';
import { sharedFolder } from '../support/folders.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const SIX =
  'customer_id, full_name, email, total_spent_aud, first_purchase_date, last_purchase_date';
const at = sharedFolder();
let cloud: Cloud;
let postgres: TestServer;

beforeAll(async () => {
  [cloud, postgres] = await Promise.all([startCloud(), startPostgres()]);
  // The SDK reads its endpoint and credentials from the process's environment, as every AWS tool
  // does.
  for (const [name, value] of Object.entries(cloud.env)) vi.stubEnv(name, value);
  await new S3Client(cloud.client).send(
    new CreateBucketCommand({
      Bucket: 'customer-purchases',
      CreateBucketConfiguration: { LocationConstraint: 'ap-southeast-2' },
    }),
  );
});
afterAll(() => Promise.all([cloud.stop(), postgres.stop()]));

const run = (lake: string, warehouse: string, ...args: string[]): ReturnType<typeof purchases> =>
  purchases(
    { cwd: at.folder, env: { PURCHASES_LAKE: lake, PURCHASES_WAREHOUSE: warehouse } },
    ...args,
    '--json',
  );

test('a lake in S3 produces the table that a folder produces, whichever of two concurrent writers wins', async () => {
  const inFolder = await postgres.createDatabase('folder');
  const inS3 = await postgres.createDatabase('s3');
  const lake = 's3://customer-purchases/datalake';
  document(await run('./lake', inFolder, 'run', '--samples'));
  const both = await Promise.all([1, 2].map(() => run(lake, inS3, 'run', '--samples')));
  const seqs = both.map((answer) => document(answer) as { seq: number });
  expect(seqs.map(({ seq }) => seq)).toContain(1);

  const table = `select ${SIX} from customer_purchase_summary order by customer_id`;
  const rows = await postgres.sql('folder', table);
  expect(rows).toHaveLength(23);
  expect(await postgres.sql('s3', table)).toEqual(rows);
  expect(document(await run(lake, inS3, 'run'))).toMatchObject({
    objects: { added: 0, replaced: 0, remade: 0, removed: 0 },
    customers: { inserted: 0, updated: 0, deleted: 0 },
  });
  const [counted] = document(
    await run(lake, inS3, 'query', 'select count(*) as n from gold'),
  ) as object[];
  expect(counted).toEqual({ n: '23' });
  expect((await run(lake, inS3, 'verify')).code).toBe(0);
});
