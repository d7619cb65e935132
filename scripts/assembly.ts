// Compiles assembly/ to WebAssembly and writes it as text into src/arrays/vector-code.ts, which is kept with the sources: whoever only
// uses or reads them needs no compiler.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const root = join(import.meta.dirname, '..');

/** The text of src/arrays/vector-code.ts. */
export async function vectorCode(): Promise<string> {
  let code = '';
  const { error, stderr } = await asc.main(
    ['assembly/index.ts', '--outFile', 'module.wasm', '--runtime', 'stub', '--importMemory', '--noAssert', '-O3', '--enable', 'simd'],
    {
      readFile: (name, folder) => {
        try {
          return readFileSync(join(root, folder, name), 'utf8');
        } catch {
          return null;
        }
      },
      listFiles: () => [],
      writeFile: (_, contents) => {
        // Whole bytes, unlike base64's characters, repeat themselves to a page's compression: a sixth less to load.
        code = Buffer.from(contents).toString('hex');
      },
    },
  );
  if (error) throw new Error(`assembly/: ${stderr}`);
  const lines = code.match(/.{1,150}/g)!.map((line) => `  '${line}'`);
  return `// Compiled from assembly/ by \`npm run assembly\`; not for editing.\nexport const code =\n${lines.join(' +\n')};\n`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(root, 'src/arrays/vector-code.ts'), await vectorCode());
