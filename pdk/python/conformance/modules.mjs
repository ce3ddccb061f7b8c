/**
 * Modules of CPython's tests that no plugin can pass, because all of what they test is left out: processes, threads, sockets, the
 * tools around Python, the interface of C.
 */
const withoutSubject =
  /^test\.test_(?:android|apple|asyncio|capi|cext|cmd_line|concurrent_futures|cppext|ctypes|curses|dbm|embed|ensurepip|free_threading|gdb|idle|importlib|interpreters|multiprocessing|peg_generator|pydoc|pyrepl|regrtest|socket|sqlite3|ssl|subprocess|tcl|threading|tkinter|tools|ttk|turtle|venv|wmi|winreg|winsound|xxtestfuzz)/;

/** What continuous integration runs: some that are quick, of all kinds. */
const brief = new Set(
  `abc argparse base64 bisect bool bytes calendar cmath collections contextlib copy csv dataclasses datetime decimal defaultdict dict
  email.test_message enum exceptions float fnmatch fractions functools generators graphlib grammar hashlib heapq hmac html int
  ipaddress itertools json.test_decode json.test_dump list math operator patma pprint random re set statistics str string struct
  textwrap tomllib.test_data types typing unicodedata urlparse uuid zoneinfo`
    .split(/\s+/)
    .map((name) => `test.test_${name}`),
);

/** @param {string[]} names of all modules */
export function selectModules(names, { all, only }) {
  const tried = names.filter((name) => !withoutSubject.test(name));
  const chosen = tried.filter((name) => (only === '' ? all || brief.has(name) : name.includes(only)));
  return [...chosen.filter((name) => brief.has(name)), ...chosen.filter((name) => !brief.has(name))];
}
