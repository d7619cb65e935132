/**
 * Completes package-lock.json after `npm install`: where the registry that npm asked does not carry a tool's package for
 * some other platform, npm leaves it out of the lock, and `npm ci` then calls the lock out of step. Such a package is
 * never installed here; its entry says for which platform it is, so that npm can pass it over.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface Entry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

/** What a package's name says about its platform: `@rollup/rollup-linux-x64-musl` is for linux, x64, musl. */
function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> {
  const words = name.split('/').at(-1)!.split('-');
  const os = words.find((word) => /^(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)$/.test(word));
  const cpu = words.find((word) => /^(arm|arm64|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64)$/.test(word));
  if (!os || !cpu) throw new Error(`${name}: its name does not say for which platform it is`);
  const libc =
    os !== 'linux' ? undefined : words.some((word) => word.startsWith('musl')) ? 'musl' : words.some((word) => word.startsWith('gnu')) ? 'glibc' : undefined;
  return { cpu: [cpu], ...(libc ? { libc: [libc] } : {}), os: [os] };
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Entry> };
const { packages } = lock;
let added = 0;
for (const [path, entry] of Object.entries(packages)) {
  if (!path) continue;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const at = `node_modules/${name}`;
    if (packages[at] || packages[`${path}/${at}`]) continue;
    const { cpu, ...rest } = platformOf(name);
    packages[at] = { version, cpu, ...(entry.dev ? { dev: true } : {}), optional: true, ...rest };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} packages of other platforms added to package-lock.json`);
