import { type Budget, fault } from './fault';
import type { Size } from './fit';
import type { Spans } from './spans';

/** What shapes are drawn into, and by which options. */
export interface Context {
  spans: Spans;
  budget: Budget;
  /** Whether what was drawn for another size is stretched. */
  fit: boolean;
  /** Which picture's annotations of a data set count: its name or number. */
  image?: string | number;
}

export const LONGEST_SIDE = 2 ** 20;

/** Checks for sides of a picture. @throws MaskError */
export function checkSides({ width, height }: Size, place: string): void {
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < 1 || side > LONGEST_SIDE) throw fault(place, `of sides from 1 to ${LONGEST_SIDE} whole pixels`, side);
  }
}
