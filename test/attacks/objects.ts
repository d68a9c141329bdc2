import { gunzipSync } from 'node:zlib';
import type { Draw } from '../faults/lake-history.ts';
import { decodeText } from '../oracle/bytes.ts';
import type { OracleObject } from '../oracle/index.ts';
import { type ByteStyle, store } from '../oracle/write-objects.ts';
import type { People } from './people.ts';
import { type AttackRow, someRows } from './rows.ts';
import { HEADERS, type SourceName } from './settings.ts';

type Look = {
  delimiter: ',' | ';';
  newline: '\n' | '\r\n';
  bytes: ByteStyle;
  layout: 'csv' | 'array' | 'lines';
};

/**
 * A bronze object as it arrived, whether or not rows were erased later. `texts`: its rows as
 * written, in order.
 */
export type AttackObject = OracleObject & {
  source: SourceName;
  look: Look;
  rows: readonly AttackRow[];
  texts: readonly string[];
};

const FOLDERS = ['', '', '', '[ab]/', 'a/', '$& x/'];

export function lookOf(draw: Draw, source: SourceName): Look {
  const layout = source === 'shop' && draw.once(4) ? draw.of(['array', 'lines'] as const) : 'csv';
  const encoding =
    source === 'old' ? 'latin1' : draw.of(['utf-8', 'utf-8', 'utf-8 bom', 'utf-16le'] as const);
  return {
    delimiter: draw.once(5) ? ';' : ',',
    newline: draw.once(3) ? '\r\n' : '\n',
    bytes: { encoding, gzip: draw.once(5) },
    layout,
  };
}

/** The folder for a source's file: its day is part of the folder. */
export function keyOf(draw: Draw, source: SourceName, name: string, look: Look): string {
  const ending = look.layout === 'array' ? 'json' : look.layout === 'lines' ? 'jsonl' : 'csv';
  const gz = look.bytes.gzip ? '.gz' : '';
  return `${source}/${draw.of(FOLDERS)}2026-04-0${1 + draw.below(3)}/${name}.${ending}${gz}`;
}

const field = (cell: string, delimiter: string): string =>
  /["\r\n]/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell;

function textOf(cells: readonly string[], header: readonly string[], look: Look): string {
  if (look.layout === 'csv')
    return cells.map((cell) => field(cell, look.delimiter)).join(look.delimiter);
  const members = header.map((name, at) => `${JSON.stringify(name)}: ${JSON.stringify(cells[at])}`);
  // A row with an extra cell becomes broken JSON that contains all of its words.
  return cells.length > header.length
    ? `{${members.join(', ')}, ${JSON.stringify(cells.at(-1))}}`
    : `{${members.join(', ')}}`;
}

function written(source: SourceName, look: Look, texts: readonly string[]): Uint8Array {
  const { newline, layout, delimiter } = look;
  const lines = (all: readonly string[]): string => all.map((line) => line + newline).join('');
  const header = HEADERS[source].replaceAll(',', delimiter);
  const text =
    layout === 'csv'
      ? lines([header, ...texts])
      : layout === 'lines'
        ? lines(texts)
        : `[${newline}${texts.join(`,${newline}`)}${newline}]${newline}`;
  return store(text, look.bytes, 'none');
}

export type Content = { rows: number; people: People };

/** A file with about so many rows. */
export function objectOf(
  draw: Draw,
  place: { key: string; modified: number; source: SourceName; look: Look },
  { rows: count, people }: Content,
): AttackObject {
  const { source, look } = place;
  const rows: AttackRow[] = [];
  while (rows.length < count) rows.push(...someRows(draw, people, source));
  const header = HEADERS[source].split(',');
  const texts = rows.map(({ cells }) => textOf(cells, header, look));
  return { ...place, rows, texts, bytes: written(source, look, texts) };
}

/**
 * For each row of the object, true if it is still among the bytes, in order; undefined if other
 * text is between them.
 */
export function rowsLeft(object: AttackObject, bytes: Uint8Array): boolean[] | undefined {
  const { look, texts, source } = object;
  const content = look.bytes.gzip ? gunzipSync(bytes) : bytes;
  const declared = source === 'old' ? 'latin1' : undefined;
  const header = HEADERS[source].replaceAll(',', look.delimiter);
  let text = decodeText(content, declared) ?? '';
  if (look.layout === 'csv') {
    if (!text.startsWith(header)) return undefined;
    text = text.slice(header.length);
  }
  const between = look.layout === 'csv' ? /^[\r\n]*/ : /^[[\],\s]*/;
  const left = texts.map((row) => {
    const rest = text.replace(between, '');
    const end = rest.slice(row.length, row.length + 1);
    const isPresent = rest.startsWith(row) && /^[\r\n,\]]?$/.test(end);
    if (isPresent) text = rest.slice(row.length);
    return isPresent;
  });
  // A file without purchase ids ends with blanks and tabs that distinguish it from others.
  return /^[[\],\s]*$/.test(text) ? left : undefined;
}

/** The object with these bytes, without the rows that erasures removed. */
export function asLeft(object: AttackObject, bytes: Uint8Array): AttackObject {
  const left = rowsLeft(object, bytes);
  if (left === undefined || Buffer.compare(bytes, object.bytes) === 0) return object;
  const isLeft = (_: unknown, at: number): boolean => left[at] === true;
  return {
    ...object,
    bytes,
    rows: object.rows.filter(isLeft),
    texts: object.texts.filter(isLeft),
  };
}
