/**
 * Returns the offset after the closing quote of the JSON string at `at`; undefined where it is not
 * closed. A regular expression with a repeated alternative would overflow the stack on long
 * strings.
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
