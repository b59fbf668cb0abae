/** `npm run dev` and `npm run preview` without a platform: a made-up API. Never part of a build. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Connect, Plugin } from 'vite'
import { answer } from './api.ts'
import { live } from './live.ts'

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url!, 'http://localhost')
  const path = decodeURIComponent(url.pathname.slice('/api/v1/'.length))
  if (path === 'jobs/stream') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write('retry: 2000\n\n')
    return
  }
  const body = await bodyOf(request)
  const json = /json/.test(request.headers['content-type'] ?? '') && body.length ? (JSON.parse(body.toString()) as Record<string, unknown>) : {}
  const made = answer(request.method ?? 'GET', path, url.searchParams, json, request.headers.cookie ?? '')
  for (const [name, value] of Object.entries(made.headers ?? {})) response.setHeader(name, value)
  response.statusCode = made.status ?? 200
  if (made.bytes) {
    response.end(made.bytes)
    return
  }
  response.setHeader('Content-Type', response.statusCode >= 400 ? 'application/problem+json' : 'application/json')
  response.end(made.body === undefined ? '' : JSON.stringify(made.body))
}

function serve({ httpServer, middlewares }: { httpServer: unknown; middlewares: Connect.Server }): void {
  live(httpServer as Server)
  middlewares.use((request, response, next) => {
    if (!request.url?.startsWith('/api/v1/')) next()
    else
      handle(request, response).catch((error: unknown) => {
        response.statusCode = 500
        response.setHeader('Content-Type', 'application/problem+json')
        response.end(JSON.stringify({ code: 'mock.fault', detail: { zh: String(error), en: String(error) } }))
      })
  })
}

export const mock = (): Plugin => ({ name: 'tongqu-mock', apply: 'serve', configureServer: serve, configurePreviewServer: serve })
