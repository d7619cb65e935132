// One thread where a test does not ask for more: starting them takes longer than most tests.
const os = (process as unknown as { getBuiltinModule(name: string): typeof import('node:os') }).getBuiltinModule('node:os');
os.availableParallelism = () => 1;
