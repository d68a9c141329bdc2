import { spawnSync } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { buildLambdas } from '../../scripts/build-lambdas.ts';
import { testFolder } from '../support/folders.ts';

vi.setConfig({ testTimeout: 180_000 });

const LIMIT_UNPACKED = 250_000_000;
const LIMIT_ZIPPED = 50_000_000;

async function sizes(folder: string): Promise<{ unpacked: number; zipped: number }> {
  const total = { unpacked: 0, zipped: 0 };
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    total.unpacked += (await stat(path)).size;
    total.zipped += deflateSync(await readFile(path), { level: 6 }).length;
  }
  return total;
}

/**
 * Names that the code uses from dynamically imported modules and that those modules do not export.
 */
async function missingNames(folder: string): Promise<string[]> {
  const missing: string[] = [];
  for (const chunk of await readdir(join(folder, 'chunks'))) {
    const text = await readFile(join(folder, 'chunks', chunk), 'utf8');
    for (const [, names = '', file = ''] of text.matchAll(LATE_IMPORT)) {
      const exported = Object.keys(await import(join(folder, 'chunks', file)));
      const imported = names.split(',').map((name) => name.split(':')[0]?.trim() ?? '');
      missing.push(...imported.filter((name) => !exported.includes(name)));
    }
  }
  return missing;
}
const LATE_IMPORT = /\{([^{}]+)\} = await import\("\.\/([^"]+)"\)/g;

test('the Lambda bundles fit the size limit, load on their own and name missing settings of the stack', async () => {
  const config = { timeZone: 'Europe/London' };
  const { light, duckdb } = await buildLambdas({ out: await testFolder(), config });
  for (const folder of [light, duckdb]) {
    const { unpacked, zipped } = await sizes(folder);
    expect(unpacked).toBeLessThan(LIMIT_UNPACKED);
    expect(zipped).toBeLessThan(LIMIT_ZIPPED);
    expect(JSON.parse(await readFile(join(folder, 'purchases.config.json'), 'utf8'))).toEqual(
      config,
    );
    expect(await missingNames(folder)).toEqual([]);
    const functions = (await readdir(folder)).filter((name) => name.endsWith('.mjs'));
    expect(functions.length).toBeGreaterThan(3);
    // Outside the project's node_modules: a module that is missing in the bundle is not found.
    const script = `
      for (const name of ${JSON.stringify(functions)}) {
        const { handler } = await import(${JSON.stringify(folder)} + '/' + name);
        await handler({}, { getRemainingTimeInMillis: () => 9000 }).then(
          () => console.log(name, 'answered'), (error) => console.log(name, error.name, error.message.includes('PURCHASES_LAKE')));
      }`;
    const env = {
      PATH: process.env['PATH'],
      LAMBDA_TASK_ROOT: folder,
      POWERTOOLS_LOG_LEVEL: 'SILENT',
    };
    const args = ['--input-type=module', '-e', script];
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    const expected = functions.map((name) => `${name} ConfigInvalid true`);
    expect(
      stdout.split('\n').filter((line) => line.includes('.mjs')),
      stderr,
    ).toEqual(expected);
  }
});
