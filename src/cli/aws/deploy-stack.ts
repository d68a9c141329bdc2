import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { deployableConfig } from '../../config/deployable.ts';
import { RemoteFailed, RunFailed, UsageError } from '../../errors.ts';
import type { Io, LakeFlags } from '../terminal/io.ts';
import { temporaryFolder } from '../wiring/scratch.ts';
import { stopOnSignals } from '../terminal/signals.ts';
import { packageFolder } from '../wiring/wiring.ts';
import { countKinds, stackText, type StackTemplate } from './explain-stack.ts';

export type DeployFlags = Pick<LakeFlags, 'config' | 'json'> & {
  choices?: string;
  dryRun?: boolean;
  yes?: boolean;
};

const TEMPLATE = '.template.json';

/**
 * Bundles the functions and the configuration, and runs the CDK to create or update the stack. A
 * dry run only synthesises the stack and prints a summary. Errors: `UsageError`, `ConfigInvalid`,
 * `RemoteFailed`, `RunFailed` if the stack cannot be synthesised.
 */
export async function deployStack(io: Io, flags: DeployFlags): Promise<void> {
  const root = packageFolder();
  const cdk = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  for (const needed of [cdk, join(root, 'cdk', 'app.ts')])
    if (!existsSync(needed))
      throw new UsageError(`${needed} is missing: this installation cannot deploy.`, {
        hint: 'Deploy from a clone of the repository, after npm ci: npx tsx src/cli/main.ts deploy.',
      });
  if (flags.choices !== undefined) await checkJson(resolve(io.cwd, flags.choices));
  const folder = await temporaryFolder('deploy');
  try {
    const shared = await sharedArguments(io, flags, folder);
    const output = join(folder, 'cdk.out');
    const command = flags.dryRun === true ? ['synth', '--quiet'] : deployArguments(flags);
    const code = await runCdk(io, root, [cdk, ...command, ...shared, '--output', output]);
    if (code !== 0) throw failure(code, flags);
    if (flags.dryRun === true) await printSummary(io, output, flags.json === true);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Errors: `UsageError` if the file is not JSON. */
async function checkJson(file: string): Promise<void> {
  try {
    JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`--choices ${file} cannot be read: ${why}.`, {
      hint: 'Give a JSON file with the choices of docs/aws.md.',
      cause,
    });
  }
}

function failure(code: number | null, { dryRun }: DeployFlags): Error {
  const message = `The CDK ended with status ${code}; see its messages above.`;
  return dryRun === true
    ? new RunFailed(message, {
        hint: 'The stack cannot be synthesised from this clone and these choices. Nothing was sent to AWS.',
      })
    : new RemoteFailed(message, {
        hint: 'If the account was never used with the CDK, run npx cdk bootstrap first. docs/runbook.md lists every command.',
      });
}

/** The CDK asks before it widens permissions, unless the user has agreed with `--yes`. */
const deployArguments = ({ yes }: DeployFlags): string[] => [
  'deploy',
  '--all',
  '--require-approval',
  yes === true ? 'never' : 'broadening',
];

async function sharedArguments(io: Io, flags: DeployFlags, folder: string): Promise<string[]> {
  const bundles = join(folder, 'lambda');
  const build = ['node --import tsx scripts/build-lambdas.ts', '--out', quoted(bundles)];
  const wanted = flags.config === undefined ? {} : { config: flags.config };
  const config = await deployableConfig({ cwd: io.cwd, env: io.env, flags: wanted });
  if (config !== undefined) {
    const file = join(folder, 'purchases.config.json');
    await writeFile(file, JSON.stringify(config));
    build.push('--config', quoted(file));
  }
  const choices =
    flags.choices === undefined ? [] : ['-c', `choices=${resolve(io.cwd, flags.choices)}`];
  return ['--build', build.join(' '), '-c', `bundles=${bundles}`, ...choices];
}

const quoted = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`;

async function runCdk(io: Io, cwd: string, args: string[]): Promise<number | null> {
  using stop = stopOnSignals(io);
  const child = spawn(process.execPath, [...args, '--no-color'], {
    cwd,
    env: { ...io.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    stdio: ['inherit', 'pipe', 'pipe'],
  });
  // Ctrl-C reaches the CDK's command by itself, SIGTERM only this process.
  stop.signal.addEventListener('abort', () => void child.kill('SIGTERM'));
  for (const output of [child.stdout, child.stderr])
    output.setEncoding('utf8').on('data', (text: string) => io.stderr.write(plain(text)));
  const code = await new Promise<number | null>((done, fail) => {
    child.on('error', fail);
    child.on('close', done);
  });
  stop.signal.throwIfAborted();
  return code;
}

/** Removes colours and carriage returns. The stream's guard escapes other control characters. */
const plain = (text: string): string =>
  stripVTControlCharacters(text).replaceAll('\r\n', '\n').replaceAll('\r', '\n');

async function printSummary(io: Io, output: string, json: boolean): Promise<void> {
  const [file = ''] = (await readdir(output)).filter((name) => name.endsWith(TEMPLATE));
  const template = JSON.parse(await readFile(join(output, file), 'utf8')) as StackTemplate;
  const name = file.slice(0, -TEMPLATE.length);
  const counted = countKinds(template);
  io.stdout.write(
    json
      ? `${JSON.stringify({ dry_run: true, stack: name, kinds: counted })}\n`
      : `${stackText(name, counted)}\n`,
  );
}
