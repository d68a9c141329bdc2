import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** The machine on which the figures were measured. */
export type Machine = {
  cores: number;
  processor: string;
  memoryGb: number;
  system: string;
  versions: Record<string, string>;
};

/** The machine and the software versions. `packages` are looked up in the given Python, if any. */
export function describe(
  postgres: string,
  python: string | undefined,
  packages: readonly string[],
): Machine {
  const [first] = cpus();
  return {
    cores: cpus().length,
    processor: (first?.model ?? 'unknown').replaceAll(/\s+/g, ' ').trim(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `Linux ${release()}`,
    versions: {
      purchases: ownVersion(),
      Node: process.versions.node,
      PostgreSQL: postgres.split(' ')[0] ?? postgres,
      ...(python === undefined ? {} : { ...pythonVersions(python, packages), Java: javaVersion() }),
    },
  };
}

/** The package's version and, in a checkout, the commit. */
function ownVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  const commit = output('git', ['rev-parse', '--short=10', 'HEAD']);
  return commit === '' ? version : `${version} (${commit})`;
}

const VERSIONS = `
import json, platform, sys
from importlib.metadata import version
print(json.dumps({"Python": platform.python_version(), **{name: version(name) for name in sys.argv[1:]}}))`;

const pythonVersions = (python: string, packages: readonly string[]): Record<string, string> =>
  JSON.parse(output(python, ['-c', VERSIONS, ...packages])) as Record<string, string>;

const javaVersion = (): string =>
  /^openjdk (\S+)/m.exec(output('java', ['--version']))?.[1] ?? 'unknown';

function output(command: string, args: readonly string[]): string {
  try {
    const cwd = new URL('..', import.meta.url);
    return execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return '';
  }
}

export const inWords = ({ cores, processor, memoryGb, system }: Machine): string =>
  `${cores} cores of ${processor}, ${memoryGb} GB of memory, ${system}`;
