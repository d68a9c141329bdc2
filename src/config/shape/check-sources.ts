import type { ShapeFault } from './check-shape.ts';
import { shown } from './faults.ts';
import { isRecord } from '../is-record.ts';

type Entry = Record<string, unknown>;

/**
 * Checks the consistency of `sources`: unique names, reachable entries, mappings without
 * contradictions. Accepts any value, since the file may have faults elsewhere.
 */
export function checkSources(value: unknown): ShapeFault[] {
  const entries = isRecord(value) && Array.isArray(value['sources']) ? value['sources'] : [];
  return entries.flatMap((entry: unknown, index) => {
    if (!isRecord(entry)) return [];
    const earlier = entries.slice(0, index).map((other: unknown) => (isRecord(other) ? other : {}));
    return [...reachFaults(entry, earlier), ...mappingFaults(entry), ...formatFaults(entry)].map(
      ({ path, message }) => ({ path: ['sources', index, ...path], message }),
    );
  });
}

function reachFaults(entry: Entry, earlier: Entry[]): ShapeFault[] {
  const faults: ShapeFault[] = [];
  const namesake = earlier.findIndex(
    ({ name }) => typeof name === 'string' && name === entry['name'],
  );
  if (namesake >= 0)
    faults.push({
      path: ['name'],
      message: `${shown(entry['name'])} is also the name of sources[${namesake}]`,
    });
  const match = entry['match'];
  const taker = earlier.findIndex(
    (other) => typeof match === 'string' && (other['match'] === match || other['match'] === '**'),
  );
  if (taker >= 0)
    faults.push({
      path: ['match'],
      message: `is never reached: sources[${taker}] comes first and matches the same keys (${shown(earlier[taker]?.['match'])})`,
    });
  return faults;
}

function mappingFaults(entry: Entry): ShapeFault[] {
  const fields = isRecord(entry['fields']) ? entry['fields'] : {};
  const faults: ShapeFault[] = [];
  if (fields['customer_id'] !== undefined && fields['customer_key'] !== undefined)
    faults.push({
      path: ['fields', 'customer_key'],
      message: 'replaces customer_id: map only one of them',
    });
  if (entry['rows'] === 'lines' && fields['purchase_id'] === null)
    faults.push({
      path: ['fields', 'purchase_id'],
      message: 'must be mapped: "rows": "lines" joins the rows that share it',
    });
  return faults;
}

function formatFaults(entry: Entry): ShapeFault[] {
  const format = isRecord(entry['format']) ? entry['format'] : {};
  const decimal = format['decimal'] ?? '.';
  const faults: ShapeFault[] = [];
  if (decimal === format['thousands'])
    faults.push({
      path: ['format', 'thousands'],
      message: `must differ from the decimal mark, which is ${shown(decimal)}`,
    });
  if (format['type'] === 'json' && format['delimiter'] !== undefined)
    faults.push({
      path: ['format', 'delimiter'],
      message: 'applies only to CSV, but the type is json',
    });
  return [...faults, ...amountFaults(entry, decimal, format['thousands'])];
}

/**
 * Checks a constant amount, which is read like the source's amounts. Numbers later get the source's
 * decimal mark.
 */
function amountFaults(entry: Entry, decimal: unknown, thousands: unknown): ShapeFault[] {
  const fields = isRecord(entry['fields']) ? entry['fields'] : {};
  const constant = isRecord(fields['amount']) ? fields['amount']['constant'] : undefined;
  if (typeof constant !== 'string' && typeof constant !== 'number') return [];
  const mark = decimal === ',' ? ',' : '.';
  const digits = `(?:\\d+${typeof thousands === 'string' && thousands !== '' ? `|\\d{1,3}(?:[${thousands}]\\d{3})+` : ''})`;
  const grammar = new RegExp(
    `^[+-]?(?:${digits}(?:[${mark}]\\d*)?|[${mark}]\\d+)(?:[eE][+-]?\\d{1,3})?$`,
  );
  const text = typeof constant === 'number' ? String(constant).replace('.', mark) : constant.trim();
  if (text === '' || grammar.test(text)) return [];
  return [
    {
      path: ['fields', 'amount', 'constant'],
      message: `must be an amount such as 10${mark}50, not ${shown(constant)}`,
    },
  ];
}
