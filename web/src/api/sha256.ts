/** SHA-256 (FIPS 180-4) of bytes as they come: the browser's own wants the whole file in memory and a page over TLS. */
const K = new Uint32Array(64)
const START = new Uint32Array(8)

/** The first 32 bits of the fraction of a root of a prime. */
const fraction = (root: number): number => ((root - Math.floor(root)) * 2 ** 32) >>> 0

for (let n = 2, found = 0; found < 64; n++) {
  let prime = true
  for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false
  if (!prime) continue
  if (found < 8) START[found] = fraction(Math.sqrt(n))
  K[found++] = fraction(Math.cbrt(n))
}

export class Sha256 {
  private readonly state = START.slice()
  private readonly words = new Uint32Array(64)
  private readonly rest = new Uint8Array(64)
  private kept = 0
  private size = 0

  update(bytes: Uint8Array): this {
    this.size += bytes.length
    let at = 0
    if (this.kept) {
      at = Math.min(64 - this.kept, bytes.length)
      this.rest.set(bytes.subarray(0, at), this.kept)
      this.kept += at
      if (this.kept < 64) return this
      this.block(this.rest, 0)
      this.kept = 0
    }
    for (; at + 64 <= bytes.length; at += 64) this.block(bytes, at)
    this.rest.set(bytes.subarray(at))
    this.kept = bytes.length - at
    return this
  }

  /** The hash in hexadecimal; nothing can be added afterwards. */
  hex(): string {
    const bits = this.size * 8
    const padding = new Uint8Array(((this.kept < 56 ? 56 : 120) - this.kept) + 8)
    padding[0] = 0x80
    const view = new DataView(padding.buffer)
    view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32))
    view.setUint32(padding.length - 4, bits >>> 0)
    this.update(padding)
    return [...this.state].map((word) => word.toString(16).padStart(8, '0')).join('')
  }

  private block(bytes: Uint8Array, at: number): void {
    const w = this.words
    for (let i = 0; i < 16; i++) w[i] = (bytes[at + 4 * i]! << 24) | (bytes[at + 4 * i + 1]! << 16) | (bytes[at + 4 * i + 2]! << 8) | bytes[at + 4 * i + 3]!
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15]!
      const y = w[i - 2]!
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
      w[i] = w[i - 16]! + s0 + w[i - 7]! + s1
    }
    let [a, b, c, d, e, f, g, h] = this.state as unknown as [number, number, number, number, number, number, number, number]
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i]! + w[i]!) | 0
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + t1) | 0
      d = c
      c = b
      b = a
      a = (t1 + t2) | 0
    }
    ;[a, b, c, d, e, f, g, h].forEach((value, i) => (this.state[i] = this.state[i]! + value))
  }
}
