// A table of users in Postgres: the embedded one (PGlite, Postgres compiled to WebAssembly) or your own.

import { StartError } from './start-error.mjs';

/** @typedef {{ id: number, email: string, name: string | null }} User */
/** @typedef {Awaited<ReturnType<typeof openDatabase>>} Database */

// A temporary table ends with the connection. Until then it hides any other table of that name.
const CREATE = `
  create temporary table users (
    id     integer generated always as identity primary key,
    tenant text not null,
    email  text not null,
    name   text,
    unique (tenant, email)
  )`;

const ADD = `
  insert into users (tenant, email, name) values ($1, $2, $3)
  on conflict (tenant, email) do nothing
  returning id, email, name`;

const LIST = 'select id, email, name from users where tenant = $1 order by id';

/** @param {string | undefined} url `postgres://…`, or undefined for the embedded one */
export async function openDatabase(url) {
  const { engine, client, close } = url ? await connect(url) : await startEmbedded();
  const query = async (text, values) => {
    const { rows } = await client.query(text, values);
    return rows;
  };
  await query(CREATE);
  const [{ server_version: version }] = await query('show server_version');

  return {
    name: `PostgreSQL ${version}, ${engine}`,

    /** @returns {Promise<User | undefined>} undefined if the tenant already has a user with that address */
    async addUser(tenant, { email, name }) {
      const [user] = await query(ADD, [tenant, email, name]);
      return user;
    },

    /** @returns {Promise<User[]>} in the order in which they were added */
    users: (tenant) => query(LIST, [tenant]),

    close,
  };
}

async function startEmbedded() {
  const { PGlite } = await import('@electric-sql/pglite');
  const client = await PGlite.create();
  return { engine: 'embedded (PGlite), in memory', client, close: () => client.close() };
}

async function connect(url) {
  const Client = await importClient();
  const client = new Client({ connectionString: url });
  // A broken connection fails the current query. Without a listener it would also end the process.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    // Without the address, because it may contain a password.
    throw new StartError(`DATABASE_URL: cannot connect to Postgres: ${error.message || error.code}`, { cause: error });
  }
  return { engine: `at ${client.host}:${client.port}`, client, close: () => client.end() };
}

async function importClient() {
  try {
    const { default: pg } = await import('pg');
    return pg.Client;
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') {
      throw error;
    }
    throw new StartError(
      'DATABASE_URL is set, and the npm package that speaks to Postgres is not installed. Either\n' +
        '  npm install --no-save pg      or\n' +
        '  unset DATABASE_URL            for the embedded database',
      { cause: error },
    );
  }
}
