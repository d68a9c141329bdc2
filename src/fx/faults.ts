import { RatesInvalid } from '../errors.ts';

/** Faults found while a table is read: all are counted, the first few are listed. */
export type Faults = { add(line: number, what: string): void; throwIfAny(): void };

const SHOWN = 10;

export function collectFaults(name: string): Faults {
  const shown: string[] = [];
  let count = 0;
  return {
    add(line, what) {
      count += 1;
      if (shown.length < SHOWN) shown.push(`line ${line}: ${what}`);
    },
    throwIfAny() {
      if (count === 0) return;
      const more = count > shown.length ? [`and ${count - shown.length} more`] : [];
      throw ratesInvalid(name, [...shown, ...more].join('\n  '));
    },
  };
}

/** Builds the error of a whole table; `what` names the lines. */
export function ratesInvalid(name: string, what: string): RatesInvalid {
  return new RatesInvalid(`The exchange rates in ${name} cannot be used:\n  ${what}`, {
    hint: HINT,
  });
}

const HINT =
  'Correct these lines, or import another table: the European Central Bank publishes eurofxref-hist.csv; ' +
  'your own table has the columns currency,rate_date,rate_aud, with the AUD that one unit of the currency is worth.';
