// Builds dist/: the command (purchases.js), the library (index.js) and its types. Packages stay
// outside (they are dependencies), JSON goes inside, and shared chunks are split, so that a command
// loads what it needs.
import { execFile } from 'node:child_process';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const SHEBANG = '#!/usr/bin/env node\n';

async function bundle() {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { purchases: 'src/cli/main.ts', index: 'src/index.ts' },
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.20',
    packages: 'external',
    metafile: true,
    logLevel: 'warning',
  });
  return new Set(Object.keys(metafile.outputs).map((path) => relative('dist', path)));
}

async function makeExecutable() {
  const command = join(dist, 'purchases.js');
  const text = await readFile(command, 'utf8');
  if (!text.startsWith('#!')) await writeFile(command, SHEBANG + text);
  await chmod(command, 0o755);
}

// Leftovers go last: a command that is running meanwhile still finds its chunks.
async function removeLeftovers(built) {
  for (const path of await readdir(dist, { recursive: true })) {
    const name = path.replaceAll('\\', '/');
    if (name.startsWith('lambda/')) continue; // another build's
    if (name.endsWith('.js') && !built.has(name)) await rm(join(dist, path));
  }
}

async function emitTypes() {
  const tsc = fileURLToPath(import.meta.resolve('typescript/package.json')).replace(
    /package\.json$/,
    'bin/tsc',
  );
  await promisify(execFile)(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root });
}

try {
  const [built] = await Promise.all([bundle(), emitTypes()]);
  await makeExecutable();
  await removeLeftovers(built);
} catch (error) {
  console.error(error.stdout || error.message);
  process.exitCode = 1;
}
