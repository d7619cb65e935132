/** Storage may be forbidden: the page then forgets the choice, and works as well. */
const KEY = 'cra-inpaint-method';

/** The method that was used last, on an earlier visit too. */
export function rememberedMethod(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function rememberMethod(method: string): void {
  try {
    localStorage.setItem(KEY, method);
  } catch {
    // It then holds for this visit.
  }
}

const folder = async (): Promise<FileSystemDirectoryHandle> => (await navigator.storage.getDirectory()).getDirectoryHandle('weights', { create: true });

/** The file of weights that was chosen for a method and kept, under the name that it had. */
export async function keptFile(method: string): Promise<File | undefined> {
  try {
    // TypeScript's list of what a folder has leaves its files out.
    const own = (await (await folder()).getDirectoryHandle(method)) as FileSystemDirectoryHandle & { values(): AsyncIterable<FileSystemHandle> };
    for await (const handle of own.values()) if (handle.kind === 'file') return await (handle as FileSystemFileHandle).getFile();
  } catch {
    // There is none, or no place for any: an http: address, a private window.
  }
  return undefined;
}

/** Keeps a method's file for the next visits, in the place of the one before. @returns whether it could */
export async function keepFile(method: string, file: File): Promise<boolean> {
  try {
    const all = await folder();
    await all.removeEntry(method, { recursive: true }).catch(() => undefined);
    const handle = await (await all.getDirectoryHandle(method, { create: true })).getFileHandle(file.name, { create: true });
    const stream = await handle.createWritable();
    await file.stream().pipeTo(stream);
    return true;
  } catch {
    return false;
  }
}
