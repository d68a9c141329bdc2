/** A syntax error of a document. `offset` counts UTF-16 units from its start. */
export type SyntaxFault = { offset: number; message: string };

/** A parsed document: its value, the offset of each key and list item by its path, and faults. */
export type Document = { value: unknown; offsets: Map<string, number>; faults: SyntaxFault[] };

/** The maximum depth of lists and maps, since the readers are recursive. */
export const MOST_DEPTH = 64;
