import { randomBytes } from 'node:crypto';

import type { Io } from './io.ts';

type Stream = Io['stdout'];

/**
 * Characters that a terminal interprets or hides: C0 and C1 controls, DEL, line and paragraph
 * separators, and marks that change the direction of text. Line feeds and tabs are layout and pass
 * in whole texts.
 */
const CONTROL = String.raw`\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069`;
const IN_TEXT = new RegExp(`[${CONTROL}]`, 'g');
const IN_VALUE = new RegExp(`[\\t\\n${CONTROL}]`, 'g');

const codePoint = (char: string): string =>
  `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/** Escapes a value for one line of text: control characters and line ends become code points. */
export const printable = (value: string): string => value.replace(IN_VALUE, codePoint);

const GUARDED = Symbol('the stream behind a guard');
type Guarded = Stream & { [GUARDED]?: Stream };

let id: string | undefined;
/** Marks this process's own sequences. It is random, so that no value can contain it. */
const mark = (): string => (id ??= `${randomBytes(12).toString('hex')};`);

/** A control sequence such as `31m`: plain for a plain stream, marked to pass a guarded one. */
export const sequence = (stream: Guarded, code: string): string =>
  `\u001b[${stream[GUARDED] === undefined ? '' : mark()}${code}`;

const guardedText = (text: string): string =>
  text.replace(IN_TEXT, codePoint).replaceAll(`\\u001b[${mark()}`, '\u001b[');

/**
 * Wraps a stream so that only line feeds, tabs and the sequences from `sequence` reach it. Every
 * other control character is shown as its code point, which in JSON is the same document. All
 * output passes here, including values that libraries quote in their errors.
 */
export function guarded(stream: Stream): Stream {
  const write = (content: string | Uint8Array, done?: unknown): boolean =>
    stream.write(
      guardedText(typeof content === 'string' ? content : Buffer.from(content).toString()),
      typeof done === 'function' ? (error) => void done(error) : undefined,
    );
  return new Proxy(stream, {
    get(target, name) {
      if (name === GUARDED) return target;
      if (name === 'write') return write;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}

/** The stream behind the guard: for exact data into a pipe or file, and for line editing. */
export const unguarded = (stream: Guarded): Stream => stream[GUARDED] ?? stream;
