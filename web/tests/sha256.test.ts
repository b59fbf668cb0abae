import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { Sha256 } from '../src/api/sha256'

test('the hash is that of the standard, at every length around a block and however the bytes come', () => {
  for (let size = 0; size < 300; size++) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 131 + size) & 255)
    const wanted = createHash('sha256').update(bytes).digest('hex')
    expect(new Sha256().update(bytes).hex()).toBe(wanted)
    for (const cut of [1, 63, 64, 65]) expect(new Sha256().update(bytes.subarray(0, cut)).update(bytes.subarray(cut)).hex()).toBe(wanted)
  }
})
