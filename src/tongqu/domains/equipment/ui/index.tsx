import { ApiOutlined } from '@ant-design/icons'
import type { Page } from '@web/page'
import { lazy } from 'react'

/** Terminals, their sessions, the commands sent to them, and the bytes they sent. */
export const page: Page = {
  id: 'equipment',
  field: 'production',
  order: 40,
  icon: ApiOutlined,
  title: 'equipment.name',
  entries: [
    { id: 'terminals', title: 'equipment.terminals', resource: 'equipment.terminals' },
    { id: 'sessions', title: 'equipment.sessions', component: lazy(() => import('./Sessions')) },
    { id: 'commands', title: 'equipment.commands', component: lazy(() => import('./Commands')) },
  ],
  details: { terminal: lazy(() => import('./TerminalDetail')) },
  actions: [
    {
      id: 'command',
      title: 'equipment.command',
      permission: 'equipment.command',
      applies: (mover) => mover.terminal !== null,
      component: lazy(() => import('./CommandPanel')),
    },
  ],
  frame: lazy(() => import('./FrameExplainer')),
}
