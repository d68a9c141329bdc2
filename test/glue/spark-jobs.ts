import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PASSWORD } from '../servers/process.ts';

export type Script = 'bronze_to_silver_job.py' | 'silver_to_gold_job.py' | 'gold_to_rds_job.py';
/** The counts that a job printed, and its error if it failed. */
export type Ended = { counts: Record<string, unknown>; failure: string | null };

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The jobs' scripts as they are deployed. */
export const SCRIPTS = file('glue');
/** A failed JDBC task is retried up to three times; two run at once. */
const MASTER = 'local[2,4]';
const DRIVERS = ['postgresql-42.7.4.jar', 'mysql-connector-j-9.1.0.jar'];

const SETTINGS = [
  'spark.ui.enabled=false',
  'spark.driver.bindAddress=127.0.0.1',
  'spark.driver.host=127.0.0.1',
  'spark.driver.memory=2g',
  'spark.sql.shuffle.partitions=4',
  'spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1',
];
/** The arguments of spark-submit, with the JDBC drivers that Glue has. */
const OPTIONS = [
  '--master',
  MASTER,
  '--jars',
  DRIVERS.map((jar) => file(`.venv/jars/${jar}`)).join(','),
  ...SETTINGS.flatMap((setting) => ['--conf', setting]),
];

/** Command and arguments by which spark-submit runs a job on this machine. */
export const sparkSubmit = (script: Script, args: Record<string, string>): [string, string[]] => [
  file('.venv/bin/spark-submit'),
  [...OPTIONS, `${SCRIPTS}/${script}`, ...flags(args)],
];

/** The password is the tests' own; a job reads it from its environment. */
export const jobEnvironment = (more: Record<string, string> = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  PURCHASES_WAREHOUSE_PASSWORD: PASSWORD,
  PYSPARK_PYTHON: file('.venv/bin/python'),
  PYSPARK_DRIVER_PYTHON: file('.venv/bin/python'),
  ...more,
});

export type SparkJobs = AsyncDisposable & {
  run(script: Script, args: Record<string, string>): Promise<Ended>;
  /** All output of the jobs and of Spark. */
  printed(): string;
};

const flags = (args: Record<string, string>): string[] =>
  Object.entries(args).flatMap(([name, value]) => [`--${name}`, value]);

/** One Spark application in which the real scripts run one after the other. */
export async function startSparkJobs(env: Record<string, string> = {}): Promise<SparkJobs> {
  // Under spark-submit a script has no standard input.
  const child = spawn(file('.venv/bin/python'), [file('test/glue/run_jobs.py'), SCRIPTS], {
    env: jobEnvironment({ PYSPARK_SUBMIT_ARGS: [...OPTIONS, 'pyspark-shell'].join(' '), ...env }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function ended(): Promise<Ended> {
    let counts: Ended['counts'] = {};
    for (;;) {
      const line = await lines.next();
      if (line.done === true) throw new Error(`Spark ended:\n${printed.slice(-4000)}`);
      printed += `${line.value}\n`;
      const record = JSON.parse(line.value) as Record<string, unknown>;
      if ('ended' in record) return { counts, failure: record['ended'] as string | null };
      counts = record;
    }
  }
  await ended();
  return {
    async run(script, given) {
      child.stdin.write(`${JSON.stringify({ script, args: flags(given) })}\n`);
      return ended();
    },
    printed: () => printed,
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => void child.once('close', resolve));
      child.stdin.end();
      await gone;
    },
  };
}
