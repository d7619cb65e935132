import { viewOf } from '../containers/bytes';
import type { Directory, Field } from './directories';

/** What is laid out: a directory with those below it, and what comes after it. */
export interface LayOut {
  first: Directory;
  /** The directory after the first; or the offset of one that is there already. */
  next?: Directory | number;
  little: boolean;
  /** The offset of the first byte that is free. */
  start: number;
  /** A field whose values stay at their offset. */
  fixed?: Field;
}

/** Lays directories and their values out from `start` on; offsets count from 0. Every part begins at an even offset. */
export function laidOut({ first, next, little, start, fixed }: LayOut): Uint8Array<ArrayBuffer> {
  const parts: [at: number, bytes: Uint8Array][] = [];
  const stay = fixed ? { from: fixed.place, to: fixed.place + fixed.value.length } : undefined;
  // What is free before the values that stay, and behind them.
  let before = start;
  let behind = stay ? stay.to : start;
  const even = (at: number) => at + (at & 1);
  const place = (bytes: Uint8Array): number => {
    const fits = stay !== undefined && even(before) + bytes.length <= stay.from;
    const at = even(fits ? before : behind);
    if (fits) before = at + bytes.length;
    else behind = at + bytes.length;
    parts.push([at, bytes]);
    return at;
  };
  const put = ({ fields }: Directory, following?: Directory | number): number => {
    const table = new Uint8Array(6 + 12 * fields.length);
    const view = viewOf(table);
    const at = place(table);
    view.setUint16(0, fields.length, little);
    [...fields]
      .sort((a, b) => a.tag - b.tag)
      .forEach((field, i) => {
        const entry = 2 + 12 * i;
        view.setUint16(entry, field.tag, little);
        view.setUint16(entry + 2, field.type, little);
        view.setUint32(entry + 4, field.count, little);
        const elsewhere = field.image ?? (field.value.length > 4 ? field.value : undefined);
        if (field.directory) view.setUint32(entry + 8, put(field.directory), little);
        else if (field === fixed) view.setUint32(entry + 8, field.place, little);
        else if (elsewhere) view.setUint32(entry + 8, place(elsewhere), little);
        else table.set(field.value, entry + 8);
      });
    view.setUint32(table.length - 4, typeof following === 'object' ? put(following) : (following ?? 0), little);
    return at;
  };
  if (fixed && stay) parts.push([stay.from, fixed.value]);
  put(first, next);
  const whole = new Uint8Array(Math.max(before, behind, stay?.to ?? 0) - start);
  for (const [at, bytes] of parts) whole.set(bytes, at - start);
  return whole;
}

/** A TIFF header that points to the first directory, and what is laid out from its end on. */
export function blockOf(of: Omit<LayOut, 'start'>): Uint8Array<ArrayBuffer> {
  const content = laidOut({ ...of, start: 8 });
  const block = new Uint8Array(8 + content.length);
  block.set(content, 8);
  const order = of.little ? 0x49 : 0x4d;
  block.set([order, order]);
  const view = viewOf(block);
  view.setUint16(2, 42, of.little);
  // The first directory is the first thing that was placed: before what stays, if it fits there.
  const table = 6 + 12 * of.first.fields.length;
  const { fixed } = of;
  const behind = fixed && 8 + table > fixed.place ? fixed.place + fixed.value.length : 8;
  view.setUint32(4, behind + (behind & 1), of.little);
  return block;
}
