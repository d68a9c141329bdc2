import { randomBytes } from 'node:crypto';

import type { Io } from './io.ts';

type Stream = Io['stdout'];

/**
 * What a terminal obeys or hides: C0 and C1 controls, DEL, separators of lines and paragraphs, and
 * marks that turn the direction of text. A line feed and a tab are layout, so they pass where whole
 * texts are written.
 */
const CONTROL = String.raw`\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069`;
const IN_TEXT = new RegExp(`[${CONTROL}]`, 'g');
const IN_VALUE = new RegExp(`[\\t\\n${CONTROL}]`, 'g');

const codePoint = (char: string): string =>
  `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/**
 * A value in a line of text: every character that a terminal obeys is shown as its code point, line
 * ends too.
 */
export const printable = (value: string): string => value.replace(IN_VALUE, codePoint);

const GUARDED = Symbol('the stream behind a guard');
type Guarded = Stream & { [GUARDED]?: Stream };

let id: string | undefined;
/** Marks this process's own sequences; random, so that no value can hold it. */
const mark = (): string => (id ??= `${randomBytes(12).toString('hex')};`);

/**
 * A control sequence of ours, such as `31m`: as it is for a plain stream, with the mark that lets
 * it pass for a guarded one.
 */
export const sequence = (stream: Guarded, code: string): string =>
  `\u001b[${stream[GUARDED] === undefined ? '' : mark()}${code}`;

const guardedText = (text: string): string =>
  text.replace(IN_TEXT, codePoint).replaceAll(`\\u001b[${mark()}`, '\u001b[');

/**
 * The stream with a guard before it: of all control characters only line feeds, tabs and the
 * sequences that `sequence` made reach it, every other one is shown as its code point, which in
 * JSON is the same document. Whatever a library quotes in an error, a file name or a cell passes
 * here.
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

/**
 * The stream behind the guard, for exact data into a pipe or a file, and for line editing on a
 * terminal.
 */
export const unguarded = (stream: Guarded): Stream => stream[GUARDED] ?? stream;
