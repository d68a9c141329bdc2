import { expect, test } from 'vitest';
import { fastPathFields } from '../../medallion/fast-path.ts';
import { fastPathSource } from '../../../test/support/fast-path-lines.ts';
import { asciiPattern } from './ascii-pattern.ts';

test('classes lose what is not ASCII and are written out', () => {
  expect(asciiPattern('\\A-?[0-2]{1,9}(?:[a\\x{62}-\\x{63}_-][^,]*)?')).toBe(
    '\\A-?[\\x{30}\\x{31}\\x{32}]{1,9}(?:[\\x{61}\\x{62}\\x{63}\\x{5f}\\x{2d}][^,]*)?',
  );
  expect(asciiPattern('[\\x{7e}-\\x{24f}\\x{4e00}-\\x{9fff}]+')).toBe('[\\x{7e}\\x{7f}]+');
});

test('both patterns match the same ASCII cells of the fast path', () => {
  const inJs = (pattern: string): RegExp =>
    new RegExp(`^(?:${pattern.replaceAll('\\x{', '\\u{')})$`, 'u');
  const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
  for (const { cell } of fastPathFields(fastPathSource) ?? []) {
    for (const delimiter of [',', ';', '\t', '|']) {
      const [whole, short] = [inJs(cell(delimiter)), inJs(asciiPattern(cell(delimiter)))];
      for (const text of ['', '7', '-1.5', '2026-01-05', 'a@b.co', 'Ann Lee', 'AUD'])
        for (const char of ascii)
          for (const value of [text, char, text + char, char + text, `${text}${char}x`])
            expect(short.test(value), JSON.stringify(value)).toBe(whole.test(value));
    }
  }
});
