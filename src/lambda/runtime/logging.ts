import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { PurchasesError } from '../../errors.ts';

/**
 * Log and metrics of a function. The POWERTOOLS_ variables of the stack set service, namespace and
 * level.
 */
export const logger = new Logger();
export const metrics = new Metrics();

/**
 * Engines and drivers quote the value that caused an error, and a value may be a name or an e-mail
 * address.
 */
const QUOTED = /'[^']*'|"[^"]*"|`[^`]*`|\([^()]*\)=\([^()]*\)/g;
const MESSAGE_LIMIT = 1000;

/**
 * The error as shown in logs and in an execution's history: the class name, which Retry and Catch
 * match, and the message. Quoted values are removed from errors that are not the product's own. The
 * result has no other properties, since the runtime prints all of them.
 */
export function presentable(error: unknown): Error {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  const hint = error instanceof PurchasesError ? error.hint : undefined;
  const text = error instanceof PurchasesError ? message : message.replaceAll(QUOTED, '…');
  const shown = new Error([text, hint].filter(Boolean).join(' ').slice(0, MESSAGE_LIMIT));
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return Object.assign(shown, { name, stack: [`${name}: ${shown.message}`, ...frames].join('\n') });
}
