/** Filters as they stand in the address, and forms that hold other forms. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Column, Field } from '../src/api/types'

const column = (type: Column['type'], options?: Column['options']): Column => ({ name: 'x', label: 'x', type, options })

describe('filters', () => {
  it('are asked for by the type of the column', async () => {
    const { filterKind } = await import('../src/lists/filterValue')
    expect([column('text'), column('integer'), column('time'), column('urn'), column('enum', [{ value: 1, label: 'one' }])].map(filterKind)).toEqual(['text', 'number', 'time', 'thing', 'options'])
  })

  it('of ranges are written as they are read, whichever end is open', async () => {
    const { readRange, writeRange } = await import('../src/lists/filterValue')
    for (const range of [[1, 2], [null, 2], [-1.5, null], [0, 0]] as [number | null, number | null][]) expect(readRange(writeRange(...range))).toEqual(range)
    expect(writeRange(null, null)).toBeNull()
    expect(readRange('7')).toEqual([7, 7])
    expect(readRange('a..b')).toEqual([null, null])
  })

  it('of options may be several; a text with a comma is one', async () => {
    const { sent } = await import('../src/lists/filterValue')
    expect(sent(column('enum', [{ value: 'a', label: 'a' }]), 'a,b')).toEqual(['a', 'b'])
    expect(sent(column('text'), '~a,b')).toBe('~a,b')
  })
})

describe('forms', () => {
  const load: Field = { name: 'load_t', label: 'Load', type: 'number', required: true, max: 10 }
  const fields: Field[] = [
    { name: 'plate', label: 'Plate', type: 'text', required: true },
    { name: 'first', label: 'First axle', type: 'group', fields: [load] },
    { name: 'axles', label: 'Axles', type: 'groups', fields: [load] },
    { name: 'area', label: 'Area', type: 'geometry' },
  ]
  beforeAll(async () => {
    const { loadCatalogue } = await import('../src/text/catalogue')
    Object.assign(globalThis, { localStorage: { getItem: () => null, setItem: () => undefined }, document: { documentElement: {} } })
    await loadCatalogue('en')
  })

  it('name what is wrong by its path, however deep', async () => {
    const { checkAll } = await import('../src/lists/check')
    const bow = { type: 'Polygon', coordinates: [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]] }
    const found = checkAll(fields, { plate: '', first: { load_t: 11 }, axles: [{ load_t: 1 }, { load_t: null }], area: bow })
    expect(Object.keys(found)).toEqual(['plate', 'first.load_t', 'axles.1.load_t', 'area'])
    expect(found['first.load_t']).toContain('10')
  })

  it('leave a group alone that is not there', async () => {
    const { checkAll } = await import('../src/lists/check')
    expect(checkAll(fields, { plate: 'x', first: null, axles: [], area: null })).toEqual({})
  })
})
