import { readdir, readFile } from 'node:fs/promises';

/** Resident bytes (current and peak) and processor seconds so far. */
export type ProcessFacts = { id: number; resident: number; peak: number; cpu: number };

/** Linux counts processor time in hundredths of a second. */
const TICKS = 100;

/**
 * Reads a process and all its descendants from /proc; processes that end meanwhile are left out.
 */
export async function tree(id: number): Promise<ProcessFacts[]> {
  const [own, children] = await Promise.all([facts(id), childrenOf(id)]);
  if (own === undefined) return [];
  return [own, ...(await Promise.all(children.map(tree))).flat()];
}

async function facts(id: number): Promise<ProcessFacts | undefined> {
  const status = await text(`/proc/${id}/status`);
  const stat = await text(`/proc/${id}/stat`);
  const bytes = (name: string): number =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  if (stat === '') return undefined;
  // Fields are counted after the name, which may contain any character: state is field 3, utime 14,
  // stime 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const cpu = (Number(fields[11]) + Number(fields[12])) / TICKS;
  return { id, resident: bytes('VmRSS'), peak: bytes('VmHWM'), cpu };
}

/** Any thread may have started a child. */
async function childrenOf(id: number): Promise<number[]> {
  const threads = await readdir(`/proc/${id}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) => text(`/proc/${id}/task/${thread}/children`)),
  );
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

const text = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
