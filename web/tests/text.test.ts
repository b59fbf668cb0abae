import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(resolve(root, path), 'utf8')
const domains = readdirSync(resolve(root, 'src/tongqu/domains'))
type Tree = { [name: string]: string | Tree }

function flat(tree: Tree, path = ''): string[] {
  return Object.entries(tree).flatMap(([name, child]) => (typeof child === 'string' ? [path + name] : flat(child, `${path}${name}.`)))
}

function leaves(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([name, child]): [string, string][] => (typeof child === 'string' ? [[path + name, child]] : leaves(child, `${path}${name}.`)))
}

const catalogues = (language: string): [string, Tree][] => [
  ['', JSON.parse(read(`web/src/locale/${language}.json`)) as Tree],
  ...domains
    .map((domain): [string, string] => [domain, `src/tongqu/domains/${domain}/locale/${language}.json`])
    .filter(([, path]) => existsSync(resolve(root, path)))
    .map(([domain, path]): [string, Tree] => [`${domain}.`, ((JSON.parse(read(path)) as Tree).ui ?? {}) as Tree]),
]
const within = (folder: string): string[] =>
  existsSync(resolve(root, folder))
    ? readdirSync(resolve(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.tsx?$/.test(path))
        .map((path) => `${folder}/${path}`)
    : []
const sources = [...within('web/src'), ...domains.flatMap((domain) => within(`src/tongqu/domains/${domain}/ui`))]

describe('text', () => {
  it('says the same in both languages, with the same places to fill', () => {
    const places = (text: string): string => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join()
    const [zh, en] = ['zh', 'en'].map((language) => new Map(catalogues(language).flatMap(([prefix, tree]) => leaves(tree, prefix))))
    expect([...zh.keys()].sort()).toEqual([...en.keys()].sort())
    for (const [key, text] of zh) expect(`${key} ${places(text)}`).toBe(`${key} ${places(en.get(key)!)}`)
  })

  it('has every key that the sources name', () => {
    const known = new Set(catalogues('zh').flatMap(([prefix, tree]) => flat(tree, prefix)))
    const missing = sources.flatMap((path) =>
      [...read(path).matchAll(/\bt\('([\w.]+)'|title: '([a-z_]+\.[\w.]+)'/g)].map((found) => found[1] ?? found[2]).filter((key) => !known.has(key)).map((key) => `${path}: ${key}`),
    )
    expect(missing).toEqual([])
  })

  it('stands in no source', () => {
    expect(sources.filter((path) => /\p{Script=Han}/u.test(read(path)))).toEqual([])
  })
})

describe('domains', () => {
  it('import nothing of each other, and the frame none of them by name', () => {
    const wrong = sources.flatMap((path) =>
      [...read(path).matchAll(/from '([^']+)'|import\('([^']+)'\)/g)]
        .map((found) => found[1] ?? found[2])
        .filter((target) => (path.startsWith('web/') ? /domains\//.test(target) : /\.\.\//.test(target) || /domains\//.test(target)))
        .map((target) => `${path}: ${target}`),
    )
    expect(wrong).toEqual([])
  })
})

describe('forms', () => {
  beforeAll(() => {
    vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined })
    vi.stubGlobal('document', { documentElement: {} })
  })

  it('say what is wrong while one types', async () => {
    const { loadCatalogue } = await import('../src/text/catalogue')
    const { check } = await import('../src/lists/check')
    await loadCatalogue('en')
    const field = { name: 'mass', label: 'Mass', type: 'integer' as const, required: true, min: 1, max: 49 }
    expect(check(field, null)).toBe('Mass is missing.')
    expect(check(field, 1.5)).toBe('Mass must be a whole number.')
    expect(check(field, 50)).toBe('Mass must be at most 49.')
    expect(check(field, 49)).toBe('')
    const text = { name: 'phone', label: 'Phone', type: 'text' as const, pattern: '^[0-9]+$', max_length: 4 }
    expect(check(text, '12a')).toBe('Phone is not written as it should be.')
    expect(check(text, '12345')).toBe('Phone takes at most 4 characters.')
    expect(check(text, '')).toBe('')
  })

  it('times are of the platform, whatever the zone of the browser', async () => {
    const { fromInput, toInput, dateTime } = await import('../src/text/format')
    const { readTime } = await import('../src/text/time')
    const instant = Date.UTC(2026, 1, 28, 16, 30, 5)
    expect([toInput(instant), dateTime(instant)]).toEqual(['2026-03-01T00:30:05', '2026-03-01 00:30:05'])
    expect(fromInput('2026-03-01T00:30:05')).toBe(instant)
    expect([readTime('2026-3-1 0:30:05'), readTime('')]).toEqual([instant, null])
    expect([readTime('2026-02-30 00:00:00'), readTime('25:00')]).toEqual([Number.NaN, Number.NaN])
  })

  it('cells of a spreadsheet hold no formula', async () => {
    const { csvCell } = await import('../src/lists/cells')
    expect(['=1+1', '-5.2', 'a,"b"', '+86', '@x'].map(csvCell)).toEqual(["'=1+1", '-5.2', '"a,""b"""', "'+86", "'@x"])
  })

  it('a region stands for all that lies under it', async () => {
    const { within } = await import('../src/lists/within')
    const regions = [{ code: '99', parent: null }, { code: '9901', parent: '99' }, { code: '990101', parent: '9901' }, { code: '9902', parent: '99' }]
    expect(within('9901', regions)).toEqual(['9901', '990101'])
    expect(within('99', regions).length).toBe(4)
  })
})
