import type { ProgressEvent } from '../../state-machine/run-state.ts';
import { coloursFor } from '../terminal/colours.ts';
import type { Io } from '../terminal/io.ts';
import { counted } from '../terminal/table.ts';
import { sequence } from '../terminal/terminal.ts';

/**
 * Shows the states of a run: one line for each finished state, and on a terminal a live line for
 * the current one.
 */
export type ProgressView = { show(event: ProgressEvent): void; end(): void };

const TICK_MS = 100;

export function progressView(io: Io, options: { quiet: boolean }): ProgressView {
  if (options.quiet) return { show: () => {}, end: () => {} };
  const { stderr } = io;
  const colours = coloursFor(io, stderr);
  const live = stderr.isTTY === true && io.env['TERM'] !== 'dumb';
  const current = { state: '', since: 0, detail: '' };
  let timer: NodeJS.Timeout | undefined;

  const clearLine = `${sequence(stderr, '1G')}${sequence(stderr, '2K')}`;
  const clear = (): void => void (live && stderr.write(clearLine));
  const draw = (): void => {
    if (current.state === '') return;
    const seconds = ((Date.now() - current.since) / 1000).toFixed(1);
    stderr.write(
      `${clearLine}${colours.cyan('›')} ${current.state.padEnd(16)} ${colours.dim(`${seconds} s`)}  ${current.detail}`,
    );
  };
  const line = (mark: string, state: string, at: number, detail: string): void => {
    clear();
    const seconds = `${((at - current.since) / 1000).toFixed(2)} s`;
    stderr.write(`${mark} ${state.padEnd(16)} ${colours.dim(seconds.padStart(8))}  ${detail}\n`);
  };

  return {
    show(event) {
      const at = event.at ?? Date.now();
      if (event.kind === 'entered' || event.kind === 'retried') {
        Object.assign(current, { state: event.state, since: at, detail: '' });
        if (live) timer ??= setInterval(draw, TICK_MS);
        timer?.unref();
      } else if (event.kind === 'progress') current.detail = detailOf(event);
      else {
        line(
          event.kind === 'failed' ? colours.red('✗') : colours.green('✓'),
          event.state,
          at,
          current.detail,
        );
        current.state = '';
      }
    },
    end() {
      clearInterval(timer);
      if (current.state !== '') clear();
    },
  };
}

function detailOf({ rows, bytes, message }: ProgressEvent): string {
  if (message !== undefined) return message;
  const parts = [
    rows === undefined ? '' : counted(rows, 'row'),
    bytes === undefined ? '' : megabytes(bytes),
  ];
  return parts.filter(Boolean).join(', ');
}

const megabytes = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
