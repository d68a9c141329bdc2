import { z } from 'zod';
import { parseDateFormat } from '../../medallion/sql/date-format.ts';
import { globFault } from '../../medallion/match-source.ts';
import { currencyCode, fieldsShape } from './fields-shape.ts';
import { readLake, readRates, readWarehouse } from '../locations.ts';
import { readable } from './readable.ts';
import { readZone } from './zone.ts';

/** A placeholder for checking paths. The real base is known once the file has no faults. */
const BASE = '/';

const zone = readable(z.string(), readZone);

const format = z.strictObject({
  type: z.enum(['csv', 'json']).optional().describe("Unless set, the object's name decides."),
  encoding: z
    .enum(['utf-8', 'latin1', 'windows-1252'])
    .optional()
    .describe('UTF-8 unless set; a byte order mark takes precedence.'),
  delimiter: z
    .enum([',', ';', '\t', '|'])
    .optional()
    .describe('CSV only: unless set, the one that splits the header into most columns.'),
  decimal: z
    .enum(['.', ','])
    .optional()
    .describe('The decimal mark of amounts; a point unless set.'),
  thousands: z
    .enum(['', ',', '.', ' ', "'"])
    .optional()
    .describe('The mark between groups of three digits; none unless set.'),
});

const source = z.strictObject({
  name: readable(z.string(), (name) => {
    if (name.trim() === '' || name !== name.trim())
      throw new Error('must be a name without outer blanks');
    if (name.length > 100) throw new Error('must be at most 100 characters');
  }).describe('Unique; reports use it.'),
  match: readable(z.string(), (glob) => {
    const fault = globFault(glob);
    if (fault !== undefined) throw new Error(fault);
  }).describe('Keys below bronze/: * stays within a folder, ** crosses folders.'),
  rows: z
    .enum(['purchases', 'lines'])
    .optional()
    .describe('lines: the rows of an object that share a purchase_id are one purchase.'),
  format: format.optional(),
  timeZone: zone
    .optional()
    .describe('Time zone of timestamps without an offset; the business time zone unless set.'),
  dateFormats: z
    .array(readable(z.string(), parseDateFormat))
    .optional()
    .describe(
      "CLDR patterns of yyyy yy MMM MM M dd d HH H hh h mm ss a 'text', tried after the ISO forms.",
    ),
  defaultCurrency: readable(z.string(), currencyCode)
    .meta({ pattern: '^[A-Za-z]{3}$' })
    .optional()
    .describe('Currency of a source without a currency column.'),
  fields: fieldsShape
    .optional()
    .describe('The rule of each field; a default field left out is the column of its name.'),
});

/** The shape of a configuration file in any format. */
export const configShape = z.strictObject({
  $schema: z.string().optional().describe('For editors.'),
  lake: readable(z.string(), (text) => readLake(text, BASE))
    .optional()
    .describe('A folder or s3://bucket/prefix; ./lake unless set.'),
  warehouse: readable(z.string(), (text) => readWarehouse(text, BASE))
    .optional()
    .describe(
      'pglite:FOLDER, postgres://… or mysql://…; PGlite in _warehouse of the lake unless set.',
    ),
  timeZone: zone.optional().describe('The business time zone; Australia/Sydney unless set.'),
  fx: z
    .strictObject({
      rates: readable(z.string(), (text) => readRates(text, BASE))
        .optional()
        .describe('A path, a lake key (reference/… or lake:KEY) or s3://bucket/key.'),
      maxAgeDays: z
        .int()
        .min(0)
        .optional()
        .describe('Maximum age of a rate in days; 7 unless set.'),
    })
    .optional(),
  firstCustomerId: z
    .int()
    .min(1)
    .max(2_147_483_647)
    .optional()
    .describe('The first integer assigned to a customer key; 1000000001 unless set.'),
  limits: z
    .strictObject({
      maxQuarantinedShare: z
        .number()
        .min(0)
        .max(1)
        .optional()
        .describe(
          'An object with a larger share of rejected rows is quarantined whole; 1 unless set.',
        ),
      maxInflation: z
        .number()
        .min(1)
        .optional()
        .describe('A gzip that inflates more than this many times is not read; 200 unless set.'),
    })
    .optional(),
  sources: z
    .array(source)
    .min(1)
    .optional()
    .describe(
      "An object's source is the first that matches its key; one for all objects unless set.",
    ),
});

export type ConfigInput = z.input<typeof configShape>;
export type SourceInput = NonNullable<ConfigInput['sources']>[number];
