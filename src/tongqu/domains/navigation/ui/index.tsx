import { CompassOutlined } from '@ant-design/icons'
import type { Page } from '@web/page'
import { lazy } from 'react'

/** Ships by AIS: who they are, where they go, what they said last, and the receivers that hear them. */
export const page: Page = {
  id: 'navigation',
  field: 'services',
  order: 60,
  icon: CompassOutlined,
  title: 'navigation.name',
  entries: [
    { id: 'ships', title: 'navigation.ships', resource: 'navigation.ships' },
    { id: 'stations', title: 'navigation.stations', resource: 'navigation.stations' },
    { id: 'receivers', title: 'navigation.receivers', component: lazy(() => import('./Receivers')) },
  ],
  details: { ship: lazy(() => import('./ShipDetail')) },
  frame: lazy(() => import('./FrameExplainer')),
}
