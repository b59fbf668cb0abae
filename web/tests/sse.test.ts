/** Streams of events arrive in pieces that break anywhere; what is read must not depend on where. */
import { describe, expect, it } from 'vitest'
import { EventReader, type ServerEvent } from '../src/live/sse'

const STREAM = 'retry: 2000\n\n: alive\n\nid: 7\nevent: job\ndata: {"a":1}\n\ndata: two\ndata: lines\n\nid: 8\r\nevent: alarm\r\ndata:no space\r\n\r\nevent: empty\n\n'
const SAID: ServerEvent[] = [
  { type: 'job', data: '{"a":1}', id: '7' },
  { type: 'message', data: 'two\nlines', id: '7' },
  { type: 'alarm', data: 'no space', id: '8' },
]

describe('events from the server', () => {
  it('are the same however the stream is cut', () => {
    for (let size = 1; size <= STREAM.length; size += 1) {
      const reader = new EventReader()
      const found: ServerEvent[] = []
      for (let at = 0; at < STREAM.length; at += size) found.push(...reader.take(STREAM.slice(at, at + size)))
      expect(found).toEqual(SAID)
      expect(reader.retry_ms).toBe(2000)
    }
  })

  it('wait for the end of their line: half an event is none', () => {
    const reader = new EventReader()
    expect(reader.take('id: 1\ndata: x\n')).toEqual([])
    expect(reader.take('\n')).toEqual([{ type: 'message', data: 'x', id: '1' }])
  })

  it('carry on from the id that the reader was given', () => {
    expect(new EventReader('41').take('data: x\n\n')[0].id).toBe('41')
  })
})
