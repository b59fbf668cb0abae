import type { JSX } from 'react'
import { RowDetail } from './RowDetail'

/** What the registry knows of a vehicle, below what the map knows of it. */
export default function VehicleDetail({ urn }: { urn: string }): JSX.Element {
  return <RowDetail urn={urn} resource="fleets.vehicles" page="/fleets/vehicles" />
}
