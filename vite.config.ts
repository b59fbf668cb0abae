import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin, type UserConfig } from 'vite'

const root = resolve(import.meta.dirname, 'web')
const FIRST_VIEW_BUDGET_KB = 400

/** Prints what a first visit loads before the map: the login, then the frame with its first page. */
function sizes(): Plugin {
  return {
    name: 'tongqu-sizes',
    apply: 'build',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((item) => item.type === 'chunk')
      const reach = (start: string[], seen = new Set<string>()): Set<string> => {
        for (const name of start) {
          const chunk = chunks.find((item) => item.fileName === name)
          if (!chunk || seen.has(name)) continue
          seen.add(name)
          reach(chunk.imports, seen)
        }
        return seen
      }
      const named = (pattern: RegExp): string[] =>
        chunks.filter((item) => pattern.test(item.facadeModuleId ?? '')).map((item) => item.fileName)
      const kb = (names: Set<string>): number => {
        let bytes = 0
        for (const item of chunks) if (names.has(item.fileName)) bytes += gzipSync(item.code).length
        return bytes / 1024
      }
      const entry = chunks.filter((item) => item.isEntry).map((item) => item.fileName)
      const language = named(/locale\/zh\.json$/)
      const login = reach([...entry, ...language, ...named(/frame\/Login\.tsx$/)])
      const frame = reach([...entry, ...language, ...named(/frame\/Frame\.tsx$|domains\/[^/]+\/ui\/index\.tsx$|insight\/ui\/Overview\.tsx$/)])
      const map = reach(named(/map\/MapHost\.tsx$/))
      for (const name of frame) map.delete(name)
      const first = new Set([...login, ...frame])
      const verdict = kb(first) <= FIRST_VIEW_BUDGET_KB ? 'met' : 'NOT met'
      console.log(
        `first view, KB gzip: login ${kb(login).toFixed(0)}, login + frame + first page ${kb(first).toFixed(0)} ` +
          `(budget ${FIRST_VIEW_BUDGET_KB}: ${verdict}); map ${kb(map).toFixed(0)} on top`,
      )
    },
  }
}

export default defineConfig(async ({ command }): Promise<UserConfig> => {
  const api = process.env.TONGQU_API
  const plugins: UserConfig['plugins'] = [react(), sizes()]
  // The generated data is for `npm run dev` only; a build never sees the folder.
  if (command === 'serve' && !api && !process.env.VITEST) plugins.push((await import('./web/mock/plugin.ts')).mock())
  return {
    root,
    base: '/',
    plugins,
    resolve: { alias: { '@web': resolve(root, 'src') } },
    build: {
      outDir: resolve(import.meta.dirname, 'src/tongqu/app/page'),
      emptyOutDir: true,
      target: 'es2022',
      sourcemap: false,
      chunkSizeWarningLimit: 2000,
      reportCompressedSize: false,
    },
    optimizeDeps: { entries: ['index.html', 'src/**/*.tsx', '../src/tongqu/domains/*/ui/*.tsx'] },
    preview: { host: '127.0.0.1', port: 5180 },
    server: {
      host: '127.0.0.1',
      port: 5173,
      fs: { allow: [import.meta.dirname] },
      proxy: api ? { '/api': { target: api, ws: true } } : undefined,
    },
    test: { include: ['tests/**/*.test.ts', '../src/tongqu/domains/*/ui/*.test.ts'] },
  } as UserConfig
})
