import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import { flatProgram } from './flat-program';

// The field under way is [H, W, 4], float32: row and column offset, distance summed over the patch, 0. Rather than
// infinity, which fast mathematics may not respect, FAR stands for "no source".

/** What all passes are told, in the order of the WGSL struct. */
export const searchUniforms = {
  margin: 'i32',
  rowPenalty: 'f32',
  columnPenalty: 'f32',
  seed: 'u32',
  step: 'i32',
  turn: 'u32',
  searchRadius: 'i32',
} as const;

const FAR = '3e38';

const place = `
  let height = uniforms.featuresShape.x;
  let width = uniforms.featuresShape.y;
  let y = index / width;
  let x = index - y * width;`;

const functions = `
  // PCG hash: O'Neill 2014; Jarzynski and Olano, Hash functions for GPU rendering, JCGT 2020.
  fn hash(value : u32) -> u32 {
    let state = value * 747796405u + 2891336453u;
    let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
    return (word >> 22u) ^ word;
  }
  fn random(index : i32, draw : u32) -> u32 {
    return hash(u32(index) ^ hash(draw ^ hash(uniforms.turn ^ hash(uniforms.seed))));
  }

  fn isSource(y : i32, x : i32) -> bool {
    let inside = y >= 0 && x >= 0 && y < uniforms.featuresShape.x && x < uniforms.featuresShape.y;
    return inside && sources[select(0, y * uniforms.featuresShape.y + x, inside)] > 0;
  }

  // Sum of squared differences of the patches centred on (y, x) and (sy, sx), or any value >= limit.
  fn distance(y : i32, x : i32, sy : i32, sx : i32, limit : f32) -> f32 {
    let height = uniforms.featuresShape.x;
    let width = uniforms.featuresShape.y;
    let channels = uniforms.featuresShape.z;
    let down = f32(sy - y);
    let right = f32(sx - x);
    var sum = uniforms.rowPenalty * down * down + uniforms.columnPenalty * right * right;
    for (var dy = -uniforms.margin; dy <= uniforms.margin && sum < limit; dy++) {
      let a = clamp(y + dy, 0, height - 1) * width;
      let b = clamp(sy + dy, 0, height - 1) * width;
      for (var dx = -uniforms.margin; dx <= uniforms.margin; dx++) {
        let p = (a + clamp(x + dx, 0, width - 1)) * channels;
        let q = (b + clamp(sx + dx, 0, width - 1)) * channels;
        for (var c = 0; c < channels; c++) {
          let d = features[p + c] - features[q + c];
          sum += d * d;
        }
      }
    }
    return sum;
  }`;

/** [H]: how many sources each row has, so that one of them all can be drawn at random without a list of them. */
export function countSourcesProgram(height: number): WebGPUProgram {
  return flatProgram({
    key: 'countSources',
    shape: [height],
    inputs: { sources: 1 },
    main: `
      let width = uniforms.sourcesShape.y;
      var count = 0;
      for (var x = 0; x < width; x++) { count += select(0, 1, sources[index * width + x] > 0); }
      result[index] = count;`,
  });
}

/** The field to start from: the given offset where it leads to a source, else the way to a random one. */
export function startSearchProgram(height: number, width: number): WebGPUProgram {
  return flatProgram({
    key: 'startSearch',
    shape: [height, width, 4],
    inputs: { features: 1, sources: 1, queries: 1, offsets: 1, counts: 1 },
    components: 4,
    uniforms: searchUniforms,
    functions,
    main: `${place}
      result[index] = vec4<f32>(0.0);
      if (!(queries[index] > 0)) { return; }
      var sy = y + offsets[2 * index];
      var sx = x + offsets[2 * index + 1];
      if (!isSource(sy, sx)) {
        var total = 0;
        for (var row = 0; row < height; row++) { total += counts[row]; }
        if (total == 0) {
          result[index] = vec4<f32>(0.0, 0.0, ${FAR}, 0.0);
          return;
        }
        var rank = i32(random(index, 0u) % u32(total));
        sy = 0;
        while (sy < height - 1 && rank >= counts[sy]) {
          rank -= counts[sy];
          sy++;
        }
        sx = 0;
        while (sx < width - 1) {
          if (sources[sy * width + sx] > 0) {
            if (rank == 0) { break; }
            rank--;
          }
          sx++;
        }
      }
      result[index] = vec4<f32>(f32(sy - y), f32(sx - x), distance(y, x, sy, sx, ${FAR}), 0.0);`,
  });
}

/**
 * One pass: every query at once tries the offsets of its four neighbours `step` pixels away, then places at random at
 * halving distances from its best.
 */
export function improveSearchProgram(height: number, width: number): WebGPUProgram {
  return flatProgram({
    key: 'improveSearch',
    shape: [height, width, 4],
    inputs: { features: 1, sources: 1, queries: 1, field: 4 },
    components: 4,
    uniforms: searchUniforms,
    functions: `${functions}
      fn attempt(y : i32, x : i32, sy : i32, sx : i32, best : vec4<f32>) -> vec4<f32> {
        let down = f32(sy - y);
        let right = f32(sx - x);
        if ((down == best.x && right == best.y) || !isSource(sy, sx)) { return best; }
        let d = distance(y, x, sy, sx, best.z);
        return select(best, vec4<f32>(down, right, d, 0.0), d < best.z);
      }`,
    main: `${place}
      var best = field[index];
      if (queries[index] > 0 && best.z < ${FAR}) {
        for (var side = 0; side < 4; side++) {
          let ny = y + select(0, (side - 1) * uniforms.step, side % 2 == 0);
          let nx = x + select(0, (side - 2) * uniforms.step, side % 2 == 1);
          if (ny >= 0 && nx >= 0 && ny < height && nx < width) {
            let neighbour = ny * width + nx;
            if (queries[neighbour] > 0) {
              best = attempt(y, x, y + i32(field[neighbour].x), x + i32(field[neighbour].y), best);
            }
          }
        }
        var draw = 0u;
        for (var reach = uniforms.searchRadius; reach >= 1; reach = reach / 2) {
          let span = u32(2 * reach + 1);
          let sy = y + i32(best.x) + i32(random(index, draw) % span) - reach;
          let sx = x + i32(best.y) + i32(random(index, draw + 1u) % span) - reach;
          best = attempt(y, x, sy, sx, best);
          draw += 2u;
        }
      }
      result[index] = best;`,
  });
}

/** [H, W, 2], int32: the field's offsets. */
export function fieldOffsetsProgram(height: number, width: number): WebGPUProgram {
  return flatProgram({
    key: 'fieldOffsets',
    shape: [height, width, 2],
    inputs: { field: 1 },
    main: 'result[index] = i32(field[(index / 2) * 4 + index % 2]);',
  });
}

/** [H, W], float32: the field's distances, means over the patch. */
export function fieldDistancesProgram(height: number, width: number): WebGPUProgram {
  return flatProgram({
    key: 'fieldDistances',
    shape: [height, width],
    inputs: { field: 1 },
    uniforms: { area: 'f32' },
    main: `
      let sum = field[index * 4 + 2];
      if (sum >= ${FAR}) { result[index] = uniforms.INFINITY; } else { result[index] = sum / uniforms.area; }`,
  });
}
