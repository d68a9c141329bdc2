import { gzipSync } from 'node:zlib';

/** Damage of a file in transit: bytes are lost, added or changed at one position. */
export type Damage = { name: string; at: (bytes: Buffer, place: number) => Buffer };

const inserting = (name: string, ...bytes: number[]): Damage => ({
  name: `${name} inserted`,
  at: (file, place) =>
    Buffer.concat([file.subarray(0, place), Buffer.from(bytes), file.subarray(place)]),
});
const replacing = (name: string, ...bytes: number[]): Damage => ({
  name: `replaced by ${name}`,
  at: (file, place) =>
    Buffer.concat([file.subarray(0, place), Buffer.from(bytes), file.subarray(place + 1)]),
});
const text = (characters: string): number[] => [...Buffer.from(characters)];

export const DAMAGES: readonly Damage[] = [
  replacing('nothing'),
  { name: 'the rest cut off', at: (file, place) => file.subarray(0, place) },
  { name: 'the start cut off', at: (file, place) => file.subarray(place) },
  {
    name: 'said twice',
    at: (file, place) =>
      Buffer.concat([file.subarray(0, place), file.subarray(Math.max(0, place - 20))]),
  },
  {
    name: 'a bit turned',
    at: (file, place) =>
      Buffer.concat([
        file.subarray(0, place),
        Buffer.from([(file[place] ?? 0) ^ 0x20]),
        file.subarray(place + 1),
      ]),
  },
  inserting('a quote', ...text('"')),
  inserting('two quotes', ...text('""')),
  inserting('a comma', ...text(',')),
  inserting('a semicolon', ...text(';')),
  inserting('LF', 0x0a),
  inserting('CR', 0x0d),
  inserting('CRLF', 0x0d, 0x0a),
  inserting('NUL', 0),
  inserting('U+0001', 1),
  inserting('a blank', ...text(' ')),
  inserting('a tab', 0x09),
  inserting('a backslash', ...text('\\')),
  inserting('half a surrogate', ...text('\\ud800')),
  inserting('a byte order mark', ...text('\ufeff')),
  inserting('U+2028', ...text('\u2028')),
  inserting('a continuation byte', 0x80),
  inserting('half a character', 0xe2, 0x82),
  inserting('an opening brace', ...text('{')),
  inserting('a closing brace', ...text('}')),
  inserting('an opening bracket', ...text('[')),
  inserting('a digit', ...text('9')),
  inserting('a minus', ...text('-')),
  replacing('a quote', ...text('"')),
  replacing('LF', 0x0a),
  replacing('NUL', 0),
  replacing('0xff', 0xff),
  {
    name: 'gzip cut short',
    at: (file, place) => {
      const packed = gzipSync(file);
      return packed.subarray(0, Math.floor((packed.length * place) / (file.length + 1)));
    },
  },
  {
    name: 'a byte of the gzip changed',
    at: (file, place) => {
      const packed = Buffer.from(gzipSync(file));
      const at = Math.floor((packed.length * place) / (file.length + 1));
      packed[at] = (packed[at] ?? 0) ^ 0x55;
      return packed;
    },
  },
];

/** One damaged file of each kind at each position, named by both. */
export function damaged(file: string, ending: string): { key: string; bytes: Buffer }[] {
  const bytes = Buffer.from(file);
  return DAMAGES.flatMap(({ name, at }) =>
    Array.from({ length: bytes.length + 1 }, (_, place) => ({
      key: `shop/2026-04-03/${ending} ${name} at ${String(place).padStart(4, '0')}.${ending}${name.includes('gzip') ? '.gz' : ''}`,
      bytes: at(bytes, place),
    })),
  );
}
