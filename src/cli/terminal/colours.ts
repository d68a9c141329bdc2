import picocolors from 'picocolors';

import type { Io } from './io.ts';
import { sequence } from './terminal.ts';

const NAMES = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const;

export type Colours = Record<(typeof NAMES)[number], (text: string) => string>;

/**
 * Colours of one stream: on or off by `NO_COLOR` and `FORCE_COLOR`, otherwise on if the stream is a
 * terminal with colours.
 */
export function coloursFor({ env }: Pick<Io, 'env'>, stream: Io['stdout']): Colours {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  const able = stream.isTTY === true && env['TERM'] !== 'dumb';
  const colours = picocolors.createColors((env['NO_COLOR'] ?? '') === '' && (forced || able));
  const start = sequence(stream, '');
  return Object.fromEntries(
    NAMES.map((name) => {
      const [open = '', close = ''] = colours[name](' ').replaceAll('\u001b[', start).split(' ');
      return [name, (text: string) => `${open}${text}${close}`];
    }),
  ) as Colours;
}
