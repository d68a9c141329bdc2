import { Command, CommanderError } from 'commander';

import about from '#package.json' with { type: 'json' };

import { defineAdopt } from './commands/adopt.ts';
import { defineCost } from './commands/cost.ts';
import { defineDeploy } from './commands/deploy.ts';
import { defineErase } from './commands/erase.ts';
import { defineExplain } from './commands/explain.ts';
import { defineFx } from './commands/fx.ts';
import { defineGenerate } from './commands/generate.ts';
import { defineHistory } from './commands/history.ts';
import { defineInit } from './commands/init.ts';
import { defineMigrate } from './commands/migrate.ts';
import { definePlan } from './commands/plan.ts';
import { defineQuarantine } from './commands/quarantine.ts';
import { defineQuery } from './commands/query.ts';
import { defineRebuild } from './commands/rebuild.ts';
import { defineRepair } from './commands/repair.ts';
import { defineRun } from './commands/run.ts';
import { defineVacuum } from './commands/vacuum.ts';
import { defineVerify } from './commands/verify.ts';
import { defineWatch } from './commands/watch.ts';
import { failureText, knownFailure } from './failure.ts';
import { type Io, ReaderGone } from './io.ts';
import { unlessStopped } from './signals.ts';
import { guarded } from './terminal.ts';

/** Runs the command line and answers its exit status (SPEC section 13). No control character of a value reaches its streams. */
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

/** Every command with its flags and its help; what a command answers other than by failing is put into `status`. */
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
