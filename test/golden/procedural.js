// Seeded inputs and weights, exact in integers / float64. Same as procedural.py.

function u32(seed, i) { // mulberry32, value i (0-based) of stream `seed`
  let a = (seed + Math.imul(i + 1, 0x6d2b79f5)) >>> 0
  let t = Math.imul(a ^ (a >>> 15), 1 | a)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return (t ^ (t >>> 14)) >>> 0
}
function weight(seed, n, amp, add = 0) { // float32(float32((2u-1)*amp) + float32(add))
  const o = new Float32Array(n)
  for (let i = 0; i < n; i++) o[i] = (2 * (u32(seed, i) / 4294967296) - 1) * amp
  if (add !== 0) for (let i = 0; i < n; i++) o[i] = o[i] + add
  return o
}
function isin(p) { // integer "sine", period 1024, -256..256
  p &= 1023
  const h = p & 511
  const s = (h * (512 - h)) >> 8
  return p < 512 ? s : -s
}
function proceduralImage(seed, H, W) { // HWC uint8, 3 channels (channel 0 = B in the BGR peers)
  const out = new Uint8Array(H * W * 3)
  const m = (v, n) => v - n * Math.floor(v / n)
  const tile = new Int32Array(24 * 24 * 3)
  for (let i = 0; i < tile.length; i++) tile[i] = m(u32(seed + 1, i), 64) - 32
  for (let c = 0; c < 3; c++) {
    const K = []
    for (let k = 0; k < 12; k++) {
      const b = (c * 12 + k) * 4
      const r = k < 6 ? 33 : 161
      K.push([m(u32(seed, b), r) - (r - 1) / 2, m(u32(seed, b + 1), r) - (r - 1) / 2, m(u32(seed, b + 2), 1024), 4 + m(u32(seed, b + 3), k < 6 ? 40 : 16)])
    }
    const gx = m(u32(seed, 200 + 2 * c), 129) - 64
    const gy = m(u32(seed, 201 + 2 * c), 129) - 64
    for (let y = 0; y < H; y++) {
      for (let x = 0; x < W; x++) {
        let v = 32768 + ((gx * (x - 256) + gy * (y - 256)) >> 1)
        for (const [fx, fy, ph, a] of K) v += a * isin(fx * x + fy * y + ph)
        if (isin(3 * x + 5 * y) > 0) v += 256 * tile[((y % 24) * 24 + (x % 24)) * 3 + c]
        v >>= 8
        out[(y * W + x) * 3 + c] = v < 0 ? 0 : v > 255 ? 255 : v
      }
    }
  }
  return out
}
function proceduralMask(spec, H, W) { // HW uint8, hole = 1. spec = {discs:[[cx,cy,r]], strokes:[[r,x0,y0,x1,y1,...]]}
  const out = new Uint8Array(H * W)
  const segs = []
  for (const [r, ...p] of spec.strokes) for (let i = 0; i + 3 < p.length; i += 2) segs.push([r, p[i], p[i + 1], p[i + 2], p[i + 3]])
  for (let y = 0; y < H; y++) {
    for (let x = 0; x < W; x++) {
      let h = 0
      for (const [cx, cy, r] of spec.discs) if ((x - cx) * (x - cx) + (y - cy) * (y - cy) <= r * r) h = 1
      for (const [r, x0, y0, x1, y1] of segs) {
        const dx = x1 - x0, dy = y1 - y0, px = x - x0, py = y - y0
        const l2 = dx * dx + dy * dy, t = px * dx + py * dy, cr = px * dy - py * dx
        const inside = t <= 0 ? px * px + py * py <= r * r
          : t >= l2 ? (x - x1) * (x - x1) + (y - y1) * (y - y1) <= r * r
          : cr * cr <= r * r * l2
        if (inside) h = 1
      }
      out[y * W + x] = h
    }
  }
  return out
}
export { u32, weight, isin, proceduralImage, proceduralMask }
