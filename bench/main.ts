import { type Contender, contenders, PYTHON } from './contenders.ts';
import { type Databases, startDatabases } from './database.ts';
import { growth } from './parts/growth.ts';
import { input } from './input.ts';
import { install } from './install.ts';
import { describe } from './machine.ts';
import { HELP, type Options, type Part, readOptions } from './options.ts';
import { section, writePage } from './report/page.ts';
import { profile } from './parts/profile.ts';
import { type AnyRecord, save, saved, today } from './records.ts';
import { smallFiles } from './parts/small-files.ts';
import { startUp } from './parts/start-up.ts';
import { compare } from './parts/work.ts';

const SMALL_FILES_ROWS = 1_000_000;
/** Parts that run only this product. */
const ALONE: readonly Part[] = ['profile', 'start-up', 'growth'];

const args = process.argv.slice(2);
if (args.includes('--help')) console.log(HELP);
else await bench(readOptions(args));

async function bench(options: Options): Promise<void> {
  const chosen = contenders(options.only);
  const python = chosen.some(({ packages }) => packages.length > 0) ? PYTHON : undefined;
  install('../scripts/install-test-servers.sh');
  if (python !== undefined) install('install.sh');
  const databases = await startDatabases();
  try {
    const packages = [...new Set(chosen.flatMap((contender) => contender.packages))];
    const alone = describe(databases.version, undefined, []);
    const withPython = describe(databases.version, python, packages);
    for (const part of options.parts) {
      try {
        const figures = await measurePart(part, databases, chosen, options);
        const machine = ALONE.includes(part) ? alone : withPython;
        const record = { part, measured: today(), machine, figures } as AnyRecord;
        console.log(`\n${section(record).text}\n`);
        if (options.write) await save(record);
      } catch (error) {
        // The other parts may have run for hours: a failure must not cost their results.
        log(`${part} failed: ${String(error)}`);
        process.exitCode = 1;
      }
    }
  } finally {
    await databases.stop();
  }
  if (options.write) log(`Written: ${await writePage(await saved())}`);
}

function log(line: string): void {
  console.error(line);
}

async function measurePart(
  part: Part,
  databases: Databases,
  chosen: readonly Contender[],
  options: Options,
): Promise<AnyRecord['figures']> {
  const [product] = contenders(['purchases']);
  if (product === undefined) throw new Error('This product is no contender.');
  if (part === 'profile') return profile(databases, product, options, log);
  if (part === 'start-up') return startUp(databases, product, options.runs);
  if (part === 'growth') return growth(databases, product, options.growTo, log);
  if (part === 'small-files') {
    const rows = Math.min(options.rows, SMALL_FILES_ROWS);
    const fast = chosen.filter(({ once }) => !once);
    return smallFiles(databases, fast, { rows, runs: options.runs }, log);
  }
  const { files, bytes } = await input(options.rows);
  const contests = await compare(databases, chosen, options, log);
  return { rows: options.rows, files: files.length, bytes, runs: options.runs, contests };
}
