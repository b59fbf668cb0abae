/**
 * Key to slot, without an object per mover: open addressing over two typed arrays, load factor at most 1/2.
 * Keys are unsigned 32-bit; the key 0 is legal, an empty place is marked in the slot array.
 */
export class Slots {
  private keys: Uint32Array
  private slots: Int32Array
  private mask: number
  private used = 0

  constructor(capacity = 1024) {
    const size = 2 ** Math.ceil(Math.log2(capacity * 2))
    this.keys = new Uint32Array(size)
    this.slots = new Int32Array(size).fill(-1)
    this.mask = size - 1
  }

  get size(): number {
    return this.used
  }

  private place(key: number): number {
    let at = (Math.imul(key, 0x9e3779b1) >>> 7) & this.mask
    while (this.slots[at] >= 0 && this.keys[at] !== key) at = (at + 1) & this.mask
    return at
  }

  /** Slot of a key, or -1. */
  get(key: number): number {
    return this.slots[this.place(key)]
  }

  set(key: number, slot: number): void {
    const at = this.place(key)
    if (this.slots[at] < 0) {
      this.used += 1
      if (this.used * 2 > this.mask) {
        this.grow()
        this.used += 1
        const again = this.place(key)
        this.keys[again] = key
        this.slots[again] = slot
        return
      }
    }
    this.keys[at] = key
    this.slots[at] = slot
  }

  /** Forget a key; entries behind it move up, so that no tombstones gather. */
  delete(key: number): void {
    let hole = this.place(key)
    if (this.slots[hole] < 0) return
    this.used -= 1
    this.slots[hole] = -1
    let at = hole
    for (;;) {
      at = (at + 1) & this.mask
      if (this.slots[at] < 0) return
      const home = (Math.imul(this.keys[at], 0x9e3779b1) >>> 7) & this.mask
      const stays = hole < at ? home > hole && home <= at : home > hole || home <= at
      if (stays) continue
      this.keys[hole] = this.keys[at]
      this.slots[hole] = this.slots[at]
      this.slots[at] = -1
      hole = at
    }
  }

  clear(): void {
    this.slots.fill(-1)
    this.used = 0
  }

  private grow(): void {
    const { keys, slots } = this
    const size = keys.length * 2
    this.keys = new Uint32Array(size)
    this.slots = new Int32Array(size).fill(-1)
    this.mask = size - 1
    this.used = 0
    for (let at = 0; at < slots.length; at += 1) {
      if (slots[at] < 0) continue
      const to = this.place(keys[at])
      this.keys[to] = keys[at]
      this.slots[to] = slots[at]
      this.used += 1
    }
  }
}
