import { Drawer } from 'antd'
import type { JSX } from 'react'
import { JobList } from '../parts/JobList'
import { t } from '../text/catalogue'

/** Long work from any page: how far it is, and how to stop it. */
export default function JobsDrawer({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Drawer open onClose={onClose} title={t('jobs.title')} size={400}>
      <JobList />
    </Drawer>
  )
}
