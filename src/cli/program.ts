import { Command, CommanderError, Help } from 'commander';

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
import { LAKE_FLAGS } from './wiring/flags.ts';
import { keepThreadPoolAwake } from './wiring/thread-pool.ts';

/**
 * Runs the command line and returns its exit status (SPEC section 13). Control characters in values
 * never reach its streams.
 */
export async function runCli(unguardedIo: Io): Promise<number> {
  const io = {
    ...unguardedIo,
    stdout: guarded(unguardedIo.stdout),
    stderr: guarded(unguardedIo.stderr),
  };
  const status = { code: 0 };
  using _awake = keepThreadPoolAwake();
  try {
    await createProgram(io, status).parseAsync([...io.argv], { from: 'user' });
    return status.code;
  } catch (error) {
    return exitStatus(io, unlessStopped(io, error));
  }
}

/**
 * Builds every command with its flags and help. Commands that succeed with a status other than 0
 * set it in `status`.
 */
export function createProgram(io: Io, status: { code: number }): Command {
  const program = new Command('purchases')
    .description('Turn raw purchase files into customer totals that people can trust.')
    .version(about.version, '-V, --version', 'Show the version')
    .helpOption('-h, --help', 'Show this help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .configureHelp({
      visibleCommands: ({ commands }) => [...commands],
      subcommandTerm: (command) => command.name(),
      groupItems: lakeFlagsLast,
    })
    .showSuggestionAfterError()
    .addHelpText('after', HELP);
  for (const [heading, ...commands] of GROUPS) {
    program.commandsGroup(`${heading}:`);
    for (const define of commands) define(program, io, status);
  }
  return program;
}

type Define = (program: Command, io: Io, status: { code: number }) => void;

/** The commands in the order of the help, below their headings. */
const GROUPS: readonly [heading: string, ...commands: Define[]][] = [
  ['Run', defineRun, defineWatch, definePlan],
  ['Understand', defineQuery, defineExplain, defineHistory, defineQuarantine, defineVerify],
  ['Maintain', defineRepair, defineRebuild, defineAdopt, defineVacuum, defineErase, defineMigrate],
  ['Set up', defineInit, defineGenerate, defineFx],
  ['AWS', defineDeploy, defineCost],
];

/** Lists a command's own flags before those that all commands of the lake share. */
const lakeFlagsLast: Help['groupItems'] = (all, visible, groupOf) =>
  new Map(
    [...new Help().groupItems(all, visible, groupOf)].toSorted(
      ([a], [b]) => Number(a === LAKE_FLAGS) - Number(b === LAKE_FLAGS),
    ),
  );

const HELP = `
Examples:
  $ purchases run --samples                     try it on the sample files
  $ purchases run --lake ./lake                 process what is new in ./lake/bronze
  $ purchases plan                              show what a run would do
  $ purchases query "select * from gold limit 5"
  $ purchases explain 1008                      show how a customer's total was computed
  $ purchases quarantine                        list rejected rows and what to do about them

Exit status:
  0        success
  1        the run failed
  2        invalid usage or configuration
  3        verify found a difference
  4        rows were rejected and --fail-on-quarantine was given
  5        another run holds the lake
  6        a remote service failed
  130/143  interrupted by Ctrl-C or SIGTERM

purchases COMMAND --help shows the options and examples of a command.`;

function exitStatus(io: Io, error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof ReaderGone) return 0;
  io.stderr.write(failureText(io, error));
  return knownFailure(error)?.exitCode ?? 1;
}
