/**
 * A change of a zone's clock: from `at` (epoch seconds, UTC) it is `offset` seconds ahead of UTC.
 */
export type Transition = { at: number; offset: number };

/** A zone from 1900-01-01: the offset then, and every change of it until 2100-01-01, in order. */
export type ZoneTransitions = { initialOffset: number; transitions: Transition[] };

/**
 * The table splits each zone into periods that start in these years, since many zones share all but
 * the first: for most of Europe or North America the last period is one rule, repeated. That
 * reduces the table to a third of its size.
 */
const PERIODS = [1900, 1970, 2008].map((year) => Date.UTC(year, 0, 1) / 1000);

/**
 * Encodes the periods of a zone. `-4n+ 9b6qo-`: seconds since the change before (or the period's
 * start) in base 36, then an hour more or less, or `:` and the seconds more.
 */
export function encodePeriods(zone: ZoneTransitions): string[] {
  let offset = zone.initialOffset;
  return PERIODS.map((start, index) => {
    const end = PERIODS[index + 1] ?? Infinity;
    let last = start;
    return zone.transitions
      .filter(({ at }) => at >= start && at < end)
      .map((next) => {
        const code = (next.at - last).toString(36) + encodeChange(next.offset - offset);
        last = next.at;
        offset = next.offset;
        return code;
      })
      .join(' ');
  });
}

/** Decodes the periods of a zone. */
export function decodePeriods(initialOffset: number, periods: string[]): ZoneTransitions {
  const transitions: Transition[] = [];
  let offset = initialOffset;
  for (const [index, text] of periods.entries()) {
    let at = PERIODS[index] ?? 0;
    for (const code of text === '' ? [] : text.split(' ')) {
      const mark = code.search(/[-+:]/);
      at += Number.parseInt(code.slice(0, mark), 36);
      offset += decodeChange(code.slice(mark));
      transitions.push({ at, offset });
    }
  }
  return { initialOffset, transitions };
}

function encodeChange(seconds: number): string {
  if (seconds === 3600) return '+';
  return seconds === -3600 ? '-' : `:${seconds.toString(36)}`;
}

function decodeChange(code: string): number {
  if (code === '+') return 3600;
  return code === '-' ? -3600 : Number.parseInt(code.slice(1), 36);
}
