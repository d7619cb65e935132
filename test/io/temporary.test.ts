import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPicture, writePicture } from '../../src/io/node';
import { removeLeftovers, writeBeside } from '../../src/io/temporary';
import { expectCode, expectSamePixels, noise, temporaryFolder } from './support';

const root = temporaryFolder();
const fresh = () => mkdtempSync(join(root, 'case-'));
const here = createHash('sha256').update(hostname()).digest('hex').slice(0, 3);
const elsewhere = here === 'abc' ? 'abd' : 'abc';
const six = (pid: number) => pid.toString(16).padStart(6, '0');
/** The number of a process that has ended. */
const ended = six(spawnSync(process.execPath, ['-e', '']).pid);

describe('a file is put in its place whole', () => {
  it('by another file, which takes the name: the one that was there stays as it was for whoever has it', async () => {
    const folder = fresh();
    const path = join(folder, 'out.png');
    writeFileSync(path, 'what was there before');
    linkSync(path, join(folder, 'the same file'));
    const before = statSync(path).ino;
    const picture = noise(20, 10, 3);
    await writePicture(picture, path);
    expectSamePixels((await readPicture(path)).data, picture.data);
    expect(readFileSync(join(folder, 'the same file'), 'utf8')).toBe('what was there before');
    expect(statSync(path).ino).not.toBe(before);
    expect(readdirSync(folder).sort()).toEqual(['out.png', 'the same file']);
  });

  it('that can be read by nobody who could not before', async () => {
    const path = join(fresh(), 'private.png');
    writeFileSync(path, 'before', { mode: 0o600 });
    await writePicture(noise(20, 10, 3), path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o666);
    await writePicture(noise(20, 10, 3), path);
    expect(statSync(path).mode & 0o777).toBe(0o666);
  });

  it('under any name that a file may have', async () => {
    const folder = fresh();
    for (const name of [`${'n'.repeat(251)}.png`, `${'字'.repeat(83)}.png`]) {
      const path = join(folder, name);
      await writePicture(noise(20, 10, 3), path);
      const [left] = [await writeBeside(path, new Uint8Array(3))];
      const gone = left.replace(/[0-9a-f]{12}(?=\.tmp$)/, `${here}${ended}abc`);
      renameSync(left, gone);
      await removeLeftovers([path]);
      expect([existsSync(path), existsSync(gone)]).toEqual([true, false]);
    }
  });

  it('behind a symbolic link, which stays one', async () => {
    const [folder, other] = [fresh(), fresh()];
    writeFileSync(join(other, 'real.png'), 'before');
    linkSync(join(other, 'real.png'), join(other, 'kept'));
    symlinkSync(join(other, 'real.png'), join(folder, 'out.png'));
    await writePicture(noise(20, 10, 3), join(folder, 'out.png'));
    expect(readFileSync(join(other, 'kept'), 'utf8')).toBe('before');
    expect((await readPicture(join(other, 'real.png'))).width).toBe(20);
    expect([readdirSync(folder), readdirSync(other).sort()]).toEqual([['out.png'], ['kept', 'real.png']]);
  });

  it('many at once to one name: each whole, and nothing is left', async () => {
    const folder = fresh();
    const pictures = Array.from({ length: 12 }, (_, i) => noise(10 + i, 10, 3));
    await Promise.all(pictures.map((picture) => writePicture(picture, join(folder, 'out.png'))));
    const { width, data } = await readPicture(join(folder, 'out.png'));
    expectSamePixels(data, pictures[width - 10].data);
    expect(readdirSync(folder)).toEqual(['out.png']);
    const refused = await Promise.allSettled(pictures.map((picture) => writePicture(picture, join(folder, 'new.png'), { overwrite: false })));
    expect(refused.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(readdirSync(folder).sort()).toEqual(['new.png', 'out.png']);
  });
});

describe('what is written beside its place', () => {
  it('says whose it is, and lies beside the target', async () => {
    const folder = fresh();
    const path = await writeBeside(join(folder, 'photo.png'), Buffer.from('bytes'));
    expect(path.slice(folder.length)).toMatch(new RegExp(`^/\\.photo\\.png\\.${here}${six(process.pid)}[0-9a-f]{3}\\.tmp$`));
    expect(readFileSync(path, 'utf8')).toBe('bytes');
    expect(await writeBeside(join(folder, 'photo.png'), Buffer.from('other'))).not.toBe(path);
  });

  it('is removed where its process has ended, or an hour has passed, and otherwise not', async () => {
    const folder = fresh();
    const hours = (name: string, age: number) => {
      writeFileSync(join(folder, name), 'half');
      const time = Date.now() / 1000 - age * 3600;
      utimesSync(join(folder, name), time, time);
    };
    const stay = [
      `.photo.png.${here}${six(process.pid)}000.tmp`,
      `.photo.png.${elsewhere}${ended}000.tmp`,
      `.other.png.${here}${ended}000.tmp`,
      `.photo.png.png.${here}${ended}000.tmp`,
      `.photo.png.${here}${ended}00.tmp`,
      `photo.png.${here}${ended}000.tmp`,
      'photo.png',
    ];
    for (const name of stay) hours(name, 0.9);
    const go = [`.photo.png.${here}${ended}000.tmp`, `.photo (2).png.${here}${ended}abc.tmp`];
    for (const name of go) hours(name, 0);
    const old = [`.photo.png.${elsewhere}${ended}001.tmp`, `.photo.png.${here}${six(process.pid)}001.tmp`];
    for (const name of old) hours(name, 1.1);
    mkdirSync(join(folder, `.photo.png.${here}${ended}00f.tmp`));
    await removeLeftovers([join(folder, 'photo.png'), join(folder, 'photo (2).png'), join(folder, 'no folder', 'x.png')]);
    expect(readdirSync(folder).sort()).toEqual([...stay, `.photo.png.${here}${ended}00f.tmp`].sort());
  });

  it('is found behind a symbolic link', async () => {
    const [folder, other] = [fresh(), fresh()];
    writeFileSync(join(other, 'real.png'), '');
    writeFileSync(join(other, `.real.png.${here}${ended}000.tmp`), 'half');
    symlinkSync(join(other, 'real.png'), join(folder, 'out.png'));
    await removeLeftovers([join(folder, 'out.png')]);
    expect(readdirSync(other)).toEqual(['real.png']);
  });

  it('is not left where it could not be written', async () => {
    await expectCode(writePicture(noise(4, 4, 3), join(fresh(), 'missing', 'out.png')), 'file-write');
    await expectCode(writePicture(noise(4, 4, 3), join(fresh(), `${'x'.repeat(253)}.png`)), 'file-write');
  });
});
