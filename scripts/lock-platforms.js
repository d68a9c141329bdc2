// Adds the optional packages of other platforms to package-lock.json. npm leaves out those that it
// could not look up (a registry mirror need not hold them), and `npm ci` then rejects the lock
// file. Run it after every change of the dependencies; it changes nothing if nothing is missing.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));

const OS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const CPU = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'x64',
  'wasm32',
];
const LIBC = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };

/** A platform's package names its platform: `@oxlint/binding-linux-arm64-musl`. */
function platformOf(name) {
  const parts = name.split(/[-/]/);
  const pick = (values) => parts.filter((part) => values.includes(part));
  const found = {
    cpu: pick(CPU),
    os: pick(OS),
    libc: pick(Object.keys(LIBC)).map((part) => LIBC[part]),
  };
  if (found.os.length === 0 && found.cpu.length === 0) return undefined;
  return Object.fromEntries(Object.entries(found).filter(([, values]) => values.length > 0));
}

/**
 * The folders in which a package looks for a dependency: its own node_modules first, the root's
 * last.
 */
function foldersOf(from) {
  const ends = [...from.matchAll(/node_modules\//g)].map(
    ({ index }) => index + 'node_modules/'.length,
  );
  return ends.map((end) => from.slice(0, end)).toReversed();
}

function missing(packages) {
  const added = {};
  for (const [from, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
    const folders = foldersOf(from);
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const platform = platformOf(name);
      const isLocked = folders.some((folder) => packages[folder + name]?.version === version);
      if (platform === undefined || isLocked || !/^\d/.test(version)) continue;
      added[folders[0] + name] = { version, ...(dev ? { dev } : {}), optional: true, ...platform };
    }
  }
  return added;
}

const lock = JSON.parse(readFileSync(path, 'utf8'));
const before = Object.keys(lock.packages).length;
// Repeated until nothing is missing: an addition may displace another version, which then moves to
// the node_modules of the package that needs it.
for (
  let added = missing(lock.packages);
  Object.keys(added).length > 0;
  added = missing(lock.packages)
) {
  Object.assign(lock.packages, added);
}
const sorted = Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
const count = sorted.length - before;
if (count > 0) {
  writeFileSync(
    path,
    `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`,
  );
}
console.log(`${count} packages of other platforms added to package-lock.json`);
