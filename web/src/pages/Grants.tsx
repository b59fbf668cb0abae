import type { JSX } from 'react'
import { useResource } from '../api/queries'
import ResourcePage from '../lists/ResourcePage'
import { Empty } from '../parts/states'
import { t } from '../text/catalogue'

/** Who holds which role over what. */
export default function Grants(): JSX.Element {
  const resource = useResource('identity.grants')
  return resource ? <ResourcePage resource={resource} removable={t('people.end')} /> : <Empty title={t('error.forbidden')} />
}
