/** What conditions of requirements ask for, by its name there. */
export type Environment = Readonly<Record<string, string>>;

/**
 * The environment of a plugin.
 *
 * @param version CPython's: `3.13.5`
 */
export function environmentOf(version: string): Environment {
  return {
    python_version: version.split('.').slice(0, 2).join('.'),
    python_full_version: version,
    implementation_version: version,
    implementation_name: 'cpython',
    platform_python_implementation: 'CPython',
    os_name: 'posix',
    sys_platform: 'wasi',
    platform_machine: 'wasm32',
    platform_system: '',
    platform_release: '',
    platform_version: '',
    // Extras name further packages, which a file with pinned versions lists.
    extra: '',
  };
}
