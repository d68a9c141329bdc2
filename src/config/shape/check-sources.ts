import type { ShapeFault } from './check-shape.ts';
import { shown } from './faults.ts';
import { isRecord } from '../is-record.ts';

type Entry = Record<string, unknown>;

/**
 * What the parts of `sources` say together: unique names, every entry within reach, mappings that
 * do not contradict. It takes any value, since it also reports on a file whose shape has faults
 * elsewhere.
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
      message: `${shown(entry['name'])} is the name of sources[${namesake}] too`,
    });
  const match = entry['match'];
  const taker = earlier.findIndex(
    (other) => typeof match === 'string' && (other['match'] === match || other['match'] === '**'),
  );
  if (taker >= 0)
    faults.push({
      path: ['match'],
      message: `is never reached: sources[${taker}] stands before it and takes the same keys (${shown(earlier[taker]?.['match'])})`,
    });
  return faults;
}

function mappingFaults(entry: Entry): ShapeFault[] {
  const fields = isRecord(entry['fields']) ? entry['fields'] : {};
  const faults: ShapeFault[] = [];
  if (fields['customer_id'] !== undefined && fields['customer_key'] !== undefined)
    faults.push({
      path: ['fields', 'customer_key'],
      message: 'takes the place of customer_id: map one of the two',
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
      message: 'is of CSV alone, and the type is json',
    });
  return [...faults, ...amountFaults(entry, decimal, format['thousands'])];
}

/**
 * A constant amount is read as the source's amounts are; a number is written with the source's mark
 * later on.
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
