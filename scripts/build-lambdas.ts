// Builds what is deployed to Lambda: two folders, each a module a function, for Node 22 on Linux
// x86_64. `light` needs no engine; `duckdb` has DuckDB's own library beside it. `npx tsx
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

// Packages of the CommonJS kind look for their parts by `require`.
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
    // Of a CommonJS module that is imported on first use, esbuild hands on the default export
    // alone.
    mainFields: ['module', 'main'],
    // The names of error classes are what the state machine retries and catches by.
    keepNames: true,
    // DuckDB is copied; the others serve laptops only.
    external: ['@duckdb/*', 'tsx', 'tsx/*', '@electric-sql/*', 'pg-native', 'typescript'],
    logLevel: 'warning',
  });
}

async function addDuckdb(folder: string): Promise<void> {
  for (const name of ['node-api', 'node-bindings', 'node-bindings-linux-x64']) {
    const from = join(root, 'node_modules', '@duckdb', name);
    await cp(from, join(folder, 'node_modules', '@duckdb', name), {
      recursive: true,
      // Types and maps are of no use there.
      filter: (path) => !/\.(?:d\.ts|map|md)$/.test(path),
    });
  }
}

/**
 * Builds both folders below `out` (dist/lambda unless said) and answers their paths. `config` is a
 * configuration as an object, which the functions then read as their `purchases.config.json`; where
 * the lake and the serving database are, their environment says.
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
