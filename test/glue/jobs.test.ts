import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { LoadIncomplete } from '../../src/errors.ts';
import { commitKey, runKey } from '../../src/lake/layout.ts';
import { readCommit, readLedger } from '../../src/lake/ledger/ledger.ts';
import { dump, stagedRows, STAGING } from '../../src/lake/ports/warehouse-fixture.ts';
import type { Load, Warehouse } from '../../src/lake/ports/warehouse.ts';
import { findDocument, readDocument } from '../../src/lake/run/run-documents.ts';
import type { Step, Steps } from '../../src/state-machine/run-state.ts';
import { s3Store } from '../../src/stores/s3/s3.ts';
import { openMysql } from '../../src/warehouses/mysql/warehouse.ts';
import { openPostgres } from '../../src/warehouses/postgres/warehouse.ts';
import { selfSigned, servedWith } from '../servers/certificates.ts';
import { startMariadb } from '../servers/mariadb.ts';
import { type Cloud, startCloud } from '../servers/moto.ts';
import { startPostgres } from '../servers/postgres.ts';
import { PASSWORD, type TestServer } from '../servers/process.ts';
import { commitCutter } from '../servers/proxy.ts';
import { sharedFolder } from '../support/folders.ts';
import { csv, tinyLake, type TinyLake } from '../support/tiny-lake.ts';
import { type JobLake, jobSteps, runByJobs, stageByJob } from './run-by-jobs.ts';
import { jobEnvironment, type SparkJobs, sparkSubmit, startSparkJobs } from './spark-jobs.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

const at = sharedFolder();
let postgres: TestServer;
let mariadb: TestServer;
let cloud: Cloud;
let spark: SparkJobs;

beforeAll(async () => {
  for (const name of [...SERVERS, 'another'] as const) await selfSigned(certificates(name));
  [postgres, mariadb, cloud] = await Promise.all([
    startPostgres(servedWith('PostgreSQL', certificates('PostgreSQL'))),
    startMariadb(servedWith('MariaDB', certificates('MariaDB'))),
    startCloud(),
  ]);
  spark = await startSparkJobs(cloud.env);
  // A small table: the package's own has 300,000 days of currencies.
  await writeFile(
    join(at.folder, 'rates.csv'),
    'currency,rate_date,rate_aud\nUSD,2026-12-30,1.5\nUSD,2026-12-31,1.6\n',
  );
});
afterAll(async () => {
  await spark[Symbol.asyncDispose]();
  await Promise.all([postgres.stop(), mariadb.stop(), cloud.stop()]);
});

const SERVERS = ['PostgreSQL', 'MariaDB'] as const;
const certificates = (name: string): string => join(at.folder, name);
const authorities = (name: string): string => join(certificates(name), 'server.crt');

async function opened(server: TestServer, database: string) {
  const url = await server.createDatabase(database);
  const open = url.startsWith('mysql:') ? openMysql : openPostgres;
  const warehouse: Warehouse = open({ url, random: Math.random });
  await warehouse.migrate();
  return { url, warehouse };
}

async function newLake(database: string): Promise<{ lake: TinyLake; place: JobLake }> {
  const { url, warehouse } = await opened(postgres, database);
  const lake = await tinyLake(warehouse);
  const path = join(at.folder, 'rates.csv');
  lake.deps.rates = { ...lake.deps.rates, configured: { kind: 'file', path } };
  return { lake, place: { lake: lake.root, deps: lake.deps, url } };
}

/**
 * A lake with all kinds of content: lines that Spark splits, quoted lines, JSON, a customer in
 * dollars, rejected rows and objects.
 */
