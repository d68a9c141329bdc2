import { gzipSync } from 'node:zlib';

/** A row to write: one value per column, or a raw line or element. */
export type WrittenRow = { values: string[]; bare: boolean; spoil: RowSpoil };
export type RowSpoil =
  | 'none'
  | 'short'
  | 'long'
  | 'open quote'
  | 'late quote'
  | 'blank line'
  | 'doubled key'
  | 'deep'
  | 'half pair'
  | 'garbage'
  | 'no object';

export type CsvStyle = {
  delimiter: string;
  newline: string;
  quoteAll: boolean;
  lastNewline: boolean;
  leadingBlank: boolean;
};
export type JsonStyle = {
  shape: 'array' | 'lines';
  newline: string;
  spaced: boolean;
  leaveOutBlank: boolean;
};
export type ByteStyle = {
  encoding: 'utf-8' | 'utf-8 bom' | 'utf-16le' | 'utf-16be' | 'latin1' | 'windows-1252';
  gzip: boolean;
};
export type ByteSpoil =
  | 'none'
  | 'bad encoding'
  | 'truncated gzip'
  | 'empty'
  | 'header only'
  | 'open array';

function csvField(value: string, { delimiter, quoteAll }: CsvStyle): string {
  const mustQuote =
    quoteAll || value.startsWith('"') || /[\r\n]/.test(value) || value.includes(delimiter);
  return mustQuote ? `"${value.replaceAll('"', '""')}"` : value;
}

function csvLine(row: WrittenRow, style: CsvStyle): string {
  const fields = row.values.map((value) => csvField(value, style));
  switch (row.spoil) {
    case 'short':
    case 'half pair':
      return fields.slice(1).join(style.delimiter);
    case 'long':
    case 'doubled key':
      return [...fields, 'more'].join(style.delimiter);
    case 'open quote':
    case 'deep':
      return ['"never closed', ...fields.slice(1)].join(style.delimiter);
    case 'late quote':
    case 'garbage':
      return ['"closed" late', ...fields.slice(1)].join(style.delimiter);
    case 'blank line':
    case 'no object':
      return ' \t ';
    case 'none':
      // A record of blanks alone would not be a row: quotes turn it into one.
      return /^[ \t]*$/.test(fields.join(style.delimiter))
        ? `""${style.delimiter}${fields.slice(1).join(style.delimiter)}`
        : fields.join(style.delimiter);
  }
}

/** Mixed line ends are CRLF after the header and after every second line. */
function lineEnd(newline: string, index: number): string {
  if (newline !== 'mixed') return newline;
  return index % 2 === 0 ? '\r\n' : '\n';
}

/** Writes a table as delimited text by RFC 4180, with the requested spoiled rows. */
export function writeCsv(header: string[], rows: WrittenRow[], style: CsvStyle): string {
  const head = header.map((name) => csvField(name, style)).join(style.delimiter);
  const lines = [
    ...(style.leadingBlank ? ['  '] : []),
    head,
    ...rows.map((row) => csvLine(row, style)),
  ];
  const ended = lines.map((line, index) => line + lineEnd(style.newline, index));
  return style.lastNewline ? ended.join('') : [...ended.slice(0, -1), lines.at(-1)].join('');
}

const JSON_NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;

function jsonValue(value: string, bare: boolean): string {
  const isToken = JSON_NUMBER.test(value) || ['NaN', 'Infinity', '-Infinity'].includes(value);
  return bare && isToken ? value : JSON.stringify(value);
}

function jsonObject(header: string[], row: WrittenRow, style: JsonStyle): string {
  const separator = style.spaced ? ' : ' : ':';
  const nested = new Map<string, string[]>();
  const entries: string[] = [];
  for (const [index, name] of header.entries()) {
    const value = row.values[index] ?? '';
    if (value === '' && style.leaveOutBlank) continue;
    const text = value === '' && row.bare ? 'null' : jsonValue(value, row.bare);
    const [parent, child] = name.split('.');
    if (parent === undefined || child === undefined)
      entries.push(`${JSON.stringify(name)}${separator}${text}`);
    else
      nested.set(parent, [
        ...(nested.get(parent) ?? []),
        `${JSON.stringify(child)}${separator}${text}`,
      ]);
  }
  for (const [parent, children] of nested)
    entries.push(`${JSON.stringify(parent)}${separator}{${children.join(',')}}`);
  if (row.spoil === 'doubled key') entries.push('"twice":1', '"twice":2');
  if (row.spoil === 'deep') entries.push(`"deep":${'['.repeat(8)}${']'.repeat(8)}`);
  if (row.spoil === 'half pair') entries.push('"half":"\\ud800"');
  return `{${entries.join(style.spaced ? ' , ' : ',')}}`;
}

/**
 * Writes the rows as JSON; a row that would break an array is written as a number, which is not an
 * object.
 */
export function writeJson(header: string[], rows: WrittenRow[], style: JsonStyle): string {
  const texts = rows.map((row) => {
    const text = jsonObject(header, row, style);
    if (row.spoil === 'no object') return '[1]';
    if (style.shape === 'lines' && row.spoil === 'blank line') return ' \t';
    const isBroken = ['short', 'long', 'open quote', 'late quote', 'garbage'].includes(row.spoil);
    if (isBroken) return style.shape === 'array' ? '1' : `${text.slice(0, -1)},}`;
    return text;
  });
  if (style.shape === 'lines') return texts.map((text) => text + style.newline).join('');
  return `[${style.spaced ? style.newline : ''}${texts.join(`,${style.newline}`)}]`;
}

/** A text as the bytes of an encoding; characters outside the encoding are written as `?`. */
export function encode(text: string, encoding: ByteStyle['encoding']): Uint8Array {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(text, 'utf8');
    case 'utf-8 bom':
      return Buffer.from(`\ufeff${text}`, 'utf8');
    case 'utf-16le':
      return Buffer.from(`\ufeff${text}`, 'utf16le');
    case 'utf-16be':
      return Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    case 'latin1':
      return Buffer.from(text.replaceAll(/[^\u0000-\u00ff]/gu, '?'), 'latin1');
    case 'windows-1252':
      return Buffer.from(
        text.replaceAll(/[^\u0000-\u007f\u00a0-\u00ff]/gu, (char) =>
          char === '€' ? '\u0080' : '?',
        ),
        'latin1',
      );
  }
}

/** The stored bytes: encoded, spoiled, compressed. */
export function store(text: string, style: ByteStyle, spoil: ByteSpoil): Uint8Array {
  const encoded = encode(text, style.encoding);
  const isUtf16 = style.encoding.startsWith('utf-16');
  const broken = Buffer.concat([encoded, Buffer.from(isUtf16 ? [0x61] : [0xc3, 0x28])]);
  const content = spoil === 'bad encoding' ? broken : encoded;
  if (!style.gzip) return content;
  const zipped = gzipSync(content);
  return spoil === 'truncated gzip' ? zipped.subarray(0, zipped.length - 6) : zipped;
}
