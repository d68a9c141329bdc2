import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { DEFAULT_FIELDS, MAPPED_FIELDS } from '../../medallion/source.ts';
import { configJsonSchema } from './json-schema.ts';
import { isRecord } from '../is-record.ts';

const committed = async (): Promise<unknown> =>
  JSON.parse(await readFile(new URL('../../../purchases.schema.json', import.meta.url), 'utf8'));

/** Every object schema within a schema, with its path. */
function objects(schema: unknown, path = ''): { path: string; schema: Record<string, unknown> }[] {
  if (Array.isArray(schema)) return schema.flatMap((item, at) => objects(item, `${path}/${at}`));
  if (!isRecord(schema)) return [];
  const own = isRecord(schema['properties']) ? [{ path, schema }] : [];
  return [
    ...own,
    ...Object.entries(schema).flatMap(([key, value]) => objects(value, `${path}/${key}`)),
  ];
}

describe('the JSON Schema for editors', () => {
  it('is the one that the model gives: npx tsx scripts/build-schema.ts writes it', async () => {
    expect(await committed()).toEqual(configJsonSchema());
  });

  it('refuses unknown keys everywhere', () => {
    const open = objects(configJsonSchema()).filter(
      ({ schema }) => schema['additionalProperties'] !== false,
    );
    expect(open.map(({ path }) => path)).toEqual([]);
  });

  it('knows every setting and every field', () => {
    const all = objects(configJsonSchema());
    const keys = (path: string): string[] => {
      const properties = all.find((object) => object.path === path)?.schema['properties'];
      return isRecord(properties) ? Object.keys(properties).toSorted() : [];
    };
    expect(keys('')).toEqual(
      [
        '$schema',
        'firstCustomerId',
        'fx',
        'lake',
        'limits',
        'sources',
        'timeZone',
        'warehouse',
      ].toSorted(),
    );
    expect(keys('/properties/sources/items/properties/fields')).toEqual(
      [...DEFAULT_FIELDS, ...MAPPED_FIELDS].toSorted(),
    );
  });

  it('requires nothing but the name and the match of a source', () => {
    const required = objects(configJsonSchema()).flatMap(({ path, schema }) =>
      schema['required'] !== undefined && !path.includes('/fields/')
        ? [[path, schema['required']]]
        : [],
    );
    expect(required).toEqual([['/properties/sources/items', ['name', 'match']]]);
  });
});
