import { ConfigInvalid } from '../errors.ts';
import { findFile } from './file/find-file.ts';
import { given } from './overrides.ts';
import { loadConfig, type LoadOptions } from './load.ts';
import { readConfigFile } from './file/read-file.ts';

/**
 * What a configuration file says that holds in AWS too, as plain data: where the lake and the
 * serving database are is the stack's to say. Undefined where there is no file. Error:
 * `ConfigInvalid`, also for rates that are a file of this machine.
 */
export async function deployableConfig(options: LoadOptions): Promise<object | undefined> {
  const { fx } = await loadConfig(options);
  if (fx.rates?.kind === 'file')
    throw new ConfigInvalid(`fx.rates names ${fx.rates.path}, a file of this machine.`, {
      hint: 'Import the rates into the lake (purchases fx import FILE --lake s3://…) and leave fx.rates out.',
    });
  const { file } = await findFile(options.cwd, given(options.flags, options.env, 'config'));
  if (file === undefined) return undefined;
  const { lake: _, warehouse: __, ...rest } = Object((await readConfigFile(file, file)).value);
  return rest as object;
}
