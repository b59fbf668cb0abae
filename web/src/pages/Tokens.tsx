/** Tokens for programs: the secret of a new one is shown once. */
import { useState, type JSX } from 'react'
import { useResource } from '../api/queries'
import ResourcePage from '../lists/ResourcePage'
import { Empty } from '../parts/states'
import { t } from '../text/catalogue'

export default function Tokens(): JSX.Element {
  const resource = useResource('identity.tokens')
  const [secret, setSecret] = useState<string | null>(null)
  if (!resource) return <Empty title={t('error.forbidden')} />
  return (
    <>
      {secret && (
        <p className="tq-note tq-secret">
          {t('tokens.secret')} <code>{secret}</code>
        </p>
      )}
      <ResourcePage resource={resource} removable={t('tokens.revoke')} onSaved={(made) => setSecret(typeof made.token === 'string' ? made.token : null)} />
    </>
  )
}
