import { NodeIndexOutlined } from '@ant-design/icons'
import type { Page } from '@web/page'
import { lazy } from 'react'
import { KINDS } from './kinds'

const FacilityDetail = lazy(() => import('./FacilityDetail'))

/** The road network: routes with stakes, what stands along them, and where it all came from. */
export const page: Page = {
  id: 'roads',
  field: 'infrastructure',
  order: 20,
  icon: NodeIndexOutlined,
  title: 'roads.name',
  entries: [
    { id: 'routes', title: 'roads.routes', resource: 'roads.routes' },
    { id: 'stakes', title: 'roads.stakes', permission: 'roads.read', component: lazy(() => import('./StakeTool')) },
    { id: 'facilities', title: 'roads.facilities', resource: 'roads.facilities' },
    { id: 'sources', title: 'roads.sources', resource: 'roads.sources' },
  ],
  details: {
    route: lazy(() => import('./RouteDetail')),
    stake: lazy(() => import('./StakeDetail')),
    ...Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, FacilityDetail])),
  },
}
