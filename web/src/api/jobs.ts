/** Jobs as they change: a list that a stream of server-sent events keeps current. */
import { store } from '../state/store'
import { API, get, post } from './http'
import { client, items } from './queries'
import type { Job } from './types'

export const jobs = store<Map<string, Job>>(new Map())
export const isOver = (job: Job): boolean => job.state === 'done' || job.state === 'failed' || job.state === 'cancelled'

let source: EventSource | null = null

function keep(job: Job): void {
  const before = jobs.get().get(job.id)
  jobs.set(new Map(jobs.get()).set(job.id, { ...before, ...job }))
  if (isOver(job) && before && !isOver(before)) void client.invalidateQueries({ queryKey: ['jobs'] })
}

/** Take the list and follow it. */
export async function followJobs(): Promise<void> {
  if (source) return
  source = new EventSource(`${API}/jobs/stream`)
  source.addEventListener('job', (event) => keep(JSON.parse((event as MessageEvent<string>).data) as Job))
  await readJobs()
}

export async function readJobs(): Promise<void> {
  const list = items(await get<Job[] | { items: Job[] }>('jobs'))
  jobs.set(new Map(list.map((job) => [job.id, job])))
}

export function leaveJobs(): void {
  source?.close()
  source = null
  jobs.set(new Map())
}

/** Read one job anew: what the stream may have missed. */
export async function readJob(id: string): Promise<Job> {
  const job = await get<Job>(`jobs/${id}`)
  keep(job)
  return job
}

export const cancelJob = (id: string): Promise<unknown> => post(`jobs/${id}/cancel`)
