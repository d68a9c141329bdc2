/** What is wrong with a document's syntax; `offset` counts UTF-16 units from its start. */
export type SyntaxFault = { offset: number; message: string };

/**
 * A document read: its value, where each key and list item starts (by the text of its path), and
 * faults of syntax.
 */
export type Document = { value: unknown; offsets: Map<string, number>; faults: SyntaxFault[] };

/** Lists and maps of a configuration may be nested so deep: the readers go down by recursion. */
export const MOST_DEPTH = 64;
