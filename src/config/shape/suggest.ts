/** The known word that `word` most likely stands for; undefined if none is similar. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const typed = plain(word);
  const near = known
    .map((candidate) => ({ candidate, far: distanceOf(typed, plain(candidate)) }))
    .filter(({ candidate, far }) => far <= Math.max(1, Math.floor(candidate.length / 3)))
    .toSorted((a, b) => a.far - b.far);
  return near[0]?.candidate;
}

/** `; did you mean "lake"?`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const meant = suggest(word, known);
  return meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`;
}

/** The distance of a typed word from a known one; the start of a known word is near it. */
function distanceOf(typed: string, known: string): number {
  return typed.length >= 3 && known.startsWith(typed)
    ? Math.min(1, known.length - typed.length)
    : distance(typed, known);
}

/**
 * Ignores case, blanks, `_` and `-`, which users confuse and which never distinguish known words.
 */
function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[\s_-]/g, '');
}

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const cell = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    rows.push(line);
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      line.push(
        Math.min(
          cell(row - 1, column) + 1,
          cell(row, column - 1) + 1,
          cell(row - 1, column - 1) + same,
          swapped ? cell(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return cell(a.length, b.length);
}
