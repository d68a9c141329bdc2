/** The part of big.js that tests use as an oracle; the package ships no types. */
declare module 'big.js' {
  export interface Big {
    plus(other: Big | number | string): Big;
    minus(other: Big | number | string): Big;
    times(other: Big | number | string): Big;
    div(other: Big | number | string): Big;
    round(places?: number, mode?: 0 | 1 | 2 | 3): Big;
    cmp(other: Big | number | string): -1 | 0 | 1;
    eq(other: Big | number | string): boolean;
    gt(other: Big | number | string): boolean;
    lt(other: Big | number | string): boolean;
    toFixed(places?: number, mode?: 0 | 1 | 2 | 3): string;
  }
  interface BigConstructor {
    (): BigConstructor;
    new (value: Big | number | string): Big;
    DP: number;
    RM: 0 | 1 | 2 | 3;
  }
  export const Big: BigConstructor;
}
