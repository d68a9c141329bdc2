/** Calls that pass a path, a statement or a connection to Spark: only `tables.py` may use them. */
const CALLS =
  /\.(?:read|write|readStream|writeStream)\.|(?<!json|store|self)\.(?:sql|parquet|csv|orc|text|load|save|saveAsTable|insertInto|jdbc|textFile|wholeTextFiles|binaryFiles|addFile)\(/;
/** Not paths of the lake: the package itself, and certificates under a name that we choose. */
const KNOWN = new Set(['context.addFile(made)']);

/** The lines of a Python file that bypass `tables.py`, `file:line text`. */
export const aroundTheDoor = (file: string, text: string): string[] =>
  text.split('\n').flatMap((line, at) => {
    const code = line.replace(/(?:^|\s)#.*$/, '').trim();
    return CALLS.test(code) && !KNOWN.has(code) ? [`${file}:${at + 1} ${code}`] : [];
  });
