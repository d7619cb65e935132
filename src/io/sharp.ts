import type sharp from 'sharp';
import { PictureError } from '../errors';
import { throwIfOutOfMemory } from '../memory';

type Sharp = typeof sharp;

let loading: Promise<Sharp> | undefined;

/** Loads sharp on first use: it is an optional peer, and a browser bundle or `--help` must not need it. */
export function loadSharp(): Promise<Sharp> {
  loading ??= import('sharp').then(
    (module) => module.default,
    (cause) => {
      loading = undefined;
      throwIfOutOfMemory(cause, "sharp can't be loaded");
      throw new PictureError('format', "reading and writing picture files needs sharp: run 'npm install sharp'", { expected: 'sharp', cause });
    },
  );
  return loading;
}
