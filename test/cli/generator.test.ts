import { describe, expect, it } from 'vitest';
import { commandOf } from '../../src/cli/arguments';
import { openGenerator } from '../../src/cli/generator';
import { generatorByName } from '../../src/generators/by-name';
import { GENERATOR_NAMES, isNetwork } from '../../src/generators/names';
import { catalogueFile } from '../../src/io/weights/catalogue';

const command = (name: string) => commandOf(['photo.jpg', 'mask.png', '-o', 'out.jpg', '--generator', name]);

describe.each(GENERATOR_NAMES.filter((name) => !isNetwork(name)))('%s needs no weights', (name) => {
  it('is made by its name alone', async () => expect((await generatorByName(name)).name).toBe(name));

  it('the command does not ask for any, and fills by it', async () => {
    const given = command(name);
    if (typeof given === 'string') throw new Error(given);
    // inpaint() has the first as its own.
    const opened = await openGenerator(given, Promise.resolve(), { onProgress: () => undefined, onNote: () => undefined });
    expect([opened.name, opened.generator?.name ?? 'exemplar']).toEqual([name, name]);
  });
});

describe.each(GENERATOR_NAMES.filter(isNetwork))('%s is a network', (name) => {
  it('is not made without its weights', () => expect(generatorByName(name)).rejects.toMatchObject({ code: 'weights-missing' }));
});

it.each(GENERATOR_NAMES.filter((name) => isNetwork(name) && !catalogueFile(name)))('%s, whose file is not known, is not without --weights', (name) => {
  expect(() => command(name)).toThrow(`--generator ${name} needs its weights`);
});

it('no generator goes by a name of objects', () => expect(generatorByName('constructor')).rejects.toMatchObject({ code: 'argument' }));
