import { ConfigInvalid } from '../errors.ts';
import { findFile } from './file/find-file.ts';
import { given } from './overrides.ts';
import { loadConfig, type LoadOptions } from './load.ts';
import { readConfigFile } from './file/read-file.ts';

/**
 * The parts of a configuration file that apply in AWS, as plain data: all but the lake and the
 * serving database, which the stack sets. Undefined without a file. Error: `ConfigInvalid`, also
 * for rates in a local file.
 */
export async function deployableConfig(options: LoadOptions): Promise<object | undefined> {
  const { fx } = await loadConfig(options);
  if (fx.rates?.kind === 'file')
    throw new ConfigInvalid(`fx.rates is ${fx.rates.path}, a local file.`, {
      hint: 'Import the rates into the lake (purchases fx import FILE --lake s3://…) and remove fx.rates.',
    });
  const { file } = await findFile(options.cwd, given(options.flags, options.env, 'config'));
  if (file === undefined) return undefined;
  const { lake: _, warehouse: __, ...rest } = Object((await readConfigFile(file, file)).value);
  return rest as object;
}
