/** Accepts the same whole numbers as the rules. */
export function isWhole(value: string): boolean {
  const digits = /^([+-]?\d{1,11})(?:\.0*)?$/.exec(value)?.[1];
  return digits !== undefined && Math.abs(Number(digits)) < 2 ** 31;
}

export const isEmail = (value: string): boolean =>
  /^[^\s@<>(),;:"[\]\\]+@[^\s@<>(),;:"[\]\\]+\.[^\s@<>(),;:"[\]\\.]+$/.test(value);

export const isCurrency = (value: string): boolean => /^[A-Za-z]{3}$/.test(value);

/** Words that often mean that a purchase was cancelled or refunded. The user decides. */
export const isEnding = (value: string): boolean =>
  /^(?:refund(?:ed)?|cancel(?:l?ed)?|void(?:ed)?|delet(?:e|ed)|d|failed|denied|reversed|returned|chargeback|expired|trash|abandoned)$/i.test(
    value,
  );
