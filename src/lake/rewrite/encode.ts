import { charset } from '../text/charsets.ts';

/**
 * The encoding of an object: that of its byte order mark, else the one that its source declares.
 */
export type Spelling = { bom: Buffer; encode(text: string): Buffer };

const MARKS = [
  ['utf-8', Buffer.from([0xef, 0xbb, 0xbf])],
  ['utf-16be', Buffer.from([0xfe, 0xff])],
  ['utf-16le', Buffer.from([0xff, 0xfe])],
] as const;
const NONE = Buffer.alloc(0);

export function spellingOf(
  start: Buffer,
  declared: 'utf-8' | 'latin1' | 'windows-1252' = 'utf-8',
): Spelling {
  const marked = MARKS.find(([, mark]) => start.subarray(0, mark.length).equals(mark));
  const [encoding, bom] = marked ?? [declared, NONE];
  return { bom, encode: encoder(encoding) };
}

function encoder(encoding: Parameters<typeof charset>[0]): Spelling['encode'] {
  switch (encoding) {
    case 'utf-8':
      return (text) => Buffer.from(text, 'utf8');
    case 'utf-16le':
      return (text) => Buffer.from(text, 'utf16le');
    case 'utf-16be':
      return (text) => Buffer.from(text, 'utf16le').swap16();
    case 'latin1':
    case 'windows-1252':
      return singleBytes(encoding);
  }
}

/** Inverts the decoder's table of 256 characters. */
function singleBytes(encoding: 'latin1' | 'windows-1252'): Spelling['encode'] {
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const characters = charset(encoding).toUtf8(all)?.toString('utf8') ?? '';
  const bytes = new Map([...characters].map((character, byte) => [character, byte]));
  return (text) => Buffer.from(Array.from(text, (character) => bytes.get(character) ?? 0x3f));
}
