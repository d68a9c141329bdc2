import type { Violation } from './arrow.ts';
import type { Source } from './source.ts';

export type Figures = { count: number; median: number; p90: number; max: number; largest: string };

export const LIMITS = {
  files: { median: 80, p90: 180, max: 300 },
  functions: { median: 25, p90: 25, max: 60 },
};

/** The DuckDB engine by itself: its functions hold statements, which take more lines. */
export const LIMITS_OF_DUCKDB = {
  files: { ...LIMITS.files, median: 100 },
  functions: { ...LIMITS.functions, p90: 35 },
};

type Measured = { at: string; lines: number };

export function measure(
  sources: Source[],
  limits = LIMITS,
): {
  files: Figures;
  functions: Figures;
  violations: Violation[];
} {
  const files = sources.map(({ path, lines }) => ({ at: path, lines }));
  const functions = sources.flatMap(({ path, functions: all }) =>
    all.map(({ line, lines }) => ({ at: `${path}:${line}`, lines })),
  );
  return {
    files: figuresOf(files),
    functions: figuresOf(functions),
    violations: [
      ...tooLarge('file', files, limits.files),
      ...tooLarge('function', functions, limits.functions),
    ],
  };
}

export function shown(what: string, { count, median, p90, max, largest }: Figures): string {
  return `${count} ${what}: median ${median} lines, p90 ${p90}, max ${max} (${largest})`;
}

function figuresOf(measured: Measured[]): Figures {
  const sorted = measured.toSorted((a, b) => a.lines - b.lines);
  const at = (share: number): Measured | undefined => sorted[Math.ceil(share * sorted.length) - 1];
  const largest = at(1);
  return {
    count: sorted.length,
    median: at(0.5)?.lines ?? 0,
    p90: at(0.9)?.lines ?? 0,
    max: largest?.lines ?? 0,
    largest: largest?.at ?? 'none',
  };
}

function tooLarge(what: string, measured: Measured[], limit: typeof LIMITS.files): Violation[] {
  const found = measured
    .filter(({ lines }) => lines > limit.max)
    .map(({ at, lines }) => ({ at, fault: `${what} of ${lines} lines, more than ${limit.max}` }));
  const figures = figuresOf(measured);
  for (const which of ['median', 'p90'] as const) {
    if (figures[which] <= limit[which]) continue;
    found.push({
      at: 'src',
      fault: `${what}s: ${which} of ${figures[which]} lines, more than ${limit[which]}`,
    });
  }
  return found;
}
