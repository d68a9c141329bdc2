// Builds the Lambda code: two folders with one module per function, for Node 22 on Linux x86_64.
// `light` needs no engine; `duckdb` includes DuckDB's native library. `npx tsx
// scripts/build-lambdas.ts [--out DIR] [--config FILE.json]`.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

const FUNCTIONS = {
  light: [
    'lambda_trigger_step_function',
    'silver-to-gold-task',
    'commit',
    'publish',
    'gold-to-rds-task',
    'lambda_upsert_sync',
    'notify-failure',
    'sweep',
    'fetch-rates',
  ],
  duckdb: ['plan', 'bronze-to-silver', 'silver-to-gold', 'gold-to-rds'],
};

// CommonJS packages load their parts with `require`.
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

async function bundle(functions: readonly string[], outdir: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: functions.map((name) => `src/lambda/${name}.ts`),
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: REQUIRE },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    // When a CommonJS module is imported dynamically, esbuild exposes the default export only.
    mainFields: ['module', 'main'],
    // The state machine retries and catches by the names of error classes.
    keepNames: true,
    // DuckDB is copied; the other packages are used on laptops only.
    external: ['@duckdb/*', 'tsx', 'tsx/*', '@electric-sql/*', 'pg-native', 'typescript'],
    logLevel: 'warning',
  });
}

async function addDuckdb(folder: string): Promise<void> {
  for (const name of ['node-api', 'node-bindings', 'node-bindings-linux-x64']) {
    const from = join(root, 'node_modules', '@duckdb', name);
    await cp(from, join(folder, 'node_modules', '@duckdb', name), {
      recursive: true,
      // Types and source maps are not needed at run time.
      filter: (path) => !/\.(?:d\.ts|map|md)$/.test(path),
    });
  }
}

/**
 * Builds both folders below `out` (default dist/lambda) and returns their paths. `config` is a
 * configuration object, which the functions read as `purchases.config.json`; the locations of the
 * lake and the serving database come from the environment.
 */
export async function buildLambdas({
  out = join(root, 'dist', 'lambda'),
  config,
}: { out?: string; config?: object } = {}): Promise<{ light: string; duckdb: string }> {
  const folders = { light: join(out, 'light'), duckdb: join(out, 'duckdb') };
  for (const kind of ['light', 'duckdb'] as const) {
    const folder = folders[kind];
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, 'data'), { recursive: true });
    await bundle(FUNCTIONS[kind], folder);
    for (const name of ['rates.csv.gz', 'rates.json'])
      await cp(join(root, 'data', name), join(folder, 'data', name));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
    if (config !== undefined)
      await writeFile(join(folder, 'purchases.config.json'), JSON.stringify(config));
  }
  await addDuckdb(folders.duckdb);
  return folders;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { out: { type: 'string' }, config: { type: 'string' } },
  });
  const config =
    values.config === undefined
      ? {}
      : { config: JSON.parse(await readFile(values.config, 'utf8')) };
  await buildLambdas({ ...(values.out === undefined ? {} : { out: values.out }), ...config });
}
