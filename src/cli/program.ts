import { Command, CommanderError } from 'commander';

import about from '#package.json' with { type: 'json' };

import { defineAdopt } from './maintain/adopt.ts';
import { defineCost } from './aws/cost.ts';
import { defineDeploy } from './aws/deploy.ts';
import { defineErase } from './maintain/erase.ts';
import { defineExplain } from './query/explain.ts';
import { defineFx } from './maintain/fx.ts';
import { defineGenerate } from './init/generate.ts';
import { defineHistory } from './query/history.ts';
import { defineInit } from './init/init.ts';
import { defineMigrate } from './maintain/migrate.ts';
import { definePlan } from './run/plan.ts';
import { defineQuarantine } from './query/quarantine.ts';
import { defineQuery } from './query/query.ts';
import { defineRebuild } from './maintain/rebuild.ts';
import { defineRepair } from './maintain/repair.ts';
import { defineRun } from './run/run.ts';
import { defineVacuum } from './maintain/vacuum.ts';
import { defineVerify } from './maintain/verify.ts';
import { defineWatch } from './run/watch.ts';
import { failureText, knownFailure } from './terminal/failure.ts';
import { type Io, ReaderGone } from './terminal/io.ts';
import { unlessStopped } from './terminal/signals.ts';
import { guarded } from './terminal/terminal.ts';

/**
 * Runs the command line and answers its exit status (SPEC section 13). No control character of a
 * value reaches its streams.
 */
export async function runCli(outside: Io): Promise<number> {
  const io = {
    ...outside,
    stdout: guarded(outside.stdout),
    stderr: guarded(outside.stderr),
  };
  const status = { code: 0 };
  try {
    await createProgram(io, status).parseAsync([...io.argv], { from: 'user' });
    return status.code;
  } catch (error) {
    return exitStatus(io, unlessStopped(io, error));
  }
}

/**
 * Every command with its flags and its help; what a command answers other than by failing is put
 * into `status`.
 */
export function createProgram(io: Io, status: { code: number }): Command {
  const program = new Command('purchases')
    .description('Raw purchase files to customer totals that people can trust.')
    .version(about.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .configureHelp({ sortSubcommands: false })
    .showSuggestionAfterError()
    .addHelpText('after', HELP);
  for (const define of [
    defineRun,
    defineWatch,
    definePlan,
    defineQuery,
    defineExplain,
    defineQuarantine,
    defineVerify,
    defineRepair,
    defineAdopt,
    defineRebuild,
    defineHistory,
    defineVacuum,
    defineErase,
    defineMigrate,
    defineInit,
    defineGenerate,
    defineFx,
    defineDeploy,
    defineCost,
  ])
    define(program, io, status);
  return program;
}

const HELP = `
Examples:
  $ purchases run --samples                     a first run, on sample files
  $ purchases run --lake ./lake                 what is new in ./lake/bronze, to the serving table
  $ purchases plan                              what a run would do
  $ purchases query "select * from gold limit 5"
  $ purchases explain 1008                      what one customer's total is made of
  $ purchases quarantine                        what was refused, and what to do about it

Exit status: 0 done, 1 the run failed, 2 wrong usage or configuration, 3 verify found a
difference, 4 rows were refused and --fail-on-quarantine was given, 5 another run holds the lake, 6 a remote service failed, 130/143 interrupted.`;

function exitStatus(io: Io, error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof ReaderGone) return 0;
  io.stderr.write(failureText(io, error));
  return knownFailure(error)?.exitCode ?? 1;
}
