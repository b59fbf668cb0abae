/** The platform is starting, or does not answer: what is known, and the page goes on by itself. */
import { useEffect, type JSX } from 'react'
import { client } from '../api/queries'
import type { Health } from '../api/types'
import { Failure } from '../parts/states'
import { t } from '../text/catalogue'
import { Badge } from './Badge'

export function Starting({ health, error, badge }: { health?: Health; error: unknown; badge: string }): JSX.Element {
  useEffect(() => {
    const timer = setInterval(() => void client.invalidateQueries({ predicate: (query) => ['health', 'session', 'meta'].includes(String(query.queryKey[0])) }), 2000)
    return () => clearInterval(timer)
  }, [])
  return (
    <main className="tq-alone">
      <Badge text={badge} />
      <h1>{t('frame.name')}</h1>
      {health ? (
        <>
          <p role="status">{t('frame.starting')}</p>
          <ul className="tq-checks">
            {Object.entries(health.checks ?? {}).map(([name, value]) => (
              <li key={name}>
                <span>{name}</span>
                <span>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</span>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <Failure error={error} again={() => void client.invalidateQueries()} />
      )}
    </main>
  )
}
