/** The mock's live socket: frames of `movers/live` for the client's box, once a second. */
import type { Server } from 'node:http'
import { WebSocketServer, type WebSocket } from 'ws'
import { fleet } from './world.ts'

const HEADER = 24

function header(buffer: DataView, kind: number, count: number, removed: number): void {
  buffer.setUint32(0, 0x31564d54, true)
  buffer.setUint8(4, kind)
  buffer.setFloat64(8, Date.now(), true)
  buffer.setUint32(16, count, true)
  buffer.setUint32(20, removed, true)
}

export function moversFrame(kind: 1 | 2, list: number[], removed: number[]): ArrayBuffer {
  const buffer = new ArrayBuffer(HEADER + list.length * 20 + removed.length * 4)
  const view = new DataView(buffer)
  header(view, kind, list.length, removed.length)
  let at = HEADER
  for (const i of list) {
    view.setUint32(at, i + 1, true)
    view.setInt32(at + 4, Math.round(fleet.lon[i] * 1e7), true)
    view.setInt32(at + 8, Math.round(fleet.lat[i] * 1e7), true)
    view.setUint16(at + 12, fleet.speed[i], true)
    view.setUint16(at + 14, fleet.heading[i], true)
    view.setUint8(at + 16, fleet.category[i])
    view.setUint8(at + 17, fleet.state[i])
    view.setUint8(at + 18, fleet.alarm[i])
    view.setUint8(at + 19, Math.min(255, Math.round((Date.now() - fleet.time[i]) / 1000)))
    at += 20
  }
  for (const key of removed) {
    view.setUint32(at, key, true)
    at += 4
  }
  return buffer
}

function densityFrame(list: number[], zoom: number): ArrayBuffer {
  const size = 0.6 / 2 ** (zoom - 6)
  const cells = new Map<string, [number, number, number, number]>()
  for (const i of list) {
    const x = Math.floor(fleet.lon[i] / size)
    const y = Math.floor(fleet.lat[i] / size)
    const cell = cells.get(`${x},${y}`) ?? [(x + 0.5) * size, (y + 0.5) * size, 0, 0]
    cell[2] += 1
    if (fleet.alarm[i]) cell[3] += 1
    cells.set(`${x},${y}`, cell)
  }
  const buffer = new ArrayBuffer(HEADER + cells.size * 16)
  const view = new DataView(buffer)
  header(view, 3, cells.size, 0)
  let at = HEADER
  for (const [lon, lat, count, alarms] of cells.values()) {
    view.setInt32(at, Math.round(lon * 1e7), true)
    view.setInt32(at + 4, Math.round(lat * 1e7), true)
    view.setUint32(at + 8, count, true)
    view.setUint32(at + 12, alarms, true)
    at += 16
  }
  return buffer
}

interface Ask {
  bbox: number[]
  zoom: number
  region?: string
}

function serve(socket: WebSocket): void {
  let ask: Ask | null = null
  let known = new Set<number>()
  const limit = Number(process.env.MOCK_DENSITY ?? 25_000)
  const tell = (snapshot: boolean): void => {
    if (!ask) return
    const list = fleet.inside(ask.bbox, ask.region ?? null)
    if (list.length > limit) {
      known = new Set()
      socket.send(densityFrame(list, ask.zoom))
      return
    }
    const now = new Set(list.map((i) => i + 1))
    const removed = snapshot ? [] : [...known].filter((key) => !now.has(key))
    socket.send(moversFrame(snapshot ? 1 : 2, list, removed))
    known = now
  }
  socket.send(JSON.stringify({ type: 'hello', version: 1 }))
  socket.on('message', (data) => {
    ask = JSON.parse(String(data)) as Ask
    tell(true)
  })
  const timer = setInterval(() => tell(false), 1000)
  socket.on('close', () => clearInterval(timer))
}

export function live(server: Server): void {
  const sockets = new WebSocketServer({ noServer: true })
  sockets.on('connection', serve)
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.startsWith('/api/v1/movers/live')) sockets.handleUpgrade(request, socket, head, (made) => sockets.emit('connection', made))
  })
}
