import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Situation } from './cli.ts';

const COMMAND = fileURLToPath(new URL('../../dist/purchases.js', import.meta.url));

/** How a real process ended: `code` is null if a signal killed it. */
export type Ended = { code: number | null; stdout: string; stderr: string };

export type Started = {
  pid: number;
  /** Resolves when standard error contains the text; rejects if the process ends before. */
  printed(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Its output so far. */
  soFar(): Readonly<Pick<Ended, 'stdout' | 'stderr'>>;
  ended: Promise<Ended>;
};

/**
 * Starts the built command (`npm run build`) in a process of its own, which inherits only PATH from
 * this environment.
 */
export const start = (cwd: string, ...argv: string[]): Started => startIn({ cwd }, ...argv);

/** The same with additional environment variables. */
export function startIn({ cwd, env = {} }: Situation, ...argv: string[]): Started {
  if (!existsSync(COMMAND)) throw new Error(`${COMMAND} is not there: npm run build`);
  const child = spawn(process.execPath, [COMMAND, ...argv], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...output }));
  });
  return {
    pid: child.pid ?? 0,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (output.stderr.includes(text)) resolve();
        };
        child.stderr.on('data', look);
        child.on('close', () => {
          reject(new Error(`the process ended before it printed "${text}": ${output.stderr}`));
        });
        look();
      }),
    kill: (signal) => void child.kill(signal),
    soFar: () => output,
    ended,
  };
}
