import { describe, expect, it } from 'vitest';
import { checkInput } from './check-input.ts';
import { pathText } from './faults.ts';

const faultsOf = (value: unknown) =>
  checkInput(value).faults.map(({ path, message }) => `${pathText(path)}: ${message}`);
const ofSource = (entry: object) => faultsOf({ sources: [{ name: 'a', match: '**', ...entry }] });

describe('a setting', () => {
  it.each([
    [{ lake: 5 }, 'lake: must be text, not 5'],
    [{ lake: null }, 'lake: must be text, not null'],
    [{ lake: 'gs://x' }, 'lake: must be a folder or s3://bucket/prefix'],
    [
      { warehouse: 'oracle://u:p@h/d' },
      'warehouse: must start with pglite:, postgres:// or mysql://',
    ],
    [
      { timeZone: 'Europe/Lundon' },
      'timeZone: must be a time zone such as Europe/London, not "Europe/Lundon"; did you mean "Europe/London"?',
    ],
    [{ timeZone: '+10:00' }, 'timeZone: must be a time zone'],
    [{ fx: { rates: 'ftp://x/y' } }, 'fx.rates: must be a path, a lake key or s3://bucket/key'],
    [{ fx: { maxAgeDays: -1 } }, 'fx.maxAgeDays: must be at least 0, not -1'],
    [{ fx: { maxAgeDays: 1.5 } }, 'fx.maxAgeDays: must be a whole number, not 1.5'],
    [{ fx: { maxAge: 1 } }, 'fx.maxAge: is not a known key; did you mean "maxAgeDays"?'],
    [{ firstCustomerId: 0 }, 'firstCustomerId: must be at least 1, not 0'],
    [{ firstCustomerId: 2 ** 31 }, 'firstCustomerId: must be at most 2147483647'],
    [{ firstCustomerId: '1' }, 'firstCustomerId: must be a number, not "1"'],
    [
      { limits: { maxQuarantinedShare: 1.01 } },
      'limits.maxQuarantinedShare: must be at most 1, not 1.01',
    ],
    [{ limits: { maxQuarantinedShare: -0.1 } }, 'limits.maxQuarantinedShare: must be at least 0'],
    [{ limits: { maxInflation: 0 } }, 'limits.maxInflation: must be at least 1, not 0'],
    [{ limits: [] }, 'limits: must be an object, not a list'],
    [{ sources: [] }, 'sources: must have at least 1 item, not 0'],
    [{ sources: {} }, 'sources: must be a list, not an object'],
    [{ warehose: 'x' }, 'warehose: is not a known key; did you mean "warehouse"?'],
    [{ 'odd key': 1 }, '["odd key"]: is not a known key; known keys are $schema, lake, warehouse'],
  ])('%j is refused: %s', (value, fault) => {
    const faults = faultsOf(value);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });
});

describe('a source', () => {
  it.each([
    [{ name: undefined }, 'sources[0].name: is missing'],
    [{ name: ' a' }, 'sources[0].name: must be a name without outer blanks'],
    [{ match: '/x/**' }, 'sources[0].match: is matched below bronze/: write x/**'],
    [
      { rows: 'line' },
      'sources[0].rows: must be one of "purchases", "lines", not "line"; did you mean "lines"?',
    ],
    [
      { rows: 'lines', fields: { purchase_id: null } },
      'sources[0].fields.purchase_id: must be mapped',
    ],
    [
      { format: { encoding: 'utf8' } },
      'sources[0].format.encoding: must be one of "utf-8", "latin1", "windows-1252", not "utf8"; did you mean "utf-8"?',
    ],
    [
      { format: { delimiter: ':' } },
      'sources[0].format.delimiter: must be one of ",", ";", "\\t", "|", not ":"',
    ],
    [
      { format: { type: 'json', delimiter: ';' } },
      'sources[0].format.delimiter: applies only to CSV',
    ],
    [
      { format: { thousands: '.' } },
      'sources[0].format.thousands: must differ from the decimal mark, which is "."',
    ],
    [
      { format: { decimal: ',', thousands: ',' } },
      'sources[0].format.thousands: must differ from the decimal mark',
    ],
    [{ timeZone: 'Mars/Phobos' }, 'sources[0].timeZone: must be a time zone'],
    [
      { dateFormats: ['yyyy-MM-dd', 'dd/mm/yyyy'] },
      'sources[0].dateFormats[1]: has no month (MM, M or MMM; mm are minutes)',
    ],
    [
      { defaultCurrency: 'pounds' },
      'sources[0].defaultCurrency: must be three letters, such as AUD, not "pounds"',
    ],
    [
      { defaultCurency: 'GBP' },
      'sources[0].defaultCurency: is not a known key; did you mean "defaultCurrency"?',
    ],
  ])('with %j is refused: %s', (entry, fault) => {
    const faults = ofSource(entry);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });

  it('has a unique name and is reachable', () => {
    const sources = [
      { name: 'a', match: 'a/**' },
      { name: 'a', match: 'b/**' },
      { name: 'c', match: 'a/**' },
      { name: 'd', match: '**' },
      { name: 'e', match: 'e/*' },
    ];
    expect(faultsOf({ sources })).toEqual([
      'sources[1].name: "a" is also the name of sources[0]',
      expect.stringContaining('sources[2].match: is never reached: sources[0] comes first'),
      expect.stringContaining('sources[4].match: is never reached: sources[3] comes first'),
    ]);
  });
});