const FIRST: Record<string, string> = {
  '2026/12/31/lines.csv': csv(
    '1,Ada,p1,2026-12-31,10.00',
    '1,Ada,p2,2026-12-30,2.005',
    '2,Bob,p3,2026-12-31,x',
    '3,Cy,p4,2026-12-31,7.00',
  ),
  '2026/12/31/quoted.csv': csv(
    '"4","Dee ""D""",p5,2026-12-31,1.00',
    '1,"Ada, again",p1,2026-12-31,11.00',
  ),
  '2026/12/31/rows.jsonl':
    '{"customer_id":5,"purchase_id":"p6","purchase_date":"2026-12-31","amount":10.00,"currency":"usd"}\n{"customer_id":\n',
  '2026/12/31/no-header.csv': 'a,b\n1,2\n',
};
const THIRD = { '2026/12/31/more.csv': csv('7,Gil,p8,2026-12-31,9.00', '3,Cy,p4,2026-12-31,7.00') };
const SECOND: Record<string, string | undefined> = {
  '2026/12/31/lines.csv': csv('1,Ada,p1,2026-12-31,10.00', '6,Fay,p7,2026-12-31,8.00'),
  '2026/12/31/rows.jsonl': undefined,
};

/** A commit's record of gold and of the outcome of each object. */
async function recordOf({ deps: { store } }: Pick<TinyLake, 'deps'>, seq: number) {
  const { commit } = await readCommit(store, commitKey(seq));
  const { added, replaced, remade, removed } = commit.objects;
  const objects = [...added, ...replaced, ...remade]
    .map(({ key, rows, reasons, repairs, refused }) => ({ key, rows, reasons, repairs, refused }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const { customers, total, digest } = commit.gold ?? {};
  return {
    objects,
    removed,
    customers,
    total,
    digest,
  };
}

/** Runs the jobs on a lake whose objects change while the first of them starts to read. */
function whileReading(steps: Steps, change: () => Promise<void>): Steps {
  let changed = false;
  const BronzeToSilver: Step = async (state, context) => {
    if (!changed) await change();
    changed = true;
    return steps.BronzeToSilver(state, context);
  };
  return { ...steps, BronzeToSilver };
}

test('the jobs and DuckDB build the same lake, and each continues from the other', async () => {
  const jobs = await newLake('by_jobs');
  const duckdb = await newLake('by_duckdb');
  await using onSpark = jobs.lake;
  await using onDuckdb = duckdb.lake;
  const steps = jobSteps(spark, jobs.place);
  const tables = async (): Promise<string[][]> => [
    await dump(await onSpark.deps.warehouse()),
    await dump(await onDuckdb.deps.warehouse()),
  ];

  await onDuckdb.run(FIRST);
  await onSpark.put(FIRST);
  expect(await runByJobs(steps, 'first')).toMatchObject({ seq: 1, engine: 'glue', tries: 1 });
  expect(await recordOf(onSpark, 1)).toEqual(await recordOf(onDuckdb, 1));
  const [table, expected] = await tables();
  expect(table).toEqual(expected);
  expect(table).toHaveLength(4);
  expect(await stagedRows(await onSpark.deps.warehouse())).toBe(0);

  // DuckDB continues from the jobs' lake, and the jobs from DuckDB's, with an object that is
  // overwritten during the run.
  for (const lake of [onSpark, onDuckdb]) await lake.run(SECOND);
  for (const lake of [onSpark, onDuckdb]) await lake.put(THIRD);
  const overwritten = { '2026/12/31/more.csv': csv('7,Gil,p8,2026-12-31,9.50') };
  const third = whileReading(steps, () => onSpark.put(overwritten));
  expect(await runByJobs(third, 'third')).toMatchObject({ seq: 3, tries: 2 });
  await onDuckdb.run(overwritten);
  expect(await recordOf(onSpark, 3)).toEqual(await recordOf(onDuckdb, 3));
  const [last, lastExpected] = await tables();
  expect(last).toEqual(lastExpected);

  // No intermediate file of the jobs is left, and gold's folder holds only the files that the
  // commit names.
  const { gold } = await readLedger(onSpark.deps.store);
  const left: string[] = [];
  for await (const { key } of onSpark.deps.store.list('_runs/'))
    if (key.includes('spark-')) left.push(key);
  for await (const { key } of onSpark.deps.store.list(gold?.prefix ?? '')) left.push(key);
  expect(left).toEqual(gold?.files.map(({ key }) => key));

  // Removing the last object removes all of gold.
  const all = Object.keys({ ...FIRST, ...SECOND, ...THIRD });
  await onSpark.put(Object.fromEntries(all.map((key) => [key, undefined])));
  expect(await runByJobs(steps, 'last')).toMatchObject({ seq: 4 });
  expect((await readLedger(onSpark.deps.store)).gold).toBeNull();
  expect(await dump(await onSpark.deps.warehouse())).toEqual([]);
});

describe.each([
  ['PostgreSQL', () => postgres],
  ['MariaDB', () => mariadb],
] as const)('a load by JDBC into %s', (name, server) => {
  test('whose task is retried after its rows were appended, whose job is restarted, or which lacks rows', async () => {
    const database = name.toLowerCase();
    const { lake, place } = await newLake(`gold_for_${database}`);
    await using onSpark = lake;
    await onSpark.run(FIRST);
    const expected = await dump(await onSpark.deps.warehouse());
    const { url, warehouse } = await opened(server(), `loaded_${database}`);
    const deps = { ...onSpark.deps, warehouse: async () => warehouse };
    const steps = jobSteps(spark, { ...place, deps, url });
    const load = (): Promise<Load> => readDocument(onSpark.deps.store, 'load', 'load');

    // Gold that differs from the ledger is reported by name, even if Parquet can read it.
    const { gold } = await readLedger(onSpark.deps.store);
    const [file] = gold?.files ?? [];
    const bytes = await onSpark.deps.store.read(file?.key ?? '');
    const other = Uint8Array.from(bytes ?? [], (byte, index) => (index === 100 ? byte ^ 1 : byte));
    await onSpark.deps.store.put(file?.key ?? '', other);
    await expect(stageByJob(steps, 'load')).rejects.toThrow(
      `LedgerDamaged: The file ${file?.key} is damaged`,
    );
    await onSpark.deps.store.put(file?.key ?? '', bytes ?? new Uint8Array());

    // The response to the first COMMIT is lost: Spark considers its task failed and appends the
    // rows again.
    const cutter = await commitCutter(server().port, 'after');
    const cut = new URL(url);
    cut.port = String(cutter.port);
    await stageByJob(jobSteps(spark, { ...place, deps, url: cut.href }), 'load');
    await cutter.close();
    expect(cutter.cuts()).toBe(1);
    const { rows } = await load();
    expect(rows).toBe(expected.length);
    expect(await stagedRows(warehouse)).toBeGreaterThan(rows);

    // That job counts as killed before it reported its load: the next one's rows are next to them,
    // under another id.
    await onSpark.deps.store.remove(runKey('load', 'load'));
    await stageByJob(steps, 'load');
    const whole = await load();
    expect(await stagedRows(warehouse)).toBeGreaterThan(2 * rows);
    const [lost] = expected.map((row) => (JSON.parse(row) as string[])[0]);
    await server().sql(
      `loaded_${database}`,
      `DELETE FROM ${STAGING} WHERE load_id = '${whole.loadId}' AND customer_id = ${lost}`,
    );
    await expect(warehouse.upsert(whole)).rejects.toThrow(LoadIncomplete);
    expect(await dump(warehouse)).toEqual([]);

    // With TLS: the job receives the server's own authority with its task; another authority fails.
    const encrypted = url.replace('127.0.0.1', 'localhost').concat('?sslmode=verify-full');
    const knowing = (whom: string): Steps =>
      jobSteps(spark, { ...place, deps, url: encrypted, authorities: authorities(whom) });
    await expect(stageByJob(knowing('another'), 'load')).rejects.toThrow(/PKIX|certificat/i);
    await stageByJob(knowing(name), 'load');
    expect(await warehouse.upsert(await load())).toMatchObject({
      outcome: 'applied',
      inserted: rows,
    });
    expect(await dump(warehouse)).toEqual(expected);
    expect(await stagedRows(warehouse)).toBe(0);
  });
});

test('a job under spark-submit that is killed while its rows are committed leaves the table unchanged, and the next one finishes', async () => {
  const { lake, place } = await newLake('gold_for_a_kill');
  await using onSpark = lake;
  await onSpark.run(FIRST);
  const { url, warehouse } = await opened(postgres, 'killed');
  const deps = { ...onSpark.deps, warehouse: async () => warehouse };
  const killing: Pick<SparkJobs, 'run'> = {
    async run(script, args) {
      // Any earlier, planning the load would find and refuse the trigger.
      await postgres.sql('killed', SLOW_COMMIT);
      const [command, words] = sparkSubmit(script, args);
      const child = spawn(command, words, {
        env: jobEnvironment(),
        stdio: 'ignore',
        detached: true,
      });
      const gone = once(child, 'close');
      await isCommitting('killed');
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await gone;
      return { counts: {}, failure: 'killed' };
    },
  };
  await expect(stageByJob(jobSteps(killing, { ...place, deps, url }), 'load')).rejects.toThrow(
    'killed',
  );
  // The server was not stopped: the commit in progress completed.
  await vi.waitFor(async () => expect(await stagedRows(warehouse)).toBeGreaterThan(0), {
    timeout: 60_000,
  });
  expect(await findDocument(onSpark.deps.store, 'load', 'load')).toBeUndefined();
  expect(await dump(warehouse)).toEqual([]);

  await postgres.sql('killed', `DROP TRIGGER slow_commit ON ${STAGING}`);
  await stageByJob(jobSteps(spark, { ...place, deps, url }), 'load');
  await warehouse.upsert(await readDocument(onSpark.deps.store, 'load', 'load'));
  expect(await dump(warehouse)).toEqual(await dump(await onSpark.deps.warehouse()));
  expect(await stagedRows(warehouse)).toBe(0);
});

/** A COMMIT of staged rows takes some seconds. */
const SLOW_COMMIT = `
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(4); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON ${STAGING} DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.customer_id = 1) EXECUTE FUNCTION slow()`;

const isCommitting = (database: string): Promise<void> =>
  vi.waitFor(
    async () => {
      const found = await postgres.sql(
        'postgres',
        `SELECT 1 FROM pg_stat_activity WHERE datname = '${database}' AND state = 'active' AND query ILIKE 'commit%'`,
      );
      expect(found).toHaveLength(1);
    },
    { timeout: 300_000, interval: 50 },
  );

test('a lake in S3 is read without a file system for S3, through a local folder', async () => {
  const s3 = new S3Client(cloud.client);
  const LocationConstraint = 'ap-southeast-2';
  await s3.send(
    new CreateBucketCommand({
      Bucket: 'purchases',
      CreateBucketConfiguration: { LocationConstraint },
    }),
  );
  const { lake, place } = await newLake('in_s3');
  await using onSpark = lake;
  await onSpark.run(FIRST);
  const uri = 's3://purchases/data lake';
  const store = s3Store(uri, { scratchBytes: 2 ** 30, random: Math.random, client: cloud.client });
  for (const [key, text] of Object.entries(FIRST))
    await store.put(`bronze/${key}`, Buffer.from(text));
  const { url, warehouse } = await opened(postgres, 'from_s3');
  const deps = { ...onSpark.deps, store, warehouse: async () => warehouse };
  const scratch = join(at.folder, 'scratch');
  const steps = jobSteps(spark, { ...place, lake: uri, deps, url, scratch });
  expect(await runByJobs(steps, 's3')).toMatchObject({ seq: 1, engine: 'glue' });
  expect(await recordOf({ deps }, 1)).toEqual(await recordOf(onSpark, 1));
  expect(await dump(warehouse)).toEqual(await dump(await onSpark.deps.warehouse()));
});

test('a password is never an argument, and never printed', async () => {
  const warehouse = `postgres://u:${encodeURIComponent(PASSWORD)}@h/d`;
  const refused = await spark.run('gold_to_rds_job.py', {
    lake: at.folder,
    run_id: 'x',
    warehouse,
  });
  expect(refused.failure).toContain('ConfigInvalid: --warehouse cannot be used: a password');
  for (const form of [PASSWORD, encodeURIComponent(PASSWORD)])
    expect(spark.printed()).not.toContain(form);
});
