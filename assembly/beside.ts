/** Pixels of `a` values (f32) and of `b`, each pixel's one after the other into `out`, as plainBeside() of src/generators/exemplar/beside.ts has it. */
export function beside(first: usize, a: i32, second: usize, b: i32, pixels: i32, out: usize): void {
  for (let p = 0; p < pixels; p++) {
    for (let c = 0; c < a; c++, first += 4, out += 4) store<f32>(out, load<f32>(first));
    for (let c = 0; c < b; c++, second += 4, out += 4) store<f32>(out, load<f32>(second));
  }
}
