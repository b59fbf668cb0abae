/** Who is connected now: terminals on line, with the start of their session and how long they have been silent. */
import { Empty, t, useResource } from '@web/kit'
import ResourcePage from '@web/lists/ResourcePage'
import type { JSX } from 'react'

export default function Sessions(): JSX.Element {
  const resource = useResource('equipment.sessions')
  if (!resource) return <Empty title={t('equipment.sessions_none')} />
  return <ResourcePage resource={resource} />
}
