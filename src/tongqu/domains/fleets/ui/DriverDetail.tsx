import type { JSX } from 'react'
import { RowDetail } from './RowDetail'

/** A driver as the registry shows them to this person: personal data are masked by the server. */
export default function DriverDetail({ urn }: { urn: string }): JSX.Element {
  return <RowDetail urn={urn} resource="fleets.drivers" page="/fleets/drivers" />
}
