import { CarOutlined } from '@ant-design/icons'
import type { Page } from '@web/page'
import { lazy } from 'react'

/** The registry of road transport: enterprises, vehicles, drivers. */
export const page: Page = {
  id: 'fleets',
  field: 'production',
  order: 30,
  icon: CarOutlined,
  title: 'fleets.name',
  entries: [
    { id: 'vehicles', title: 'fleets.vehicles', resource: 'fleets.vehicles' },
    { id: 'enterprises', title: 'fleets.enterprises', resource: 'fleets.enterprises' },
    { id: 'drivers', title: 'fleets.drivers', resource: 'fleets.drivers' },
  ],
  details: {
    vehicle: lazy(() => import('./VehicleDetail')),
    enterprise: lazy(() => import('./EnterpriseDetail')),
    driver: lazy(() => import('./DriverDetail')),
  },
}
