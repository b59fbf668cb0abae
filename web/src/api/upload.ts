/** Send a file in pieces as a document; after a cut it goes on where the platform stands. */
import { ApiError, get, post, tagged } from './http'
import { Sha256 } from './sha256'

const PIECE = 4 << 20
const TRIES = 4
const WAIT_MS = 1500

/** Gives the id of the document; `progress` gets the share done, of reading the file and of sending it. */
export async function upload(file: File, progress: (step: 'reading' | 'sending', share: number) => void, signal: AbortSignal): Promise<string> {
  const hash = new Sha256()
  for (let at = 0; at < file.size; at += PIECE) {
    signal.throwIfAborted()
    hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()))
    progress('reading', Math.min(1, (at + PIECE) / file.size))
  }
  const body = { name: file.name, media_type: 'application/octet-stream', size: file.size, sha256: hash.hex() }
  const { id } = await post<{ id: string }>('documents/uploads', body, { signal })
  let at = 0
  let failed = 0
  while (at < file.size) {
    try {
      const piece = file.slice(at, at + PIECE)
      const { value } = await tagged<{ offset: number }>('PATCH', `documents/uploads/${id}`, { raw: piece, headers: { 'Upload-Offset': String(at) }, signal })
      at = value.offset
      failed = 0
      progress('sending', at / file.size)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 0 || ++failed >= TRIES) throw error
      await new Promise((done) => setTimeout(done, WAIT_MS * failed))
      at = await get<{ offset: number }>(`documents/uploads/${id}`, {}, signal).then((found) => found.offset, () => at)
    }
  }
  return (await post<{ id: string }>(`documents/uploads/${id}/complete`, {}, { signal })).id
}
