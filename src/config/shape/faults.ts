import { ConfigInvalid } from '../../errors.ts';
import { redactText, redactUrl } from '../redact-url.ts';

export type Path = readonly (string | number)[];

/**
 * One error: `where` is a key's path, a flag or a variable; `place` is `file:line:column` if it is
 * known.
 */
export type Fault = { where: string; message: string; place?: string };

/** Formats a path: `sources[0].fields.amount.product[1]`. Keys that are not words are quoted. */
export function pathText(path: Path): string {
  return path
    .map((key, at) => {
      if (typeof key === 'number') return `[${key}]`;
      if (!/^[\w$]+$/.test(key)) return `[${JSON.stringify(key)}]`;
      return at === 0 ? key : `.${key}`;
    })
    .join('');
}

/** Builds one error from all faults, a line each, in the order of the file. */
export function configInvalid(faults: readonly Fault[]): ConfigInvalid {
  const lines = faults.map(({ place, where, message }) =>
    [place, where === '' ? undefined : `${where}:`, message]
      .filter((part) => part !== undefined)
      .join(' '),
  );
  const [only, ...more] = lines;
  const message =
    only !== undefined && more.length === 0
      ? `The configuration is invalid: ${only}`
      : `The configuration is invalid, with ${lines.length} errors:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  return new ConfigInvalid(message, {
    hint: 'Fix every line above; purchases.schema.json lists every key and its values.',
  });
}

/** Formats a value for a message: short, and without the password of a URL. */
export function shown(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'string') return `${value as number | boolean | undefined}`;
  const safe = redactUrl(value);
  return JSON.stringify(safe.length > 60 ? `${safe.slice(0, 57)}...` : safe);
}

/**
 * Returns the message of the error that `read` throws, if any. Readers throw plain errors whose
 * message continues a sentence that the path starts, and which never quote a URL.
 */
export function faultOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The message of a library's error, without passwords, since it may quote anything. */
export function messageOf(error: unknown): string {
  return redactText(error instanceof Error ? error.message : String(error));
}
