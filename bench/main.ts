import { contenders } from './contenders.ts';
import { startDatabases } from './database.ts';
import { HELP, readOptions } from './options.ts';
import { compare } from './work.ts';

const args = process.argv.slice(2);
if (args.includes('--help')) console.log(HELP);
else {
  const options = readOptions(args);
  const databases = await startDatabases();
  try {
    const contests = await compare(databases, contenders(options.only), options, (l) =>
      console.error(l),
    );
    for (const c of contests)
      console.log(
        c.name,
        c.full.map((r) => r.digest.slice(0, 12) + ' ' + r.customers),
        c.increment.map((r) => r.digest.slice(0, 12) + ' ' + r.customers),
        c.failed ?? '',
      );
  } finally {
    await databases.stop();
  }
}
