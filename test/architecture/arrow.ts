import { posix } from 'node:path';
import type { Mark, Source } from './source.ts';

export type Violation = { at: string; fault: string };

/**
 * The rooms in the order of the arrow: a file imports from its own room and from those of lower
 * rank.
 */
export const RANKS: Record<string, number> = {
  'errors.ts': 0,
  medallion: 1,
  fx: 1,
  lake: 2,
  stores: 3,
  engines: 3,
  catalog: 3,
  warehouses: 3,
  'state-machine': 4,
  config: 4,
  lambda: 5,
  cli: 5,
  console: 5,
  'index.ts': 6,
};

/** Each folder of these rooms is an adapter that imports nothing from the others. */
const ADAPTERS = new Set(['stores', 'engines', 'catalog', 'warehouses']);

/** What servers share, and PGlite, which is PostgreSQL without a server. */
const SHARED_BY_ADAPTERS = new Set([
  'postgres>server',
  'mysql>server',
  'pglite>server',
  'pglite>postgres',
]);

const MOST_LEVELS = 2;
const MOST_LEVELS_OF_ADAPTERS = 3;

/** The one pair of neighbours: the command line starts the console. */
const NEIGHBOURS = new Set(['cli>console']);

/** Rooms that compute and nothing else. */
const PURE = new Set(['errors.ts', 'medallion', 'fx']);
const PURE_MODULES = new Set(['node:crypto', 'node:buffer']);

const roomOf = (path: string): string => path.split('/')[1] ?? '';
const rankOf = (path: string): number => RANKS[roomOf(path)] ?? -1;
const isTest = (path: string): boolean => /\.(test|conformance)\.tsx?$/.test(path);

/** Violations of one file: what it imports, and what it uses that only some rooms may. */
export function violationsOf(source: Source): Violation[] {
  const placed = placeFault(source.path);
  const found = placed === undefined ? [] : [{ at: `${source.path}:1`, fault: placed }];
  for (const { specifier, line } of source.imports) {
    const fault = importFault(source.path, specifier);
    if (fault !== undefined) found.push({ at: `${source.path}:${line}`, fault });
  }
  for (const { kind, line } of source.marks) {
    if (!mayUse(source.path, kind))
      found.push({ at: `${source.path}:${line}`, fault: `uses ${kind}` });
  }
  return found;
}

/** The file that a relative import names, or undefined for a package. */
export function target(path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
}

function placeFault(path: string): string | undefined {
  if (rankOf(path) < 0) return `lies in ${roomOf(path)}, which is no room of the arrow`;
  const levels = path.split('/').length - 2;
  const most = ADAPTERS.has(roomOf(path)) ? MOST_LEVELS_OF_ADAPTERS : MOST_LEVELS;
  return levels > most ? `lies more than ${most} folders below src` : undefined;
}

function importFault(path: string, specifier: string): string | undefined {
  const to = target(path, specifier);
  if (to === undefined) return packageFault(roomOf(path), specifier);
  if (!/\.(ts|tsx|json|asl\.json)$/.test(to)) return `imports ${specifier} without its extension`;
  if (!to.startsWith('src/'))
    return to.endsWith('.json') ? undefined : `imports ${to}, outside src`;
  if (isTest(to)) return `imports the test ${to}`;
  return arrowFault(path, to);
}

function packageFault(room: string, specifier: string): string | undefined {
  const isNode = specifier.startsWith('node:');
  if (PURE.has(room) && !PURE_MODULES.has(specifier))
    return `imports ${specifier} into a pure room`;
  if (room === 'lake' && !isNode)
    return `imports the package ${specifier}: lake reaches it through a port`;
  return undefined;
}

function arrowFault(path: string, to: string): string | undefined {
  const [from, into] = [roomOf(path), roomOf(to)];
  if (from === into) return adapterFault(path, to);
  if (NEIGHBOURS.has(`${from}>${into}`) || rankOf(to) < rankOf(path)) return undefined;
  return `imports ${to}, against the arrow`;
}

function adapterFault(path: string, to: string): string | undefined {
  const [a, b] = [path, to].map((each) => each.split('/').slice(2, -1)[0]);
  if (!ADAPTERS.has(roomOf(path)) || a === undefined || b === undefined || a === b)
    return undefined;
  if (SHARED_BY_ADAPTERS.has(`${a}>${b}`)) return undefined;
  return `imports the adapter ${b} into the adapter ${a}`;
}

function mayUse(path: string, kind: Mark): boolean {
  if (kind === 'process.env') return roomOf(path) === 'config' || path === 'src/cli/main.ts';
  if (kind === 'clock' || kind === 'randomness') return rankOf(path) > 3;
  return false;
}

/** Each cycle of imports once, as the files on the way round. */
export function cycles(sources: Source[]): string[][] {
  const edges = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.map(({ specifier }) => target(path, specifier)),
    ]),
  );
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): void => {
    const seen = trail.indexOf(path);
    if (seen >= 0) found.push(trail.slice(seen));
    if (seen >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) if (next !== undefined) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
}
