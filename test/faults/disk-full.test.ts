import { execFileSync } from 'node:child_process';
import { mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { document, purchases } from '../support/cli.ts';
import { testFolder } from '../support/folders.ts';

const MB = 1 << 20;
const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

/** A separate in-memory file system of so many megabytes. */
async function smallDisk(megabytes: number): Promise<string> {
  const folder = join(await testFolder(), 'disk');
  await mkdir(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]));
  return folder;
}

/** Fills the disk up to so many free megabytes. */
async function fill(disk: string, leave: number): Promise<void> {
  await rm(join(disk, 'filler'), { force: true });
  const { bavail, bsize } = await statfs(disk);
  await writeFile(join(disk, 'filler'), Buffer.alloc(bavail * bsize - leave * MB, 1));
}

test.runIf(mayMount)(
  `a full disk ${mayMount ? 'ends a run with a named error and leaves no partial file, and the next run finishes' : 'was skipped: only root may mount a small one'}`,
  async () => {
    const cwd = await testFolder();
    const disk = await smallDisk(36);
    const flags = ['--lake', join(disk, 'lake'), '--warehouse', `pglite:${join(cwd, 'serving')}`];
    const run = () => purchases({ cwd }, 'run', '--json', '--quiet', ...flags);
    const bronze = join(disk, 'lake/bronze');
    await purchases({ cwd }, 'generate', '--rows', '60000', '--files', '1', '--out', bronze);
    document(await run());
    await purchases(
      { cwd },
      'generate',
      '--rows',
      '60000',
      '--files',
      '1',
      '--seed',
      '2',
      '--out',
      join(bronze, 'more'),
    );
    for (const leave of [0, 1]) {
      await fill(disk, leave);
      expect(await run(), `${leave} MB free`).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/DiskFailed.*Free some space/s),
      });
      expect(await readdir(join(disk, 'lake/_tmp')).catch(() => [])).toEqual([]);
    }
    await rm(join(disk, 'filler'));
    expect(document(await run())).toMatchObject({ seq: 2, objects: { added: 1 } });
    expect((await purchases({ cwd }, 'verify', ...flags)).code).toBe(0);
  },
  240_000,
);

test.runIf(mayMount)(
  `a disk that is too small for the embedded database ${mayMount ? 'is reported, and the next run with enough space finishes' : 'was skipped: only root may mount a small one'}`,
  async () => {
    const cwd = await testFolder();
    const disk = await smallDisk(90);
    const lake = join(disk, 'lake');
    const run = () => purchases({ cwd }, 'run', '--samples', '--json', '--quiet', '--lake', lake);
    await fill(disk, 20);
    const answer = await run();
    expect(answer).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^DiskFailed: The embedded serving database in .*_warehouse cannot use its disk: .*Free some space/s,
      ),
    });
    expect(answer.stderr).not.toContain('[object Object]');
    await rm(join(disk, 'filler'));
    expect(document(await run())).toMatchObject({ customers: { inserted: 23 } });
    expect((await purchases({ cwd }, 'verify', '--lake', lake)).code).toBe(0);
  },
  240_000,
);
