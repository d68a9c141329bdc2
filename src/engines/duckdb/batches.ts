import type { Prepared } from './prepare.ts';

/** A batch of several objects is read by one statement; past this many bytes the next one begins, which keeps memory flat. */
const BATCH_BYTES = 64 << 20;
const BATCH_OBJECTS = 2_000;
/** DuckDB holds a line whole: longer ones go through the tokeniser. */
const LONGEST_LINE = 1 << 20;

/** Objects that are read and written together: one silver file, one quarantine file. */
export type Batch = { how: 'done' | 'plain' | 'tokenised' | 'json'; members: Prepared[] };

/** Joins neighbours that one statement can read: same day, rules and header, no quote, one kind of line end. */
export async function* inBatches(prepared: AsyncIterable<Prepared>): AsyncGenerator<Batch> {
  let batch: Batch = { how: 'done', members: [] };
  let signature = '';
  let bytes = 0;
  for await (const member of prepared) {
    const how = howToRead(member);
    const own = how === 'plain' || how === 'done' ? signatureOf(how, member) : '';
    const fits =
      own !== '' &&
      own === signature &&
      bytes + member.bytes <= BATCH_BYTES &&
      batch.members.length < BATCH_OBJECTS;
    if (!fits) {
      if (batch.members.length > 0) yield batch;
      batch = { how, members: [] };
      bytes = 0;
    }
    batch.members.push(member);
    bytes += member.bytes;
    signature = own;
  }
  if (batch.members.length > 0) yield batch;
}

function howToRead(member: Prepared): Batch['how'] {
  if (member.kind !== 'csv') return member.kind;
  const { quotes, lineEnds, longestRow } = member.scan;
  const plain = !quotes && lineEnds !== 'mixed' && longestRow < LONGEST_LINE && member.headerInLine;
  return plain ? 'plain' : 'tokenised';
}

function signatureOf(how: Batch['how'], member: Prepared): string {
  if (member.kind !== 'csv') return how;
  const { scan, object } = member;
  return JSON.stringify([
    how,
    object.ingestionDate,
    object.rules,
    scan.delimiter,
    scan.lineEnds,
    scan.header,
  ]);
}
