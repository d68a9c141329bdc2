/**
 * Where the JSON string ends that begins at `at`, behind its closing quote; undefined where it
 * never does. A pattern that repeats a choice would overflow the stack on a long one.
 */
export function stringEnd(text: string, at: number): number | undefined {
  let quote = text.indexOf('"', at + 1);
  let escape = text.indexOf('\\', at + 1);
  while (escape >= 0 && escape < quote) {
    if (quote === escape + 1) quote = text.indexOf('"', escape + 2);
    escape = text.indexOf('\\', escape + 2);
  }
  return quote < 0 ? undefined : quote + 1;
}
