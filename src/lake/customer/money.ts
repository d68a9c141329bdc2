/** Converts a decimal text to units of `10 ** -places`; more places are an error. */
export function units(text: string, places: number): bigint {
  const [whole = '', part = ''] = text.replace('-', '').split('.');
  if (part.length > places) throw new Error(`${text} has more than ${places} places`);
  const size = BigInt(whole + part.padEnd(places, '0'));
  return text.startsWith('-') ? -size : size;
}

/** Formats cents as a decimal: `-12.50`. */
export function centsText(cents: bigint): string {
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/**
 * Multiplies amount (4 places) by rate (12 places); returns cents, rounded once, half away from
 * zero (SPEC section 5).
 */
export function toAud(amount: string, rate: string): bigint {
  const product = units(amount, 4) * units(rate, 12);
  const size = product < 0n ? -product : product;
  const cents = (size + 5n * 10n ** 13n) / 10n ** 14n;
  return product < 0n ? -cents : cents;
}
