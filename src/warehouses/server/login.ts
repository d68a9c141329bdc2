import type { ServerAddress } from './url.ts';

/** Who connects, and by what they prove it. */
export type Login = { user: string | undefined; password: string | undefined };

/**
 * Where a login comes from. `again` asks anew where what was answered before may have been replaced
 * since, by a rotation.
 */
export type Credentials = { read(): Promise<Login>; again?(): Promise<Login> };

/** A password, or what asks for one at each connection. */
export type Password = string | (() => Promise<string>);

/**
 * The login of an address: a token for each connection, a secret that is kept until it is rejected,
 * or what is given.
 */
export function credentialsOf(address: ServerAddress, given?: Password): Credentials {
  const { passwordFrom, user, password } = address;
  if (passwordFrom === undefined)
    return {
      read: async () => ({
        user,
        password: password ?? (typeof given === 'function' ? await given() : given),
      }),
    };
  if (passwordFrom.kind === 'rds-iam')
    return {
      async read() {
        const { rdsToken } = await import('./rds-token.ts');
        return { user, password: await rdsToken(address, passwordFrom.user) };
      },
    };
  let known: Promise<Login> | undefined;
  const ask = async (): Promise<Login> => {
    const { readSecret } = await import('./secret.ts');
    const secret = await readSecret(passwordFrom.id);
    return { user: user ?? secret.user, password: secret.password };
  };
  return {
    read: () => (known ??= ask()),
    again: () => (known = ask()),
  };
}

/**
 * Connects; where the server rejects a login that may have been replaced, once more with the new
 * one.
 */
export async function connectAs<T>(
  { read, again }: Credentials,
  isRejected: (error: unknown) => boolean,
  connect: (login: Login) => Promise<T>,
): Promise<T> {
  const login = await read();
  try {
    return await connect(login);
  } catch (error) {
    if (again === undefined || !isRejected(error)) throw error;
    const fresh = await again();
    if (fresh.user === login.user && fresh.password === login.password) throw error;
    return connect(fresh);
  }
}
