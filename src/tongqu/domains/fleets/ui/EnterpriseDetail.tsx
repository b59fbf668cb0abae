import { Link, t } from '@web/kit'
import type { JSX } from 'react'
import { RowDetail } from './RowDetail'

/** An enterprise, and the way to its vehicles and drivers. */
export default function EnterpriseDetail({ urn }: { urn: string }): JSX.Element {
  return (
    <RowDetail urn={urn} resource="fleets.enterprises" page="/fleets/enterprises">
      {(row) => (
        <p className="tq-row">
          <Link to="/fleets/vehicles" patch={{ 'f.enterprise': String(row.id) }}>
            {t('fleets.its_vehicles')}
          </Link>
          <Link to="/fleets/drivers" patch={{ 'f.enterprise': String(row.id) }}>
            {t('fleets.its_drivers')}
          </Link>
        </p>
      )}
    </RowDetail>
  )
}
